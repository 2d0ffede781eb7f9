import { shellWord } from '../../../base/text/shellWord';
import type { NetworkCreateRequest } from '../../../engine/api';

/** The command of a terminal that does the same, quoted for a POSIX shell. Pure. */
export function dockerCommandLine(request: NetworkCreateRequest): string {
  const { subnets, labels = {}, options = {} } = request;
  const words = [
    ...['docker', 'network', 'create', '--driver', request.driver],
    ...(request.attachable ? ['--attachable'] : []),
    ...(request.internal ? ['--internal'] : []),
    ...(request.ingress ? ['--ingress'] : []),
    ...(request.ipv6 ? ['--ipv6'] : []),
    ...(request.encrypted ? ['--opt', 'encrypted'] : []),
    ...subnets.flatMap(({ subnet, gateway, ipRange }) => [
      ...['--subnet', subnet],
      ...(ipRange ? ['--ip-range', ipRange] : []),
      ...(gateway ? ['--gateway', gateway] : []),
    ]),
    ...Object.entries(options)
      // Its presence encrypts, whatever its value.
      .filter(([key]) => key !== 'encrypted')
      .flatMap(([key, value]) => ['--opt', `${key}=${value}`]),
    ...Object.entries(labels).flatMap(([key, value]) => ['--label', value === '' ? key : `${key}=${value}`]),
    request.name,
  ];
  return words.map(shellWord).join(' ');
}

/** A long command in lines of about so many characters, broken before its options. */
export function foldCommand(command: string, width = 70): string[] {
  const lines: string[] = [];
  for (const part of command.split(/ (?=--)/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length < width) lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(part);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line} \\` : line));
}
