import { amount, commandText, flag, list, oneOf, optional, record, text, type Check } from '../base/check';
import { protocolVersion } from './protocol';
import type {
  FromPage,
  GroupKey,
  Grouping,
  HostPlaceLabels,
  KeptState,
  KeptView,
  PairEnds,
  PanelHeader,
  ToPage,
} from './protocol';

/*
 * What comes from the page is checked member by member: a page is the less trusted side, and what it kept may be of any
 * version. What goes to the page comes from its own extension alone (its policy lets nothing else in) and may be 90,000
 * records: there only the version counts.
 */

/** More hosts than any swarm the panel can draw; a bound on what one message may cost. */
const mostHosts = 1_000;
const mostPairs = mostHosts * mostHosts;

const pairEnds: Check<PairEnds> = record<PairEnds>({ from: text, to: text });

const header: Check<PanelHeader> = record<PanelHeader>({
  clusterId: text,
  clusterName: text,
  networkId: text,
  networkName: text,
  encrypted: flag,
  subnets: list(text, 1_000),
  pings: amount,
  places: optional(
    list(record<HostPlaceLabels>({ host: text, folder: optional(text), zone: optional(text) }), mostHosts),
  ),
});

type FromPageOf<T extends FromPage['type']> = Extract<FromPage, { type: T }>;

const fromPage: { readonly [T in FromPage['type']]: Check<FromPageOf<T>> } = {
  ready: record<FromPageOf<'ready'>>({ type: oneOf('ready') }),
  run: record<FromPageOf<'run'>>({ type: oneOf('run') }),
  cancel: record<FromPageOf<'cancel'>>({ type: oneOf('cancel') }),
  checkAgain: record<FromPageOf<'checkAgain'>>({ type: oneOf('checkAgain'), pairs: list(pairEnds, mostPairs) }),
  watch: record<FromPageOf<'watch'>>({ type: oneOf('watch') }),
  stopWatch: record<FromPageOf<'stopWatch'>>({ type: oneOf('stopWatch') }),
  compare: record<FromPageOf<'compare'>>({ type: oneOf('compare') }),
  history: record<FromPageOf<'history'>>({ type: oneOf('history'), from: text, to: text }),
  export: record<FromPageOf<'export'>>({ type: oneOf('export'), format: oneOf('json', 'markdown', 'junit') }),
  copy: record<FromPageOf<'copy'>>({ type: oneOf('copy'), text: commandText }),
};

const grouping: Check<Grouping> = oneOf('none', 'folder', 'zone');

const keptView: Check<KeptView> = record<KeptView>({
  grouping: optional(grouping),
  onlyProblems: optional(flag),
  collapsed: optional(list(record<GroupKey>({ grouping, name: text }), mostHosts)),
  search: optional(text),
  pinned: optional(pairEnds),
  comparing: optional(flag),
});

const keptState: Check<KeptState> = record<KeptState>({ header, view: optional(keptView) });

const versioned = record<{ version: number }>({ version: amount });

/** Whether the page may use a message as it is: it is from the extension that the page was built with. */
export function isToPage(value: unknown): value is ToPage {
  return versioned(value) && value.version === protocolVersion;
}

/** A message of the page as the extension may use it; undefined when it is none. */
export function decodeFromPage(value: unknown): FromPage | undefined {
  const checks: Readonly<Record<string, Check<FromPage>>> = fromPage;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'type')) return undefined;
  const { type } = value as { type: unknown };
  if (typeof type !== 'string' || !Object.hasOwn(checks, type)) return undefined;
  const candidate: unknown = value;
  return checks[type]?.(candidate) ? candidate : undefined;
}

/** What the page kept over a reload; undefined when it is not a state this version wrote. */
export function decodeKeptState(value: unknown): KeptState | undefined {
  return keptState(value) ? value : undefined;
}
