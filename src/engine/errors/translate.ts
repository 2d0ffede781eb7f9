import { isOverlayError, OverlayError, type BareReason } from '../../base/errors';
import { oneLine } from '../../base/text/oneLine';
import { networkRules } from './networkRules';
import { HttpFailure, type Action, type FailureContext, type Rule } from './failure';
import { memberRules, swarmRules } from './swarmRules';

/**
 * The one place where a daemon's words decide anything. The first rule that fits counts. Texts are those of moby
 * 20.10 to 29 and swarmkit (daemon/cluster, manager/controlapi, ca); those of 20.10 are met by the integration tests.
 */
const rules: readonly Rule[] = [
  // 29.0 to 29.2 take no version below 1.44, and any engine can be told a minimum (DOCKER_MIN_API_VERSION).
  {
    text: /client version \S+ is too old/i,
    reason: 'engineTooNew',
    params: (text) => ({ message: /API version is ([\d.]*\d)/.exec(text)?.[1] ?? text }),
  },
  ...swarmRules,
  ...networkRules,
  // Images
  { status: 404, text: /page not found/i, reason: 'engineError' },
  { action: /image pull/, reason: 'imageNotPulled' },
  { text: /No such image|image not known/i, reason: 'imageMissing' },
  { status: 404, action: /image/, reason: 'imageMissing' },
  // Gone or going: the same to whoever wants it gone.
  { text: /removal of container .* already in progress/i, reason: 'notFound' },
  // The rest by status
  { status: 409, reason: 'conflict' },
  { status: 404, reason: 'notFound' },
];

/** Turns whatever a request failed with into an error of the catalogue; ours pass, with the host added. */
export function translate(error: unknown, context: FailureContext): OverlayError {
  const { host, name, address } = context;
  if (isOverlayError(error)) return error.params.host === undefined ? error.with({ host }) : error;
  if (!(error instanceof HttpFailure)) return linkLost(error, context);
  const text = daemonWords(error.text);
  const rule = rules.find((each) => fits(each, error.status, text, context.action));
  const common = { host, name, address, status: error.status, message: text };
  if (!rule) {
    const refused = name ? `${context.action} ${name}` : context.action;
    return new OverlayError('engineError', { ...common, name: refused }, { cause: error });
  }
  return new OverlayError(rule.reason, { ...common, ...rule.params?.(text, context) }, { cause: error });
}

/** What the text means with which an engine says why it is not in a swarm (`Info.Swarm.Error`); undefined if unknown. */
export function joinFailureReason(text: string): BareReason | undefined {
  return [...memberRules, ...rules].find((each) => each.text !== undefined && fits(each, 0, text, 'swarm join'))
    ?.reason;
}

function fits(rule: Rule, status: number, text: string, action: Action): boolean {
  if (rule.status !== undefined && rule.status !== status) return false;
  if (rule.action && !rule.action.test(action)) return false;
  return rule.text === undefined || rule.text.test(text);
}

/** Stream errors: reset, hung up, ended too early, refused. What else is thrown is a fault of ours. */
function linkLost(error: unknown, { host, action }: FailureContext): OverlayError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const message = oneLine(error instanceof Error ? error.message : String(error));
  const isStream = typeof code === 'string' && /^(E[A-Z]+|ERR_STREAM_|ERR_SOCKET|HPE_)/.test(code);
  if (isStream) return new OverlayError('linkLost', { host, message }, { cause: error });
  return new OverlayError('unexpected', { host, message: `${action}: ${message}` }, { cause: error });
}

/** A daemon's words as one line for a person, without the wrappings of gRPC and HTTP. */
export function daemonWords(text: string): string {
  const bare = text
    .slice(0, 16_384)
    .replace(/Error response from daemon: /gi, '')
    .replace(/rpc error: code = \w+ desc = /g, '')
    .replace(/\\"/g, '"');
  return oneLine(bare, { max: 400 });
}
