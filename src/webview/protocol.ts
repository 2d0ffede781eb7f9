import type { HostName } from '../model/host/host';
import type { PairResult, PairVerdict, ProbeHost, VerificationReport } from '../model/report/matrix';
import type { EarlierRun } from '../model/report/matrixChanges';
import type { PairEnds } from '../model/report/pairIndex';

/** What the matrix page knows of the network it shows. */
export interface PanelHeader {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly networkId: string;
  readonly networkName: string;
  readonly encrypted: boolean;
  readonly subnets: readonly string[];
  readonly pings: number;
  /** Where the hosts stand, for those of which something is known. */
  readonly places?: readonly HostPlaceLabels[];
}

/** What hosts can be grouped by. */
export interface HostPlaceLabels {
  readonly host: HostName;
  /** Folder of the host in the settings. */
  readonly folder?: string;
  /** Label of its node in the swarm. */
  readonly zone?: string;
}

/** A network that is verified again and again. */
export interface PanelWatch {
  readonly seconds: number;
  /** `resuming`: it was on before the window was reloaded, and goes on once the network's hosts are connected. */
  readonly phase: 'verifying' | 'waiting' | 'resuming';
  /** Verifications since it is watched. */
  readonly runs: number;
  /** Epoch ms of the next one, while waiting. */
  readonly nextAt?: number;
  /** Why the last one has no result; the network is watched all the same. */
  readonly problem?: string;
}

/** What is known besides the verification that is shown. */
export interface PanelExtras {
  /** Epoch ms of the start of the run before the one shown, when there is one to compare with. */
  readonly previousAt?: number;
  /** Runs whose results are kept for {@link HistoryRun}. */
  readonly runs: number;
  readonly watch?: PanelWatch;
}

/** What a run found for a pair. */
export interface HistoryRun {
  /** Epoch ms of the run's start. */
  readonly at: number;
  readonly verdict: PairVerdict;
  readonly avgMs?: number;
}

/** Everything the page shows; sent whole on load, then patched. */
export interface PanelState {
  readonly header: PanelHeader;
  readonly phase: 'idle' | 'running' | 'cancelling' | 'done';
  /** Words for where a running verification is. */
  readonly stage: string;
  /** Epoch ms of the start of the running or shown verification. */
  readonly startedAt?: number;
  readonly hosts: readonly ProbeHost[];
  /** Empty once there is a report: its pairs count then, so that no pair travels twice. */
  readonly pairs: readonly PairResult[];
  /** Sources whose pings are under way. */
  readonly running: readonly HostName[];
  readonly report?: VerificationReport;
  readonly extras?: PanelExtras;
}

/** Messages from the extension to the page. */
export type ToPage =
  | { readonly type: 'state'; readonly state: PanelState }
  | {
      readonly type: 'stage';
      readonly phase: PanelState['phase'];
      readonly stage: string;
      /** Sources under way now: none any more once the pings are over. */
      readonly running: readonly HostName[];
    }
  | { readonly type: 'host'; readonly host: ProbeHost }
  | { readonly type: 'sourceStarted'; readonly from: HostName }
  /** Gathered for at most one frame, so that hundreds of results are one repaint. */
  | { readonly type: 'pairs'; readonly pairs: readonly PairResult[] }
  | { readonly type: 'report'; readonly report: VerificationReport }
  | { readonly type: 'extras'; readonly extras: PanelExtras }
  /** Answers `compare`; without a run when there is none any more. */
  | { readonly type: 'previous'; readonly run?: EarlierRun }
  /** Answers `history`; the oldest run first. */
  | { readonly type: 'history'; readonly from: HostName; readonly to: HostName; readonly runs: readonly HistoryRun[] };

export type ExportFormat = 'json' | 'markdown' | 'junit';

export type { PairEnds };

/** Messages from the page to the extension. */
export type FromPage =
  | { readonly type: 'ready' }
  | { readonly type: 'run' }
  | { readonly type: 'cancel' }
  /** Verifies only these pairs of the shown report. */
  | { readonly type: 'checkAgain'; readonly pairs: readonly PairEnds[] }
  | { readonly type: 'watch' }
  | { readonly type: 'stopWatch' }
  /** Wants the run before the one shown. */
  | { readonly type: 'compare' }
  /** Wants what earlier runs found for a pair. */
  | { readonly type: 'history'; readonly from: HostName; readonly to: HostName }
  | { readonly type: 'export'; readonly format: ExportFormat }
  | { readonly type: 'copy'; readonly text: string };

export type Grouping = 'none' | 'folder' | 'zone';

/** A group of hosts: the name of their zone or folder. */
export interface GroupKey {
  readonly grouping: Grouping;
  readonly name: string;
}

/** How a person has arranged the page. */
export interface KeptView {
  /** Absent: as fits the hosts. */
  readonly grouping?: Grouping;
  /** Only hosts with a pair that is not reachable. */
  readonly onlyProblems?: boolean;
  /** Groups of hosts that are one row and one column each. */
  readonly collapsed?: readonly GroupKey[];
  /** Part of the names that stand out. */
  readonly search?: string;
  readonly pinned?: PairEnds;
  readonly comparing?: boolean;
}

/** What the page keeps over a reload of the window (`vscode.setState`), and the serializer gets back. */
export interface KeptState {
  readonly header: PanelHeader;
  readonly view?: KeptView;
}
