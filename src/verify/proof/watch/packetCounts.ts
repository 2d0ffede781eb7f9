import { isIPv6 } from 'node:net';
import type { HostName } from '../../../model/host/host';
import type { PairEnds } from '../../../model/report/pairIndex';
import type { Association } from './associations';
import type { CapturedPacket } from './capture';
import { espLengths, type SizedPair } from '../packetSizes';

/** What was seen at one host while the test containers exchanged packets. */
export interface HostWatch {
  readonly host: HostName;
  /** How it was looked at: a helper container, or programs of the host over SSH. */
  readonly by: 'helper' | 'ssh';
  /** Of its interfaces. */
  readonly addresses: readonly string[];
  readonly packets: readonly CapturedPacket[];
  /** Absent where the kernel did not tell them. */
  readonly associations?: readonly Association[];
  /** Absent where the kernel does not tell. */
  readonly kernelHasEsp?: boolean;
  /** Not all packets were seen: the kernel dropped some, or the capture was full, or ended, before it was told to. */
  readonly isPartial: boolean;
}

/** Packets that left the one end, and that reached the other; undefined where nobody could look. */
export interface Ends {
  readonly sent?: number;
  readonly arrived?: number;
}

/** Packets of one ordered pair by what carried them. */
export interface PairCounts {
  readonly esp: { readonly request: Ends; readonly reply: Ends };
  readonly clear: { readonly request: Ends; readonly reply: Ends };
  /** Every packet of the network that went from the one to the other in the clear, whoever sent it. */
  readonly allClear: Ends;
  readonly associations: { readonly outbound?: boolean; readonly inbound?: boolean };
  readonly keyAgeSeconds?: number;
}

export interface CounterInput {
  readonly watches: readonly HostWatch[];
  /** Address of each host's test container. */
  readonly probes: ReadonlyMap<HostName, string>;
  /** Addresses of hosts that nobody could look at, as far as the swarm tells. */
  readonly advertised: ReadonlyMap<HostName, string>;
}

/** Attributes what was seen to ordered pairs. */
export class PacketCounter {
  private readonly owners = new Map<string, HostName | undefined>();
  private readonly watches: ReadonlyMap<HostName, HostWatch>;

  constructor(private readonly input: CounterInput) {
    this.watches = new Map(input.watches.map((watch) => [watch.host, watch]));
    for (const watch of input.watches) for (const address of watch.addresses) this.claim(address, watch.host);
    for (const [host, address] of input.advertised) if (!this.watches.has(host)) this.claim(address, host);
  }

  counts(pair: SizedPair): PairCounts {
    const { from, to } = pair;
    const back = { from: to, to: from };
    const associations = { ...this.keyAt('outbound', from, pair), ...this.keyAt('inbound', to, pair) };
    const age = this.keyAge(pair);
    return {
      esp: {
        request: this.ends(pair, (packet, at) => this.isEsp(packet, at, pair, pair.payload)),
        reply: this.ends(back, (packet, at) => this.isEsp(packet, at, back, pair.payload)),
      },
      clear: {
        request: this.ends(pair, (packet) => this.isEcho(packet, 'request', pair)),
        reply: this.ends(back, (packet) => this.isEcho(packet, 'reply', back)),
      },
      allClear: this.ends(pair, (packet, at) => packet.kind === 'clear' && this.isClear(packet, at, pair)),
      associations,
      ...(age !== undefined && { keyAgeSeconds: age }),
    };
  }

  private ends({ from, to }: PairEnds, isMeant: (packet: CapturedPacket, at: HostName) => boolean): Ends {
    const countAt = (host: HostName) =>
      this.watches.get(host)?.packets.reduce((sum, packet) => sum + Number(isMeant(packet, host)), 0);
    const [sent, arrived] = [countAt(from), countAt(to)];
    return { ...(sent !== undefined && { sent }), ...(arrived !== undefined && { arrived }) };
  }

  private isEsp(packet: CapturedPacket, at: HostName, pair: PairEnds, payload: number): boolean {
    if (packet.kind !== 'esp' || !this.fits(packet, at, pair)) return false;
    const inner = this.input.probes.get(pair.to) ?? '';
    return espLengths(payload, isIPv6(inner) ? 6 : 4).includes(packet.length);
  }

  /** Addresses of test containers are nobody else's in this network. */
  private isEcho(packet: CapturedPacket, kind: 'request' | 'reply', pair: PairEnds): boolean {
    if (packet.kind !== 'clear' || packet.echo?.kind !== kind) return false;
    return (
      packet.echo.source === this.input.probes.get(pair.from) &&
      packet.echo.destination === this.input.probes.get(pair.to)
    );
  }

  private isClear(packet: CapturedPacket, at: HostName, pair: PairEnds): boolean {
    if (this.isEcho(packet, 'request', pair) || this.isEcho(packet, 'reply', pair)) return true;
    return (
      this.fits(packet, at, pair) &&
      this.owner(packet.source) === pair.from &&
      this.owner(packet.destination) === pair.to
    );
  }

  /**
   * Whether the outer addresses fit the pair as seen at one of its ends: the own address must, the other one may be
   * unknown, because addresses are translated on the way or differ from those that the swarm tells.
   */
  private fits(packet: CapturedPacket, at: HostName, { from, to }: PairEnds): boolean {
    const isOwn = (address: string) => this.watches.get(at)?.addresses.includes(address) ?? false;
    const isOfOrUnknown = (address: string, host: HostName) => [host, undefined].includes(this.owner(address));
    return at === from
      ? isOwn(packet.source) && isOfOrUnknown(packet.destination, to)
      : isOwn(packet.destination) && isOfOrUnknown(packet.source, from);
  }

  private keyAt(direction: 'outbound' | 'inbound', host: HostName, pair: SizedPair): PairCounts['associations'] {
    const watch = this.watches.get(host);
    return watch?.associations ? { [direction]: this.associationsOf(watch, pair).length > 0 } : {};
  }

  private associationsOf(watch: HostWatch, pair: SizedPair): readonly Association[] {
    return (watch.associations ?? []).filter((one) => this.fits({ kind: 'esp', length: 0, ...one }, watch.host, pair));
  }

  /** The sender encrypts with one key; the receiver also has the one before and the one to come. */
  private keyAge(pair: SizedPair): number | undefined {
    for (const host of [pair.from, pair.to]) {
      const watch = this.watches.get(host);
      const ages = watch ? this.associationsOf(watch, pair).flatMap((one) => one.ageSeconds ?? []) : [];
      if (ages.length > 0) return Math.min(...ages);
    }
    return undefined;
  }

  /** Some addresses are on every host (docker0, docker_gwbridge): they name none. */
  private claim(address: string, host: HostName): void {
    const isFree = !this.owners.has(address) || this.owners.get(address) === host;
    this.owners.set(address, isFree ? host : undefined);
  }

  private owner(address: string): HostName | undefined {
    return this.owners.get(address);
  }
}
