import type { ErrorDescription } from '../../../base/errors';
import { dots, duration } from '../../../base/text/words';
import type { ConnectionTestResult, StageOutcome, StageResult, TestReport, TestStage } from './stages';

/** One line of the result: what VS Code shows for it is made elsewhere. */
export interface ResultLine {
  readonly icon: string;
  readonly label: string;
  readonly description: string;
}

const names: Readonly<Record<TestStage, string>> = {
  configuration: 'Configuration',
  resolve: 'Name resolution',
  tcp: 'TCP connection',
  hostKey: 'Host key',
  authentication: 'Authentication',
  engine: 'Docker socket',
  engineVersion: 'Engine version',
  swarm: 'Swarm state',
};

const icons: Readonly<Record<StageOutcome, string>> = {
  passed: 'pass',
  failed: 'error',
  skipped: 'circle-slash',
  notReached: 'circle-outline',
};

/** "Host key", "Host key of the jump host bastion". */
export function stageName({ stage, hop }: { readonly stage: TestStage; readonly hop?: string | undefined }): string {
  return hop === undefined ? names[stage] : `${names[stage]} · via ${hop}`;
}

/** `Host key    12 ms · ssh-ed25519 SHA256:…`. */
export function stageLine(result: StageResult): ResultLine {
  const { outcome, detail, ms } = result;
  const found = {
    passed: dots(duration(ms), detail),
    failed: dots(duration(ms), detail),
    skipped: dots('skipped', detail),
    notReached: 'not reached',
  }[outcome];
  return { icon: icons[outcome], label: stageName(result), description: found };
}

/** A line a stage; those that were not reached share one. */
export function stageLines(stages: readonly StageResult[]): ResultLine[] {
  const reached = stages.filter((stage) => stage.outcome !== 'notReached').map(stageLine);
  const others = stages.filter((stage) => stage.outcome === 'notReached').map(stageName);
  if (others.length === 0) return reached;
  return [...reached, { icon: icons.notReached, label: others.join(', '), description: 'not reached' }];
}

/** "node1: connection works · 240 ms", "node1 failed at Authentication". */
export function resultTitle({ host, ok, stages, ms }: ConnectionTestResult): string {
  if (ok) return `${host}: connection works · ${duration(ms)}`;
  const failed = stages.find((stage) => stage.outcome === 'failed');
  return failed ? `${host}: failed at ${stageName(failed)}` : `${host}: failed`;
}

/** What the notification says while the test runs: what was found last, and what is done now. */
export function progressWords(current: { readonly running?: TestReport; readonly last?: StageResult }): string {
  const { running, last } = current;
  const found = last && dots(`${stageName(last)} passed`, duration(last.ms));
  return [found, running && `${stageName(running)}…`].filter(Boolean).join(' → ');
}

/** The whole as text, to be pasted into a report of a problem. */
export function resultText(result: ConnectionTestResult): string {
  const marks = { passed: '[ok]', failed: '[FAILED]', skipped: '[skipped]', notReached: '[-]' };
  const lines = result.stages.map((stage) => {
    const { label, description } = stageLine(stage);
    return `${marks[stage.outcome].padEnd(10)} ${label.padEnd(18)} ${description}`.trimEnd();
  });
  const { problem, insecure } = result;
  return [
    `Test Connection · ${resultTitle(result)}`,
    ...lines,
    ...(insecure ? [`Not protected: ${insecure}`] : []),
    ...(problem ? ['', problem.happened, problem.remedy, ...(problem.command ? [problem.command] : [])] : []),
    '',
  ].join('\n');
}

/** What happened and what to do, in lines of at most `width` characters: a pick cuts longer ones off. */
export function problemLines({ happened, remedy }: ErrorDescription, width = 76): { icon: string; text: string }[] {
  const lines = (icon: string, text: string) =>
    wrap(text, width).map((line, index) => ({ icon: index === 0 ? icon : 'blank', text: line }));
  return [...lines('info', happened), ...lines('lightbulb', remedy)];
}

/** Breaks a text at spaces; a word that is longer than a line stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
