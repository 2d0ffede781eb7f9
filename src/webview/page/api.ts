import type { FromPage, KeptState } from '../protocol';

/** The part of VS Code's webview API that the page uses. */
interface WebviewApi {
  postMessage(message: FromPage): void;
  setState(state: KeptState): void;
  /** What was kept last; by whatever version of the page. */
  getState(): unknown;
}

declare function acquireVsCodeApi(): WebviewApi;

/** May be called once a page, as VS Code has it. */
export const api: WebviewApi = acquireVsCodeApi();

/** Asks the extension for something. */
export const send = (message: FromPage): void => api.postMessage(message);
