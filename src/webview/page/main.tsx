import { render } from 'preact';
import { decodeToPage } from '../guard';
import type { ToPage } from '../protocol';
import { api, send } from './api';
import { App } from './app';
import { reduce, type PageState } from './reducer';
import './matrix.css';

let state: PageState | undefined;
let waiting: ToPage[] = [];
let frame: number | undefined;
const root = document.getElementById('panel');

/** Everything that came since the last frame becomes one repaint. */
function update(): void {
  frame = undefined;
  const messages = waiting;
  waiting = [];
  const before = state?.header;
  state = reduce(state, messages);
  if (state && state.header !== before) api.setState({ header: state.header });
  if (state && root) render(<App state={state} />, root);
}

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const message = decodeToPage(event.data);
  if (!message) return;
  waiting.push(message);
  frame ??= requestAnimationFrame(update);
});

send({ type: 'ready' });
