import type { HostName } from '../../../model/host/host';
import type { PairResult, ProbeHost, VerificationReport } from '../../../model/report/matrix';
import { summarise } from '../../../model/report/matrix';
import { PairIndex, pairKey } from '../../../model/report/pairIndex';
import type { VerifyEvent } from '../../../verify/verification';
import type { PairEnds, PanelExtras, PanelHeader, PanelState, ToPage } from '../../../webview/protocol';

/**
 * What the extension knows of one panel. Immutable; pairs are kept by source, so that one more result copies one row
 * and not the whole matrix.
 */
export interface PanelModel {
  readonly header: PanelHeader;
  readonly phase: PanelState['phase'];
  readonly stage: string;
  readonly startedAt?: number;
  readonly hosts: readonly ProbeHost[];
  readonly results: ReadonlyMap<HostName, ReadonlyMap<HostName, PairResult>>;
  readonly running: readonly HostName[];
  readonly report?: VerificationReport;
  /** The next run is about these pairs only: the results of all others stay. */
  readonly again?: readonly PairEnds[];
}

/** A panel before its first verification, or with the report of an earlier one. */
export function openPanel(header: PanelHeader, report?: VerificationReport): PanelModel {
  const blank: PanelModel = { header, phase: 'idle', stage: '', hosts: [], results: new Map(), running: [] };
  return report ? finish(blank, report) : blank;
}

/** What a verification's event makes of the panel. */
export function applyEvent(model: PanelModel, event: VerifyEvent, now: number): PanelModel {
  switch (event.kind) {
    case 'started':
      return {
        header: model.header,
        phase: 'running',
        stage: '',
        startedAt: now,
        hosts: model.again && model.report ? model.report.hosts : event.hosts.map((host) => ({ host })),
        results: new Map(),
        running: [],
        ...(model.again && model.report && { results: resultsBut(model.report.pairs, model.again) }),
      };
    case 'stage':
      // Once the pings are over no source is under way any more, also one that reported nothing.
      return {
        ...model,
        stage: event.words,
        running: event.stage === 'diagnosis' || event.stage === 'cleanUp' ? [] : model.running,
      };
    case 'host':
      return { ...model, hosts: withHost(model.hosts, event.host) };
    case 'sourceStarted':
      return model.running.includes(event.from) ? model : { ...model, running: [...model.running, event.from] };
    case 'pair':
      return { ...model, results: withPair(model.results, event.pair) };
    case 'finished':
      return finish(model, event.report);
  }
}

/** A person asked to stop; the verification goes on to its clean-up. */
export function cancelling(model: PanelModel): PanelModel {
  return model.phase === 'running' ? { ...model, phase: 'cancelling' } : model;
}

/** Why a verification did not come to a report of its own, in the words of the error catalogue. */
export type PanelFailure = NonNullable<VerificationReport['error']>;

/** A verification that could not even start (too few hosts ...), shown like one that failed as a whole. */
export function failPanel(model: PanelModel, error: PanelFailure, now: number): PanelModel {
  const { header, hosts } = model;
  const startedAt = model.phase === 'idle' || model.phase === 'done' ? now : (model.startedAt ?? now);
  const pairs = pairsOf(model.results);
  return finish(model, {
    schema: 'docker-overlay/verification@1',
    id: '',
    startedAt: new Date(startedAt).toISOString(),
    durationMs: Math.max(0, now - startedAt),
    outcome: 'failed',
    error,
    clusterId: header.clusterId,
    network: {
      id: header.networkId,
      name: header.networkName,
      encrypted: header.encrypted,
      subnets: header.subnets,
    },
    hosts,
    pings: header.pings,
    pairs,
    summary: summarise(hosts.length, pairs),
    findings: [],
    cleanUp: { removed: 0, left: [] },
  });
}

/** The whole state for a page that has just loaded. */
export function panelStateOf(model: PanelModel, extras?: PanelExtras): PanelState {
  return {
    header: model.header,
    phase: model.phase,
    stage: model.stage,
    startedAt: model.startedAt,
    hosts: model.hosts,
    pairs: model.report ? [] : pairsOf(model.results),
    running: model.running,
    report: model.report,
    ...(extras && { extras }),
  };
}

/**
 * The messages that bring a page from before some events to after them: the results in one message, in the order of
 * their coming, the last of each pair only.
 */
export function patchesOf(before: PanelModel, after: PanelModel, events: readonly VerifyEvent[]): ToPage[] {
  // A new run or a report replaces everything that came before it in the same batch.
  if (events.some((event) => event.kind === 'started')) return [{ type: 'state', state: panelStateOf(after) }];
  if (after.report && after.report !== before.report) return [{ type: 'report', report: after.report }];
  const messages: ToPage[] = [];
  const pairs = new Map<string, PairResult>();
  let isStageNew = before.phase !== after.phase;
  for (const event of events) {
    if (event.kind === 'stage') {
      isStageNew = true;
    } else if (event.kind === 'host') messages.push({ type: 'host', host: event.host });
    else if (event.kind === 'sourceStarted') messages.push({ type: 'sourceStarted', from: event.from });
    else if (event.kind === 'pair') pairs.set(pairKey(event.pair), event.pair);
  }
  if (isStageNew) messages.push(stageOf(after));
  if (pairs.size > 0) messages.push({ type: 'pairs', pairs: [...pairs.values()] });
  return messages;
}

/** Where the verification stands, without its results. */
export function stageOf({ phase, stage, running }: PanelModel): ToPage {
  return { type: 'stage', phase, stage, running };
}

/** Whether the page may have this text put on the clipboard: only commands that a finding names. */
export function isCopyable(model: PanelModel, text: string): boolean {
  const findings = model.report?.findings ?? [];
  return findings.some((finding) => finding.remedy.commands.some((command) => command.command === text));
}

/** The pairs of a finding that can be checked again: those that the shown report has. */
export function pairsToCheck(model: PanelModel, pairs: readonly PairEnds[]): readonly PairEnds[] {
  const known = new PairIndex<PairEnds>(model.report?.pairs);
  return pairs.filter((pair) => known.has(pair));
}

function resultsBut(pairs: readonly PairResult[], again: readonly PairEnds[]): PanelModel['results'] {
  const left = new PairIndex(again);
  const results = new Map<HostName, Map<HostName, PairResult>>();
  for (const pair of pairs) {
    if (left.has(pair)) continue;
    results.set(pair.from, (results.get(pair.from) ?? new Map<HostName, PairResult>()).set(pair.to, pair));
  }
  return results;
}

function finish(model: PanelModel, report: VerificationReport): PanelModel {
  const startedAt = Date.parse(report.startedAt);
  return {
    // The network may have been verified with other options than the panel was opened with.
    header: { ...model.header, pings: report.pings },
    phase: 'done',
    stage: '',
    startedAt: Number.isNaN(startedAt) ? model.startedAt : startedAt,
    hosts: report.hosts,
    results: new Map(),
    running: [],
    report,
  };
}

function withHost(hosts: readonly ProbeHost[], host: ProbeHost): readonly ProbeHost[] {
  const position = hosts.findIndex((each) => each.host === host.host);
  return position < 0 ? [...hosts, host] : hosts.with(position, host);
}

function withPair(results: PanelModel['results'], pair: PairResult): PanelModel['results'] {
  return new Map(results).set(pair.from, new Map(results.get(pair.from)).set(pair.to, pair));
}

function pairsOf(results: PanelModel['results']): readonly PairResult[] {
  return [...results.values()].flatMap((row) => [...row.values()]);
}
