import { render } from 'preact';
import { decodeKeptState, isToPage } from '../guard';
import type { ToPage } from '../protocol';
import { api, send } from './api';
import { App } from './app';
import { reduce, type PageState } from './state/reducer';
import './styles/matrix.css';

let state: PageState | undefined;
let waiting: ToPage[] = [];
let frame: number | undefined;
const kept = decodeKeptState(api.getState());
const root = document.getElementById('panel');

/** Everything that came since the last frame becomes one repaint. */
function update(): void {
  frame = undefined;
  const messages = waiting;
  waiting = [];
  state = reduce(state, messages);
  if (!state || !root) return;
  // What was kept for another network says nothing about this one.
  const initial = kept?.header.networkId === state.header.networkId ? (kept.view ?? {}) : {};
  render(<App state={state} initial={initial} />, root);
}

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (!isToPage(event.data)) return;
  waiting.push(event.data);
  frame ??= requestAnimationFrame(update);
});

send({ type: 'ready' });
