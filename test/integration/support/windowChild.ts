import { Lab } from '../../lab/lab';
import { openShell, startTestContainers } from './testContainerTasks';
import { TestWindow } from './testWindow';
import { windowTasks, type WindowTask } from './windowTasks';

/**
 * A window in a process of its own, which is killed in the middle of a task: `windowChild.ts WAY TASK MOMENT TIMES`
 * ends itself with SIGKILL when the moment comes the so many-th time. Ended otherwise it has missed it.
 */
async function main(): Promise<void> {
  const [way, task, moment, times] = process.argv.slice(2);
  const lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
  const window = await TestWindow.open(lab, way === 'ssh' ? 'ssh' : 'socket');
  const die = () => process.kill(process.pid, 'SIGKILL');
  let seen = 0;
  window.on((now) => {
    if (now === moment && (seen += 1) === Number(times)) die();
  });
  if (task === 'start') await startTestContainers(window);
  else if (task === 'shell') await openShell(window).then(die);
  else await windowTasks[task as WindowTask](window, new AbortController().signal);
}

void main();
