import type { LabMachine } from '../lab/lab';

/** Packets between two hosts, counted on the switch between them. */
export interface Counted {
  /** ESP, IP protocol 50: the data of encrypted networks. */
  esp: number;
  /** VXLAN that anybody on the way can read. */
  plain: number;
}

export interface Capture {
  /** What was seen until now, by sender and receiver: `10.77.1.11>10.77.1.12`. */
  stop(): Promise<ReadonlyMap<string, Counted>>;
}

/** Listens on the switch, which every packet between the hosts passes. */
export async function capture(sw: LabMachine): Promise<Capture> {
  const filter = 'ip proto 50 or udp port 4789';
  const child = sw.spawn(['tcpdump', '-i', 'br0', '-nn', '-l', '--immediate-mode', filter]);
  const counts = new Map<string, Counted>();
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) count(line, counts);
  });
  let said = '';
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`tcpdump ended: ${said}`)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('listening on')) resolve();
    });
  });
  return {
    async stop() {
      child.kill('SIGTERM');
      await ended;
      return counts;
    },
  };
}

/** `12:00:00.1 IP 10.77.1.11 > 10.77.1.12: ESP(spi=...` or `... IP 10.77.1.11.40000 > 10.77.1.12.4789: VXLAN, ...` */
function count(line: string, counts: Map<string, Counted>): void {
  const found = /^\S+ IP (\d+\.\d+\.\d+\.\d+)\S* > (\d+\.\d+\.\d+\.\d+)\S* (ESP|VXLAN)/.exec(line);
  if (!found) return;
  const [, from, to, kind] = found;
  const key = `${from}>${to}`;
  const counted = counts.get(key) ?? { esp: 0, plain: 0 };
  counted[kind === 'ESP' ? 'esp' : 'plain'] += 1;
  counts.set(key, counted);
}
