/** A packet between hosts that concerns the proof. */
export type CapturedPacket =
  | {
      readonly kind: 'esp';
      readonly source: string;
      readonly destination: string;
      /** Without the IP header, bytes. */
      readonly length: number;
    }
  | {
      readonly kind: 'clear';
      readonly source: string;
      readonly destination: string;
      readonly vni: number;
      /** What it carries, when that is an echo request or answer. */
      readonly echo?: { readonly kind: 'request' | 'reply'; readonly source: string; readonly destination: string };
    };

/** What a line of tcpdump's output means for who watches. */
export type CaptureNews =
  | { readonly kind: 'listening' }
  /** Packets the kernel could not hand over in time. */
  | { readonly kind: 'dropped'; readonly packets: number }
  /** How many it took until its end. */
  | { readonly kind: 'captured'; readonly packets: number };

/** Copies of a packet seen on several interfaces (bridge, bond, VLAN) are told apart from new ones by what they say. */
const mostRemembered = 100_000;

/**
 * Reads tcpdump's lines (`-nn -tt -T vxlan`, with or without the interface that 4.99 writes first). A VXLAN packet comes as
 * two lines: the outer headers, then what is inside.
 */
export class CaptureReader {
  readonly packets: CapturedPacket[] = [];
  /** Lines that are no packets: tcpdump's messages. */
  readonly messages: string[] = [];
  private readonly known = new Set<string>();
  private outer: { readonly source: string; readonly destination: string; readonly vni: number } | undefined;

  push(line: string): CaptureNews | undefined {
    const match = /^\d+\.\d+ (?:\S+ +(?:In|Out|B|M|P) +)?IP6? (\S+) > (\S+): (.*)$/.exec(line);
    if (match) {
      this.flush('');
      this.takePacket(match[1] ?? '', match[2] ?? '', match[3] ?? '');
      return undefined;
    }
    if (this.outer) {
      this.flush(line);
      return undefined;
    }
    return this.takeMessage(line);
  }

  /** To be called once nothing more comes. */
  end(): void {
    this.flush('');
  }

  private takePacket(source: string, destination: string, rest: string): void {
    const esp = /^ESP\(spi=(0x[0-9a-f]+),seq=(0x[0-9a-f]+)\), length (\d+)/.exec(rest);
    if (esp) {
      const isNew = this.remember(`${source} ${destination} ${esp[1]} ${esp[2]}`);
      if (isNew) this.packets.push({ kind: 'esp', source, destination, length: Number(esp[3]) });
      return;
    }
    const vni = /^VXLAN, .*\bvni (\d+)/.exec(rest)?.[1];
    if (vni !== undefined)
      this.outer = { source: withoutPort(source), destination: withoutPort(destination), vni: Number(vni) };
  }

  /** The line after a VXLAN packet's outer one. */
  private flush(inner: string): void {
    const { outer } = this;
    if (!outer) return;
    this.outer = undefined;
    if (!this.remember(`${outer.source} ${outer.destination} ${outer.vni} ${inner}`)) return;
    const echo = /^IP6? (\S+) > (\S+): ICMP6?,? echo (request|reply)\b/.exec(inner);
    this.packets.push({
      kind: 'clear',
      ...outer,
      ...(echo && {
        echo: { kind: echo[3] as 'request' | 'reply', source: echo[1] ?? '', destination: echo[2] ?? '' },
      }),
    });
  }

  private takeMessage(line: string): CaptureNews | undefined {
    if (/^(tcpdump: )?listening on /.test(line)) return { kind: 'listening' };
    const dropped = /^(\d+) packets? dropped by kernel/.exec(line);
    if (dropped) return { kind: 'dropped', packets: Number(dropped[1]) };
    const captured = /^(\d+) packets? captured/.exec(line);
    if (captured) return { kind: 'captured', packets: Number(captured[1]) };
    if (this.messages.length < 20 && line.trim()) this.messages.push(line.trim().slice(0, 300));
    return undefined;
  }

  private remember(text: string): boolean {
    if (this.known.has(text)) return false;
    if (this.known.size < mostRemembered) this.known.add(text);
    return true;
  }
}

/** "10.0.0.1.4789" -> "10.0.0.1", "fd00::1.4789" -> "fd00::1" */
function withoutPort(text: string): string {
  return text.replace(/\.\d+$/, '');
}
