import type { NetworkFinding } from '../../../swarm/networks/preflight';
import type { Plan } from '../../../swarm/plans/plan';
import { back, type Back, type StepPlace } from '../../vscode/ask';
import { pickOne } from '../../quickPick/pick';
import { previewPlan } from '../../quickPick/preview';
import { foldCommand } from './commandLine';

/**
 * Shows what stands against the network, what it means, and the command that would do the same. With an error there is
 * only the way back.
 *
 * @throws OverlayError `cancelled` when dismissed.
 */
export async function askPreview(
  name: string,
  findings: readonly NetworkFinding[],
  makePlan: () => Plan,
  command: string,
  place: StepPlace,
): Promise<Back | undefined> {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    await pickOne({
      title: `Create ${name}`,
      placeholder: 'It cannot be created like this',
      items: [
        { value: 'change', label: 'Change…', icon: 'arrow-left' },
        ...errors.map(({ text, remedy }) => ({ value: 'change', label: text, detail: remedy, icon: 'error' })),
      ],
      place,
    });
    return back;
  }
  const rows = foldCommand(command).map((label) => ({ label, icon: 'terminal' }));
  const answer = await previewPlan(makePlan(), 'Create', {
    place,
    sections: [{ title: 'The same in a terminal', rows }],
  });
  return answer === back ? back : undefined;
}
