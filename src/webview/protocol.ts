import type { HostName } from '../model/host';
import type { PairResult, ProbeHost, VerificationReport } from '../model/matrix';

/** What the matrix page knows of the network it shows. */
export interface PanelHeader {
  readonly clusterId: string;
  readonly clusterName: string;
  readonly networkId: string;
  readonly networkName: string;
  readonly encrypted: boolean;
  readonly subnets: readonly string[];
  readonly pings: number;
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
  | { readonly type: 'report'; readonly report: VerificationReport };

/** Messages from the page to the extension. */
export type FromPage =
  | { readonly type: 'ready' }
  | { readonly type: 'run' }
  | { readonly type: 'cancel' }
  | { readonly type: 'export'; readonly format: 'json' | 'markdown' }
  | { readonly type: 'copy'; readonly text: string };

/** What the page keeps over a reload of the window (`vscode.setState`), and the serializer gets back. */
export interface KeptState {
  readonly header: PanelHeader;
}
