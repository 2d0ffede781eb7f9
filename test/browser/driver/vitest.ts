// The driver inside vitest.
import { afterEach } from 'vitest';
import type { Workbench } from './workbench';

/** After each test of this file that fails, saves evidence of the window `current` answers. Call it at the top. */
export function saveEvidenceOfFailures(current: () => Workbench | undefined): void {
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    const folder = await current()?.saveEvidence(task.name);
    if (folder) console.error(`What was to be seen when "${task.name}" failed: ${folder}`);
  });
}
