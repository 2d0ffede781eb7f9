import * as vscode from 'vscode';
import { DisposableStore, toDisposable, type Disposable } from '../../base/disposable';
import { Emitter } from '../../base/event';
import type { Logger } from '../../base/logger';
import { matrixPanelType } from '../../contributions';
import type { VerificationReport } from '../../model/matrix';
import type { VerifyEvent } from '../../verify/verification';
import { decodeKeptState } from '../../webview/guard';
import type { FromPage, PanelHeader } from '../../webview/protocol';
import { MatrixPanel } from './matrixPanelView';
import {
  applyEvent,
  cancelling,
  failPanel,
  isCopyable,
  openPanel,
  type PanelFailure,
  type PanelModel,
} from './panelState';

/** What a person asked for in a panel. */
export interface PanelRequest {
  readonly networkId: string;
  readonly clusterId: string;
  readonly message: Exclude<FromPage, { type: 'ready' }>;
}

/** The last report of a network, kept by the extension. */
export type LoadReport = (
  networkId: string,
) => VerificationReport | undefined | PromiseLike<VerificationReport | undefined>;

/**
 * The matrix panels of a window: at most one a network. What a panel shows is kept here and not in the page, which may
 * be thrown away whenever it is hidden; what was shown is kept here, and shows when it is opened
 * again.
 */
export class MatrixPanels implements Disposable {
  private readonly store = new DisposableStore();
  private readonly panels = new Map<string, MatrixPanel>();
  private readonly models = new Map<string, PanelModel>();
  private readonly requests = this.store.add(new Emitter<PanelRequest>());
  private readonly closed = this.store.add(new Emitter<{ readonly networkId: string }>());

  /** A person pressed Run, Cancel, an export or a copy button. Already checked: copies are commands of a finding. */
  readonly onDidRequest = this.requests.event;
  /** A panel was closed; who runs its verification decides what becomes of it. */
  readonly onDidDispose = this.closed.event;

  /** @param distUri folder of matrix.js and matrix.css, the only one the page may load from. */
  constructor(
    private readonly distUri: vscode.Uri,
    private readonly loadReport: LoadReport,
    private readonly logger: Logger,
  ) {
    this.store.add(
      vscode.window.registerWebviewPanelSerializer(matrixPanelType, {
        deserializeWebviewPanel: async (panel, kept: unknown) => this.restore(panel, kept),
      }),
    );
    this.store.add(toDisposable(() => [...this.panels.values()].forEach((panel) => panel.dispose())));
  }

  /** Opens the panel of a network, or brings it to the front. */
  show(header: PanelHeader): MatrixPanel {
    const open = this.panels.get(header.networkId);
    if (open) {
      this.change(header.networkId, (model) => ({ ...model, header }));
      open.reveal();
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
    this.forgetClosed(networkId);
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
    const panel = new MatrixPanel(webviewPanel, this.distUri, () => this.models.get(networkId) ?? model);
    this.panels.set(networkId, panel);
    panel.onDidReceive((message) => this.receive(networkId, message));
    panel.onDidDispose(() => {
      this.panels.delete(networkId);
      this.forgetClosed(networkId);
      this.closed.fire({ networkId });
    });
    if (!known) void this.fillFromReport(networkId);
    return panel;
  }

  private async restore(webviewPanel: vscode.WebviewPanel, kept: unknown): Promise<void> {
    const header = decodeKeptState(kept)?.header;
    // A page of another version, or a second one of a network that is open already, has nothing to show.
    if (!header || this.panels.has(header.networkId)) webviewPanel.dispose();
    else this.adopt(webviewPanel, header);
  }

  /** Shows the last report, unless a verification has begun meanwhile. */
  private async fillFromReport(networkId: string): Promise<void> {
    try {
      const report = await this.loadReport(networkId);
      if (!report) return;
      this.change(networkId, (model) => (model.phase === 'idle' ? openPanel(model.header, report) : model));
    } catch (error) {
      // The panel then says that the network was not verified yet, and can be run.
      this.logger.warn(`The last report of network ${networkId} could not be read: ${String(error)}`);
    }
  }

  private receive(networkId: string, message: Exclude<FromPage, { type: 'ready' }>): void {
    const model = this.models.get(networkId);
    if (!model) return;
    if (message.type === 'copy' && !isCopyable(model, message.text)) return;
    if (message.type === 'cancel') {
      this.models.set(networkId, cancelling(model));
      this.panels.get(networkId)?.sendStage();
    }
    this.requests.fire({ networkId, clusterId: model.header.clusterId, message });
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
    if (!this.panels.has(networkId) && (phase === 'idle' || phase === 'done')) this.models.delete(networkId);
  }
}
