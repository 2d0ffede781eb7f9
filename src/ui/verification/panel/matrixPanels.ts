import * as vscode from 'vscode';
import { DisposableStore, toDisposable, type Disposable } from '../../../base/disposable';
import { Emitter } from '../../../base/event';
import { matrixPanelType } from '../../../contributions';
import type { VerificationReport } from '../../../model/report/matrix';
import { shortRunOf } from '../../../model/report/matrixChanges';
import type { VerifyEvent } from '../../../verify/verification';
import { decodeKeptState } from '../../../webview/guard';
import type { FromPage, PairEnds, PanelExtras, PanelHeader, PanelWatch } from '../../../webview/protocol';
import type { RunHistory } from '../watch/runHistory';
import { MatrixPanel } from './matrixPanel';
import {
  applyEvent,
  cancelling,
  failPanel,
  isCopyable,
  openPanel,
  pairsToCheck,
  type PanelFailure,
  type PanelModel,
} from './panelState';

/** What a person asked for in a panel. */
export interface PanelRequest {
  readonly networkId: string;
  readonly clusterId: string;
  readonly message: Exclude<FromPage, { type: 'ready' | 'compare' | 'history' }>;
}

/** The reports that the extension keeps. */
export interface PanelReports {
  /** The last one of a network. */
  get(networkId: string): VerificationReport | undefined;
  /** The one that it is compared with. */
  before(report: VerificationReport): VerificationReport | undefined;
  /** What the last runs of a network found. */
  history(networkId: string): RunHistory | undefined;
  /** Resolves once the others know what is kept of a network. */
  load(networkId: string): Promise<void>;
}

/**
 * The matrix panels of a window: at most one a network. What a panel shows is kept here and not in the page, which may
 * be thrown away whenever it is hidden; what was shown is kept here, and shows when it is opened
 * again.
 */
export class MatrixPanels implements Disposable {
  private readonly store = new DisposableStore();
  private readonly panels = new Map<string, MatrixPanel>();
  private readonly models = new Map<string, PanelModel>();
  private readonly watches = new Map<string, PanelWatch>();
  private readonly requests = this.store.add(new Emitter<PanelRequest>());
  private readonly closed = this.store.add(new Emitter<{ readonly networkId: string }>());
  private readonly restored = this.store.add(new Emitter<{ readonly networkId: string }>());

  /**
   * A person pressed a button that the panel cannot serve by itself. Already checked: copies are commands of a finding,
   * pairs to check again are of the shown report.
   */
  readonly onDidRequest = this.requests.event;
  /** A panel was closed; who runs its verification decides what becomes of it. */
  readonly onDidDispose = this.closed.event;
  /** A panel has come back after a reload of the window. */
  readonly onDidRestore = this.restored.event;

  /** @param distUri folder of matrix.js and matrix.css, the only one the page may load from. */
  constructor(
    private readonly distUri: vscode.Uri,
    private readonly reports: PanelReports,
  ) {
    this.store.add(
      vscode.window.registerWebviewPanelSerializer(matrixPanelType, {
        deserializeWebviewPanel: async (panel, kept: unknown) => this.restore(panel, kept),
      }),
    );
    // Their tabs stay: the window is closed or reloaded, and they come back with it.
    this.store.add(toDisposable(() => [...this.panels.values()].forEach((panel) => panel.detach())));
  }

  /**
   * Opens the panel of a network, or brings it to the front.
   *
   * @param inBackground leave it where it is, if it is open.
   */
  show(header: PanelHeader, inBackground = false): MatrixPanel {
    const open = this.panels.get(header.networkId);
    if (open) {
      if (!inBackground) this.change(header.networkId, (model) => ({ ...model, header }));
      if (!inBackground) open.reveal();
      return open;
    }
    const webviewPanel = vscode.window.createWebviewPanel(
      matrixPanelType,
      MatrixPanel.titleOf(header),
      { viewColumn: vscode.ViewColumn.Active },
      { enableFindWidget: true, retainContextWhenHidden: false },
    );
    return this.adopt(webviewPanel, header);
  }

  /** Before a verification of a network whose panel may not be open: it shows how that stands once it is opened. */
  prepare(header: PanelHeader): void {
    if (!this.models.has(header.networkId))
      this.models.set(header.networkId, openPanel(header, this.reports.get(header.networkId)));
  }

  /** The open panel of a network, if there is one. */
  get(networkId: string): MatrixPanel | undefined {
    return this.panels.get(networkId);
  }

  /** Shows an event of the network's verification, now or when its panel is opened. */
  handleEvent(networkId: string, event: VerifyEvent): void {
    const before = this.models.get(networkId);
    if (!before) return;
    const after = applyEvent(before, event, Date.now());
    this.models.set(networkId, after);
    this.panels.get(networkId)?.handleEvent(event, before, after);
    if (event.kind === 'finished') this.panels.get(networkId)?.sendExtras();
    this.forgetClosed(networkId);
  }

  /** The next run of the network is about these pairs only: the others keep their results meanwhile. */
  keepBut(networkId: string, again: readonly PairEnds[] | undefined): void {
    const model = this.models.get(networkId);
    if (model) this.models.set(networkId, { ...model, again });
  }

  /** Whether there is a result to leave in place while the network is verified. */
  hasReport(networkId: string): boolean {
    return this.models.get(networkId)?.report?.outcome === 'finished';
  }

  /** Shows how a network is watched, or that it is no more. */
  setWatch(networkId: string, watch: PanelWatch | undefined): void {
    if (watch) this.watches.set(networkId, watch);
    else this.watches.delete(networkId);
    this.panels.get(networkId)?.sendExtras();
  }

  /** Shows why a verification did not start or did not end with a report. */
  fail(networkId: string, error: PanelFailure): void {
    this.change(networkId, (model) => failPanel(model, error, Date.now()));
    this.forgetClosed(networkId);
  }

  dispose(): void {
    this.store.dispose();
  }

  private adopt(webviewPanel: vscode.WebviewPanel, header: PanelHeader): MatrixPanel {
    const { networkId } = header;
    const known = this.models.get(networkId);
    const model = known ? { ...known, header } : openPanel(header);
    this.models.set(networkId, model);
    const panel = new MatrixPanel(
      webviewPanel,
      this.distUri,
      () => this.models.get(networkId) ?? model,
      () => this.extrasOf(networkId),
    );
    this.panels.set(networkId, panel);
    panel.onDidReceive((message) => this.receive(networkId, message));
    panel.onDidDispose(() => {
      this.panels.delete(networkId);
      this.closed.fire({ networkId });
      this.forgetClosed(networkId);
    });
    if (!known) void this.fillFromReport(networkId);
    return panel;
  }

  private async restore(webviewPanel: vscode.WebviewPanel, kept: unknown): Promise<void> {
    const header = decodeKeptState(kept)?.header;
    // A page of another version, or a second one of a network that is open already, has nothing to show.
    if (!header || this.panels.has(header.networkId)) {
      webviewPanel.dispose();
      return;
    }
    this.adopt(webviewPanel, header);
    this.restored.fire({ networkId: header.networkId });
  }

  /** Shows the last report that is kept, unless something else is to be seen by then. */
  private async fillFromReport(networkId: string): Promise<void> {
    await this.reports.load(networkId);
    const report = this.reports.get(networkId);
    if (!report) return;
    this.panels.get(networkId)?.sendExtras();
    this.change(networkId, (model) => (model.phase === 'idle' ? openPanel(model.header, report) : model));
  }

  private extrasOf(networkId: string): PanelExtras {
    const report = this.models.get(networkId)?.report;
    const previous = report && this.reports.before(report);
    const watch = this.watches.get(networkId);
    return {
      runs: this.reports.history(networkId)?.size ?? 0,
      ...(previous && { previousAt: Date.parse(previous.startedAt) }),
      ...(watch && { watch }),
    };
  }

  private receive(networkId: string, message: Exclude<FromPage, { type: 'ready' }>): void {
    const model = this.models.get(networkId);
    if (!model) return;
    if (message.type === 'compare') return this.answerCompare(networkId, model);
    if (message.type === 'history') {
      const runs = this.reports.history(networkId)?.of(message.from, message.to) ?? [];
      this.panels.get(networkId)?.send({ ...message, runs });
      return;
    }
    if (message.type === 'copy' && !isCopyable(model, message.text)) return;
    if (message.type === 'checkAgain') {
      const pairs = pairsToCheck(model, message.pairs);
      if (pairs.length > 0)
        this.requests.fire({ networkId, clusterId: model.header.clusterId, message: { ...message, pairs } });
      return;
    }
    if (message.type === 'cancel') {
      this.models.set(networkId, cancelling(model));
      this.panels.get(networkId)?.sendStage();
    }
    this.requests.fire({ networkId, clusterId: model.header.clusterId, message });
  }

  private answerCompare(networkId: string, { report }: PanelModel): void {
    const previous = report && this.reports.before(report);
    this.panels.get(networkId)?.send({ type: 'previous', ...(previous && { run: shortRunOf(previous) }) });
  }

  private change(networkId: string, transition: (model: PanelModel) => PanelModel): void {
    const before = this.models.get(networkId);
    if (!before) return;
    const after = transition(before);
    if (after === before) return;
    this.models.set(networkId, after);
    this.panels.get(networkId)?.sendWhole();
  }

  /** A closed panel's state is kept only while its verification runs; afterwards there is the report. */
  private forgetClosed(networkId: string): void {
    const phase = this.models.get(networkId)?.phase;
    if (this.panels.has(networkId) || (phase !== 'idle' && phase !== 'done')) return;
    this.models.delete(networkId);
  }
}
