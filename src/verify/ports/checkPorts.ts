import { describeError } from '../../base/errors';
import { throwIfAborted } from '../../base/time';
import type { HostName } from '../../model/host/host';
import type { PortCheck, Traffic } from '../../model/network/underlay';
import { isOwnRefusal, judgeAnswer, passageOf, type Passage } from './evidence';
import { withLookouts, type Lookout } from './lookouts';
import { lookAround, readSight, sendProbes, targetsAtOnce, type ProbeResult, type Sight } from './post';
import { gossipPort, hasListener, managerPort, trafficTo } from './request';
import type { PortHost, PortOptions, PortReport, PortRequest } from './request';
import { triesOf, wayTo, type Station, type Try, type Way } from './ways';

/**
 * Tries the traffic of a swarm between hosts, each ordered pair, from one helper container a host on its own network.
 *
 * What is known, and from what: an open TCP connection, by itself; a refusal (TCP reset, ICMP) or silence, together with
 * the connection tracking of both ends, which lists a flow once its first packet has passed the whole firewall. So a free
 * host needs no listener (one would stand in the way of an engine that is just joining), the port that the kernel's VXLAN
 * or the engine holds can be tried all the same, and it is known which end stops a packet. Where connection tracking is
 * off or cannot be read, UDP without answer stays `noAnswer`. IP protocol 50 takes raw sockets that busybox has not.
 *
 * A host that fails is rows of `notTried`, never an exception.
 *
 * @throws OverlayError `cancelled`, with nothing left behind.
 */
export function checkPorts(request: PortRequest, options: PortOptions): Promise<PortReport> {
  options.onWords?.(`Starting helper containers on ${request.hosts.length} hosts`);
  return withLookouts(request, options, (lookouts) => new Check(request, options).run(lookouts));
}

class Check {
  private readonly checks: PortCheck[] = [];
  private readonly stations = new Map<HostName, Station>();
  private readonly problems = new Map<HostName, string>();
  private readonly addresses = new Map<HostName, string>();
  /** TCP refusals that senders heard, by receiver. */
  private readonly refusals = new Map<HostName, number>();
  private readonly ports: readonly number[];

  constructor(
    private readonly request: PortRequest,
    private readonly options: PortOptions,
  ) {
    this.ports = [managerPort, gossipPort, request.dataPathPort];
    for (const { host, address } of request.hosts) if (address) this.addresses.set(host, address);
  }

  async run(lookouts: readonly Lookout[]): Promise<PortReport> {
    await Promise.all(lookouts.map((lookout) => this.prepare(lookout)));
    throwIfAborted(this.options.signal);
    const ways = this.request.hosts.map((from) => this.waysFrom(from));
    const count = ways.reduce((sum, list) => sum + list.length, 0);
    this.options.onWords?.(`Trying the ports of ${count} ways`);
    for (let done = 0; ways.some((list) => list.length > done); done += targetsAtOnce) {
      await this.wave(ways.map((list) => list.slice(done, done + targetsAtOnce)));
    }
    return { checks: this.checks, addresses: this.addresses, at: Date.now() };
  }

  private async prepare(lookout: Lookout): Promise<void> {
    const { target } = lookout;
    if (!('helper' in lookout)) {
      this.problems.set(target.host, lookout.problem);
      return;
    }
    try {
      const look = await lookAround(lookout.helper, this.ports);
      const address = target.address ?? look.addresses[0];
      if (address) this.addresses.set(target.host, address);
      this.stations.set(target.host, { target, helper: lookout.helper, look, ...(address && { address }) });
    } catch (error) {
      this.problems.set(target.host, describeError(error).happened);
    }
  }

  /** Each sender begins with another target, so that not all of them try the same one first. */
  private waysFrom(from: PortHost): Way[] {
    const { hosts, isWanted = () => true } = this.request;
    const start = hosts.indexOf(from);
    const others = [...hosts.slice(start + 1), ...hosts.slice(0, start)].filter((to) => isWanted(from.host, to.host));
    const station = this.stations.get(from.host);
    return others.flatMap((to, index) => {
      const toAddress = this.addresses.get(to.host);
      const why = this.obstacle(from, station, to, toAddress);
      if (why === undefined && station && toAddress) return [wayTo(station, to, toAddress, index, this.request)];
      for (const traffic of trafficTo(to, this.request))
        this.tell(from, to, traffic, { outcome: 'notTried', message: why });
      return [];
    });
  }

  private obstacle(from: PortHost, station: Station | undefined, to: PortHost, toAddress?: string): string | undefined {
    if (!station) return this.problems.get(from.host) ?? `${from.host} could not be looked at.`;
    const { missing } = station.look;
    if (missing.length > 0) return `The image ${this.request.image} has no ${missing.join(', ')}.`;
    return toAddress === undefined ? `No address of ${to.host} is known.` : undefined;
  }

  /** Sends, and then reads what both ends have seen. */
  private async wave(ways: readonly (readonly Way[])[]): Promise<void> {
    const sent = await Promise.all(ways.map((list) => this.send(list)));
    const sights = new Map(await Promise.all([...this.stations.values()].map((station) => this.sightOf(station))));
    throwIfAborted(this.options.signal);
    const tries = ways.flatMap((list, index) => list.flatMap((way) => triesOf(way, sent[index] ?? {})));
    for (const one of tries) this.distrust(one, sights);
    for (const { way, probe, answer } of tries) {
      if (probe.kind !== 'tcp' || answer.kind !== 'refused') continue;
      this.refusals.set(way.to.host, (this.refusals.get(way.to.host) ?? 0) + 1);
    }
    for (const one of tries) this.report(one, sights);
    if (this.request.encrypted) for (const way of ways.flat()) this.tellEsp(way);
  }

  private async sightOf({ target, helper, look }: Station): Promise<readonly [HostName, Sight]> {
    const onProblem = (words: string) => this.options.logger.debug(`${target.host}: not looked at: ${words}`);
    return [target.host, await readSight(helper, look, this.ports, onProblem)];
  }

  private async send(ways: readonly Way[]): Promise<{ answers?: Map<number, ProbeResult>; problem?: string }> {
    const [first] = ways;
    if (!first) return {};
    try {
      const pairs = ways.map((way) => [way.echo, ...way.probes.map(({ probe }) => probe)]);
      return { answers: await sendProbes(first.from.helper, pairs) };
    } catch (error) {
      throwIfAborted(this.options.signal);
      return { problem: describeError(error).happened };
    }
  }

  /** A connection that stands without being listed: that tracking leaves out what we look for, so it tells nothing. */
  private distrust(one: Try, sights: Map<HostName, Sight>): void {
    if (one.answer.kind !== 'connected') return;
    const passage = this.tracked(one, sights);
    const forget = (host: HostName) => {
      const { resets, listening } = sights.get(host) ?? {};
      sights.set(host, { ...(resets !== undefined && { resets }), ...(listening && { listening }) });
    };
    if (passage.left === false) forget(one.way.from.target.host);
    if (passage.letIn === false) forget(one.way.to.host);
  }

  private report(one: Try, sights: ReadonlyMap<HostName, Sight>): void {
    const { way, probe, traffic, answer, ms } = one;
    const { from, to } = { from: way.from.target, to: way.to };
    const listens = hasListener(to, traffic);
    const pair = { from: from.host, to: to.host, protocol: probe.kind, listens };
    const verdict = judgeAnswer(pair, answer, this.passageOf(one, sights));
    const wasAnswered = answer.kind === 'connected' || answer.kind === 'refused';
    const more = { ...(listens && { listens }), ...(wasAnswered && ms !== undefined && { ms }) };
    this.tell(from, to, traffic, { ...verdict, ...more });
  }

  /** The tracking forgets a TCP flow that is reset at once: there the resets themselves are counted. */
  private passageOf(one: Try, sights: ReadonlyMap<HostName, Sight>): Passage {
    const { host } = one.way.to;
    if (one.answer.kind === 'refused' && hasListener(one.way.to, one.traffic)) {
      const isListening = sights.get(host)?.listening?.has(`${one.probe.kind} ${one.probe.port}`);
      const seen = one.probe.kind === 'udp' ? this.tracked(one, sights) : {};
      return { ...seen, ...(isListening !== undefined && { isListening }) };
    }
    if (one.probe.kind === 'udp' || one.answer.kind !== 'refused') return this.tracked(one, sights);
    const letIn = isOwnRefusal(this.refusals.get(host) ?? 0, sights.get(host)?.resets);
    return letIn === undefined ? {} : { letIn };
  }

  private tracked({ way, probe }: Try, sights: ReadonlyMap<HostName, Sight>): Passage {
    return passageOf({
      protocol: probe.kind,
      port: probe.port,
      fromAddress: way.from.address ?? '',
      toAddress: way.toAddress,
      sender: sights.get(way.from.target.host)?.flows,
      receiver: sights.get(way.to.host)?.flows,
      known: [...this.addresses.values()],
    });
  }

  private tellEsp({ from, to }: Way): void {
    const message = 'A helper container cannot send it. "Prove Encryption" of the network shows whether it passes.';
    this.tell(from.target, to, { protocol: 'esp' }, { outcome: 'notTried', message });
  }

  private tell(from: PortHost, to: PortHost, traffic: Traffic, more: Omit<PortCheck, 'from' | 'to' | 'traffic'>): void {
    const check = { from: from.host, to: to.host, traffic, ...more };
    this.checks.push(check);
    this.options.onCheck?.(check);
  }
}
