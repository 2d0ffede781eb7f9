import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { DisposableStore } from '../../../base/disposable';
import { Emitter } from '../../../base/event';
import type { VerifyEvent } from '../../../verify/verification';
import { decodeFromPage } from '../../../webview/guard';
import {
  protocolVersion,
  type FromPage,
  type PanelExtras,
  type PanelHeader,
  type ToPage,
} from '../../../webview/protocol';
import { panelHtml } from './panelHtml';
import { panelStateOf, patchesOf, stageOf, type PanelModel } from './panelState';

/** Results are gathered this long, ms: hundreds of pairs a second are twenty messages. */
const gatherMs = 50;

/** One open panel: a webview and the messages to and from its page. */
export class MatrixPanel {
  private readonly store = new DisposableStore();
  private readonly received = this.store.add(new Emitter<Exclude<FromPage, { type: 'ready' }>>());
  private readonly disposed = new Emitter<void>();
  private isReady = false;
  private isDisposed = false;
  private gathered: VerifyEvent[] = [];
  private gatheredFrom: PanelModel | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** Checked messages of the page. */
  readonly onDidReceive = this.received.event;
  readonly onDidDispose = this.disposed.event;

  /**
   * @param model what the panel shows, whenever it is asked.
   * @param extras what is known besides, whenever it is asked.
   */
  constructor(
    private readonly panel: vscode.WebviewPanel,
    distUri: vscode.Uri,
    private readonly model: () => PanelModel,
    private readonly extras: () => PanelExtras,
  ) {
    const { webview } = panel;
    this.store.add(panel.onDidDispose(() => this.close()));
    this.store.add(webview.onDidReceiveMessage((message: unknown) => this.receive(message)));
    this.store.add(panel.onDidChangeViewState(() => this.forgetHiddenPage()));
    panel.title = MatrixPanel.titleOf(model().header);
    webview.options = {
      enableScripts: true,
      enableForms: false,
      enableCommandUris: false,
      localResourceRoots: [distUri],
    };
    webview.html = panelHtml({
      scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(distUri, 'matrix.js')).toString(),
      styleUri: webview.asWebviewUri(vscode.Uri.joinPath(distUri, 'matrix.css')).toString(),
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('hex'),
      title: panel.title,
    });
  }

  /** "Verify my_net" */
  static titleOf(header: PanelHeader): string {
    return `Verify ${header.networkName}`;
  }

  /** Brings the panel to the front where it is. */
  reveal(): void {
    this.panel.reveal();
  }

  /** Shows an event soon, together with those that come right after it. */
  handleEvent(event: VerifyEvent, before: PanelModel, after: PanelModel): void {
    if (!this.isReady) return;
    this.gathered.push(event);
    this.gatheredFrom ??= before;
    // The end is shown at once: a report makes all that was gathered before it void.
    if (event.kind === 'finished' || event.kind === 'started') this.sendGathered(after);
    else this.timer ??= setTimeout(() => this.sendGathered(this.model()), gatherMs);
  }

  /** Sends everything anew, in place of what was gathered. */
  sendWhole(): void {
    this.dropGathered();
    const model = this.model();
    this.panel.title = MatrixPanel.titleOf(model.header);
    if (this.isReady) this.post({ type: 'state', state: panelStateOf(model, this.extras()) });
  }

  /** Sends where the verification stands, without its results. */
  sendStage(): void {
    if (this.isReady) this.post(stageOf(this.model()));
  }

  /** Sends what is known besides the verification. */
  sendExtras(): void {
    this.send({ type: 'extras', extras: this.extras() });
  }

  /** Sends an answer to the page, if there is one. */
  send(message: ToPage): void {
    if (this.isReady) this.post(message);
  }

  /** Lets go of the webview, which stays open. */
  detach(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.dropGathered();
    this.store.dispose();
    this.disposed.dispose();
  }

  private receive(raw: unknown): void {
    const message = decodeFromPage(raw);
    if (!message) return;
    if (message.type === 'ready') {
      this.isReady = true;
      this.sendWhole();
    } else {
      this.received.fire(message);
    }
  }

  /** A hidden page is thrown away (no retained context); its next one says `ready` again. */
  private forgetHiddenPage(): void {
    if (this.panel.visible) return;
    this.isReady = false;
    this.dropGathered();
  }

  private sendGathered(after: PanelModel): void {
    const [events, before] = [this.gathered, this.gatheredFrom];
    this.dropGathered();
    if (before) for (const message of patchesOf(before, after, events)) this.post(message);
  }

  private dropGathered(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.gathered = [];
    this.gatheredFrom = undefined;
  }

  private post(message: ToPage): void {
    // False or a rejection mean that the page is gone; the next one asks for everything with `ready`.
    this.panel.webview
      .postMessage({ ...message, version: protocolVersion })
      .then(undefined, () => (this.isReady = false));
  }

  private close(): void {
    if (this.isDisposed) return;
    this.disposed.fire();
    this.detach();
  }
}
