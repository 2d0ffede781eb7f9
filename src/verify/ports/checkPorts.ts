import { describeError } from '../../base/errors';
import { throwIfAborted } from '../../base/time';
import type { HostName } from '../../model/host/host';
import type { PortCheck, Traffic } from '../../model/network/underlay';
import { isOwnRefusal, judgeAnswer, firewallEvidence, type FirewallEvidence } from './judgeAnswer';
import { withHelpers, type HelperOnHost } from './helperContainers';
import { inspectHost, observe, runAttempts, targetsAtOnce, type AttemptOutput, type Observation } from './hostScripts';
import { gossipPort, hasListener, managerPort, trafficTo } from './request';
import type { PortHost, PortOptions, PortReport, PortRequest } from './request';
import { resultsOf, pathTo, type Sender, type AttemptResult, type Path } from './paths';

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
  return withHelpers(request, options, (helpers) => new Check(request, options).run(helpers));
}

class Check {
  private readonly checks: PortCheck[] = [];
  private readonly senders = new Map<HostName, Sender>();
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

  async run(helpers: readonly HelperOnHost[]): Promise<PortReport> {
    await Promise.all(helpers.map((one) => this.prepareSender(one)));
    throwIfAborted(this.options.signal);
    const paths = this.request.hosts.map((from) => this.pathsFrom(from));
    const count = paths.reduce((sum, list) => sum + list.length, 0);
    this.options.onWords?.(`Trying the ports of ${count} ways`);
    for (let done = 0; paths.some((list) => list.length > done); done += targetsAtOnce) {
      await this.runRound(paths.map((list) => list.slice(done, done + targetsAtOnce)));
    }
    return { checks: this.checks, addresses: this.addresses, at: Date.now() };
  }

  private async prepareSender(one: HelperOnHost): Promise<void> {
    const { target } = one;
    if (!('helper' in one)) {
      this.problems.set(target.host, one.problem);
      return;
    }
    try {
      const before = await inspectHost(one.helper, this.ports);
      const address = target.address ?? before.addresses[0];
      if (address) this.addresses.set(target.host, address);
      this.senders.set(target.host, { target, helper: one.helper, before, ...(address && { address }) });
    } catch (error) {
      this.problems.set(target.host, describeError(error).happened);
    }
  }

  /** Each sender begins with another target, so that not all of them try the same one first. */
  private pathsFrom(from: PortHost): Path[] {
    const { hosts, isWanted = () => true } = this.request;
    const start = hosts.indexOf(from);
    const others = [...hosts.slice(start + 1), ...hosts.slice(0, start)].filter((to) => isWanted(from.host, to.host));
    const sender = this.senders.get(from.host);
    return others.flatMap((to, index) => {
      const toAddress = this.addresses.get(to.host);
      const why = this.obstacle(from, sender, to, toAddress);
      if (why === undefined && sender && toAddress) return [pathTo(sender, to, toAddress, index, this.request)];
      for (const traffic of trafficTo(to, this.request))
        this.tell(from, to, traffic, { outcome: 'notTried', message: why });
      return [];
    });
  }

  private obstacle(from: PortHost, sender: Sender | undefined, to: PortHost, toAddress?: string): string | undefined {
    if (!sender) return this.problems.get(from.host) ?? `${from.host} could not be looked at.`;
    const { missing } = sender.before;
    if (missing.length > 0) return `The image ${this.request.image} has no ${missing.join(', ')}.`;
    return toAddress === undefined ? `No address of ${to.host} is known.` : undefined;
  }

  /** Sends, and then reads what both ends have seen. */
  private async runRound(paths: readonly (readonly Path[])[]): Promise<void> {
    const sent = await Promise.all(paths.map((list) => this.send(list)));
    const observations = new Map(await Promise.all([...this.senders.values()].map((sender) => this.observe(sender))));
    throwIfAborted(this.options.signal);
    const results = paths.flatMap((list, index) => list.flatMap((path) => resultsOf(path, sent[index] ?? {})));
    for (const one of results) this.distrust(one, observations);
    for (const { path, attempt, answer } of results) {
      if (attempt.kind !== 'tcp' || answer.kind !== 'refused') continue;
      this.refusals.set(path.to.host, (this.refusals.get(path.to.host) ?? 0) + 1);
    }
    for (const one of results) this.report(one, observations);
    if (this.request.encrypted) for (const path of paths.flat()) this.tellEsp(path);
  }

  private async observe({ target, helper, before }: Sender): Promise<readonly [HostName, Observation]> {
    const onProblem = (words: string) => this.options.logger.debug(`${target.host}: not looked at: ${words}`);
    return [target.host, await observe(helper, before, this.ports, onProblem)];
  }

  private async send(paths: readonly Path[]): Promise<{ answers?: Map<number, AttemptOutput>; problem?: string }> {
    const [first] = paths;
    if (!first) return {};
    try {
      const pairs = paths.map((path) => [path.echo, ...path.attempts.map(({ attempt }) => attempt)]);
      return { answers: await runAttempts(first.from.helper, pairs) };
    } catch (error) {
      throwIfAborted(this.options.signal);
      return { problem: describeError(error).happened };
    }
  }

  /** A connection that stands without being listed: that tracking leaves out what we look for, so it tells nothing. */
  private distrust(one: AttemptResult, observations: Map<HostName, Observation>): void {
    if (one.answer.kind !== 'connected') return;
    const tracked = this.tracked(one, observations);
    const forget = (host: HostName) => {
      const { resets, listening } = observations.get(host) ?? {};
      observations.set(host, { ...(resets !== undefined && { resets }), ...(listening && { listening }) });
    };
    if (tracked.left === false) forget(one.path.from.target.host);
    if (tracked.letIn === false) forget(one.path.to.host);
  }

  private report(one: AttemptResult, observations: ReadonlyMap<HostName, Observation>): void {
    const { path, attempt, traffic, answer, ms } = one;
    const { from, to } = { from: path.from.target, to: path.to };
    const listens = hasListener(to, traffic);
    const pair = { from: from.host, to: to.host, protocol: attempt.kind, listens };
    const verdict = judgeAnswer(pair, answer, this.evidenceOf(one, observations));
    const wasAnswered = answer.kind === 'connected' || answer.kind === 'refused';
    const more = { ...(listens && { listens }), ...(wasAnswered && ms !== undefined && { ms }) };
    this.tell(from, to, traffic, { ...verdict, ...more });
  }

  /** The tracking forgets a TCP flow that is reset at once: there the resets themselves are counted. */
  private evidenceOf(one: AttemptResult, observations: ReadonlyMap<HostName, Observation>): FirewallEvidence {
    const { host } = one.path.to;
    if (one.answer.kind === 'refused' && hasListener(one.path.to, one.traffic)) {
      const isListening = observations.get(host)?.listening?.has(`${one.attempt.kind} ${one.attempt.port}`);
      const seen = one.attempt.kind === 'udp' ? this.tracked(one, observations) : {};
      return { ...seen, ...(isListening !== undefined && { isListening }) };
    }
    if (one.attempt.kind === 'udp' || one.answer.kind !== 'refused') return this.tracked(one, observations);
    const letIn = isOwnRefusal(this.refusals.get(host) ?? 0, observations.get(host)?.resets);
    return letIn === undefined ? {} : { letIn };
  }

  private tracked(
    { path, attempt }: AttemptResult,
    observations: ReadonlyMap<HostName, Observation>,
  ): FirewallEvidence {
    return firewallEvidence({
      protocol: attempt.kind,
      port: attempt.port,
      fromAddress: path.from.address ?? '',
      toAddress: path.toAddress,
      sender: observations.get(path.from.target.host)?.flows,
      receiver: observations.get(path.to.host)?.flows,
      known: [...this.addresses.values()],
    });
  }

  private tellEsp({ from, to }: Path): void {
    const message = 'A helper container cannot send it. "Prove Encryption" of the network shows whether it passes.';
    this.tell(from.target, to, { protocol: 'esp' }, { outcome: 'notTried', message });
  }

  private tell(from: PortHost, to: PortHost, traffic: Traffic, more: Omit<PortCheck, 'from' | 'to' | 'traffic'>): void {
    const check = { from: from.host, to: to.host, traffic, ...more };
    this.checks.push(check);
    this.options.onCheck?.(check);
  }
}
