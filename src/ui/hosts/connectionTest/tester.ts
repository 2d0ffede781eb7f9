import { Semaphore } from '../../../base/concurrency';
import { isOverlayError } from '../../../base/errors';
import type { HostConfig } from '../../../model/host/host';
import { showError } from '../../vscode/messages';
import { withProgress } from '../../vscode/progress';
import { runConnectionTest, type TestTools } from './run';
import { showTestResult, type ResultAction } from './show';
import type { ConnectionTestResult } from './stages';
import { progressWords } from './words';

/** Tests connections under a notification, and shows what was found. */
export class ConnectionTester {
  /** A second result would close the first one before it has been read. */
  private readonly oneAtATime = new Semaphore(1);

  constructor(private readonly tools: TestTools) {}

  /** Runs a test. @throws OverlayError `cancelled` only. */
  run(config: HostConfig): Promise<ConnectionTestResult> {
    return withProgress(`Testing ${config.name}`, (signal, report) =>
      runConnectionTest(config, this.tools, signal, (fold) => report(progressWords(fold.current))),
    );
  }

  /**
   * Shows a result until it is closed or an action has been run; Run Again replaces it by a fresh one. While another one
   * is read it waits.
   */
  show(config: HostConfig, result: ConnectionTestResult, actions: readonly ResultAction[]): Promise<void> {
    return this.oneAtATime.run(() => this.showNow(config, result, actions));
  }

  private async showNow(
    config: HostConfig,
    result: ConnectionTestResult,
    actions: readonly ResultAction[],
  ): Promise<void> {
    let shown = result;
    for (;;) {
      const again: ResultAction = { label: 'Run Again', icon: 'refresh', run: () => undefined };
      const isFirst = (action: ResultAction) => shown.ok && action.isNext === true;
      const order = [...actions.filter(isFirst), again, ...actions.filter((action) => !isFirst(action))];
      if ((await showTestResult(shown, order)) !== again) return;
      shown = await this.run(config);
    }
  }

  /** As {@link show}, for callers that do not wait until the person has read it. */
  showLater(config: HostConfig, result: ConnectionTestResult, actions: readonly ResultAction[]): void {
    this.show(config, result, actions).catch((error: unknown) => {
      // A repeated test that was cancelled has nothing to show.
      if (!isOverlayError(error, 'cancelled')) showError(error);
    });
  }
}
