import { isRecord } from '../base/record';
import { OverlayError, toOverlayError } from '../base/errors';
import {
  sshTransports,
  type Endpoint,
  type HostConfig,
  type HostProblem,
  type SshTransportChoice,
  type TlsFiles,
} from '../model/host/host';
import { parseEndpoint, withTls } from './endpoint';

/**
 * Reads the setting `dockerOverlay.hosts`: a list of
 * `{name, endpoint, folder?, transport?, tls?: {ca?, cert?, key?, skipVerify?}}`. An entry that cannot be used becomes a problem
 * and the others work.
 */
export function parseHosts(raw: unknown): { hosts: HostConfig[]; problems: HostProblem[] } {
  if (raw === undefined || raw === null) return { hosts: [], problems: [] };
  if (!Array.isArray(raw)) return { hosts: [], problems: [problem(0, '', invalid('the setting is not a list'))] };
  const hosts: HostConfig[] = [];
  const problems: HostProblem[] = [];
  const taken = new Map<string, number>();
  raw.forEach((entry: unknown, index) => {
    const name = nameForShowing(entry, index);
    try {
      const host = parseEntry(entry);
      const first = taken.get(host.name.toLowerCase());
      if (first !== undefined) throw invalid(`the name is already used by entry ${first + 1}`);
      taken.set(host.name.toLowerCase(), index);
      hosts.push(host);
    } catch (error) {
      problems.push(problem(index, name, toOverlayError(error)));
    }
  });
  return { hosts, problems };
}

/** What is wrong with a name for a new host, or undefined. */
export function validateHostName(name: string, taken: Iterable<string>): string | undefined {
  const text = nameProblem(name);
  if (text !== undefined) return text;
  const lower = name.trim().toLowerCase();
  for (const other of taken) if (other.toLowerCase() === lower) return `the name "${other}" is already used`;
  return undefined;
}

function parseEntry(entry: unknown): HostConfig {
  if (!isRecord(entry)) throw invalid('it is not an object with "name" and "endpoint"');
  const { name, endpoint, folder } = entry;
  if (typeof name !== 'string') throw invalid('"name" is missing');
  const wrong = nameProblem(name);
  if (wrong !== undefined) throw invalid(wrong);
  if (typeof endpoint !== 'string') throw invalid('"endpoint" is missing');
  if (folder !== undefined && typeof folder !== 'string') throw invalid('"folder" is not a text');
  const group = folder?.trim();
  const transport = sshWay(entry['transport']);
  return {
    name: name.trim(),
    endpoint: applyTls(parseEndpoint(endpoint), endpoint, entry['tls']),
    endpointText: endpoint.trim(),
    ...(group ? { folder: group } : {}),
    ...(transport ? { transport } : {}),
  };
}

function sshWay(raw: unknown): SshTransportChoice | undefined {
  if (raw === undefined) return undefined;
  const known = sshTransports.find((way) => way === raw);
  if (known === undefined) throw invalid(`"transport" is none of ${sshTransports.join(', ')}`);
  return known;
}

function nameProblem(name: string): string | undefined {
  const trimmed = name.trim();
  if (trimmed === '') return 'the name is empty';
  if (trimmed.length > 100) return 'the name is longer than 100 characters';
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(trimmed)) return 'the name has characters that cannot be shown';
  return undefined;
}

function applyTls(endpoint: Endpoint, text: string, raw: unknown): Endpoint {
  if (raw === undefined || raw === false) return endpoint;
  if (endpoint.kind !== 'tcp') throw invalid('"tls" belongs to tcp:// endpoints only');
  return withTls(endpoint, text, tlsFiles(raw));
}

function tlsFiles(raw: unknown): TlsFiles {
  if (raw === true) return { skipVerify: false };
  if (!isRecord(raw)) throw invalid('"tls" is not an object with "ca", "cert", "key"');
  const files: { ca?: string; cert?: string; key?: string } = {};
  for (const part of ['ca', 'cert', 'key'] as const) {
    const path = raw[part];
    if (path === undefined) continue;
    if (typeof path !== 'string' || path.trim() === '') throw invalid(`"tls.${part}" is not the path of a file`);
    // A key in settings would be synchronised and shown: only its path may be there.
    if (path.includes('-----BEGIN')) throw invalid(`"tls.${part}" must be the path of a file, not its content`);
    files[part] = path.trim();
  }
  if ((files.cert === undefined) !== (files.key === undefined)) throw invalid('"tls.cert" and "tls.key" go together');
  const skipVerify = raw['skipVerify'] ?? false;
  if (typeof skipVerify !== 'boolean') throw invalid('"tls.skipVerify" is neither true nor false');
  return { ...files, skipVerify };
}

function nameForShowing(entry: unknown, index: number): string {
  const name = isRecord(entry) ? entry['name'] : undefined;
  const text = typeof name === 'string' ? name.trim().replace(/\p{C}/gu, ' ').slice(0, 100) : '';
  return text === '' ? `entry ${index + 1}` : text;
}

const problem = (index: number, name: string, error: OverlayError): HostProblem => ({
  index,
  name,
  error: name === '' ? error : error.with({ name }),
});

const invalid = (message: string): OverlayError => new OverlayError('hostConfigInvalid', { message });
