import type { Traffic } from '../../model/network/underlay';
import type { HelperContainer } from '../../probe/helperContainer';
import { parseEcho, parseTcp, parseUdp, type Answer } from './parse';
import type { HostLook, ProbeResult } from './post';
import { trafficTo, type PortHost, type PortRequest } from './request';
import type { Probe } from './script';

/** A host that is ready to send and to be looked at. */
export interface Station {
  readonly target: PortHost;
  readonly helper: HelperContainer;
  readonly look: HostLook;
  readonly address?: string;
}

type PortProbe = Probe & { readonly kind: 'tcp' | 'udp' };

/** All that one sender tries with one target. */
export interface Way {
  readonly from: Station;
  readonly to: PortHost;
  readonly toAddress: string;
  readonly echo: Probe;
  readonly probes: readonly { readonly probe: PortProbe; readonly traffic: Traffic }[];
}

/** One probe and what the sender heard. */
export interface Try {
  readonly way: Way;
  readonly probe: PortProbe;
  readonly traffic: Traffic;
  readonly answer: Answer;
  /** Round trip of the echo, ms. */
  readonly ms?: number;
}

/** @param index of the target among those of this sender */
export function wayTo(from: Station, to: PortHost, address: string, index: number, request: PortRequest): Way {
  const key = index * 8;
  const probes = trafficTo(to, request).flatMap((traffic, place) =>
    traffic.protocol === 'esp'
      ? []
      : [{ probe: { key: key + 1 + place, kind: traffic.protocol, address, port: traffic.port }, traffic }],
  );
  return { from, to, toAddress: address, echo: { key, kind: 'echo', address, port: 0 }, probes };
}

/** @param problem why there may be no answers */
export function triesOf(way: Way, sent: { answers?: ReadonlyMap<number, ProbeResult>; problem?: string }): Try[] {
  const { answers, problem = `The helper container on ${way.from.target.host} ended early.` } = sent;
  const ms = parseEcho(answers?.get(way.echo.key)?.output ?? '');
  return way.probes.map(({ probe, traffic }) => {
    const answer = answerOf(probe, answers?.get(probe.key)) ?? { kind: 'error', message: problem };
    return { way, probe, traffic, answer, ...(ms !== undefined && { ms }) };
  });
}

function answerOf(probe: PortProbe, result: ProbeResult | undefined): Answer | undefined {
  if (!result) return undefined;
  return probe.kind === 'tcp' ? parseTcp(result.code, result.output) : parseUdp(probe.address, result.output);
}
