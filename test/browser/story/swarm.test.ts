// The life of a swarm through the UI: formed step by step, its managers changed, its majority lost and back.
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { Lab } from '../../lab/lab';
import { until, type Workbench } from '../driver';
import { saveEvidenceOfFailures } from '../driver/vitest';
import { chain } from './chain';
import { searchForTokens } from './secrets';
import * as story from './steps';
import { openStoryWindow, type StoryWindow } from './window';

const patient = { timeoutMs: 60_000 };
const all = ['host1', 'host2', 'host3'];

let window: StoryWindow;
let workbench: Workbench;
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
  await lab.resetSwarms();
  const hosts = all.map((name) => ({ name, endpoint: `ssh://${name}` }));
  window = await openStoryWindow({ machineSettings: { 'dockerOverlay.hosts': hosts } });
  workbench = window.workbench;
  await workbench.openActivity('Overlay Networks');
  for (const name of all)
    await workbench
      .view('Hosts')
      .item(name)
      .waitForText(/\d+\.\d+/, patient);
});

afterAll(async () => {
  await window?.close();
  await lab?.resetSwarms();
});

saveEvidenceOfFailures(() => workbench);

const swarm = () => workbench.view('Swarm');
const cluster = () => swarm().item(/./);

/** In the options of the preview: an interface that is not there, which Docker refuses at once. */
async function giveHost3AWrongCard(): Promise<void> {
  await (await workbench.quickPick({ title: /^Form swarm/ })).select(/^More options/);
  await (await workbench.quickPick({ title: /More Options/ })).select('host3');
  await (await workbench.quickPick({ title: /^Addresses of host3/ })).select('Data-path address');
  const address = await workbench.quickPick({ title: /^Addresses of host3/, placeholder: /data of overlay networks/ });
  await address.select(/^Another address/);
  const box = await workbench.inputBox({ title: /^Addresses of host3/ });
  await box.type('nosuchcard0');
  await box.accept();
  await (await workbench.quickPick({ title: /More Options/ })).select('Use these options');
}

/** The steps build on each other: after the first that fails the others say nothing, so they are not run. */
describe.sequential('the life of a swarm', { timeout: 300_000 }, () => {
  const step = chain();

  step(
    'it is formed in steps: hosts, managers with what they tolerate, the plan, and each step to its end',
    async () => {
      await swarm().welcomeButton('Form Swarm');
      const hosts = await workbench.quickPick({ title: /^Form Swarm/ });
      expect(await hosts.ticked()).toEqual(all);
      await hosts.accept();
      const managers = await workbench.quickPick({ title: /^3 managers · majority 2 · tolerates 1/ });
      await managers.untick('host3');
      await managers.waitForTitle(/^2 managers · majority 2 · tolerates none: choose 1 or 3/);
      await managers.accept();
      const preview = await workbench.quickPick({ title: /^Form swarm/ });
      const lines = (await preview.items()).map((row) => row.label);
      expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(/^More options/)]));
      await workbench.shot('swarm-form-preview');
      expect(lines.join('\n')).toMatch(/Initialize the swarm on host1[^]*host2[^]*host3/);
      await giveHost3AWrongCard();
      await (await workbench.quickPick({ title: /^Form swarm/ })).select('Form the swarm of 3 hosts');
      const toast = await workbench.notification(/Form swarm: done:.*not done: .*host3/).wait(() => true, patient);
      expect(toast.buttons).toEqual(expect.arrayContaining(['Show Steps', 'Continue']));
      await workbench.notification(/Form swarm: done:/).press('Show Steps');
      const operation = workbench.view('Operations').item('Form swarm');
      await operation.waitForText(/not finished · 2 of 3 · 1 failed/, patient);
      const steps = (await workbench.view('Operations').items()).map((row) => `${row.label} ${row.description}`);
      expect(steps.filter((text) => / done$/.test(text))).toHaveLength(2);
      expect(steps.filter((text) => /host3.* failed: /.test(text))).toHaveLength(1);
      expect(steps.join('\n')).toMatch(/Choose an address of that host/);
      await cluster().waitForText(/2 managers · majority 2 · tolerates none/, patient);
      for (const theme of ['dark', 'light', 'hcDark'] as const) {
        await workbench.setTheme(theme);
        await workbench.shot(`swarm-formed-${theme}`);
      }
      await workbench.setTheme('dark');
      await operation.action('Dismiss Operation');
      // With the last operation the view goes too.
      const header = workbench.page.locator('.pane-header[aria-label^="Operations"]');
      await until('the Operations view to be gone', async () => (await header.count()) === 0);
      await story.joinSwarm({ workbench, lab }, 'host3');
    },
  );

  step('a worker is promoted and demoted, with the majority before and after', async () => {
    await story.promote({ workbench, lab }, 'host3');
    await cluster().waitForText(/3 managers · majority 2 · tolerates 1/, patient);
    const words = await story.demote({ workbench, lab }, 'host3');
    expect(words).toMatch(/3 managers · majority 2 · tolerates 1/);
    expect(words).toMatch(/2 managers · majority 2 · tolerates none/);
    await cluster().waitForText(/2 managers · majority 2/, patient);
  });

  step('a join command is copied, not shown', async () => {
    await workbench.clearNotifications();
    await cluster().contextMenu(/^Copy Join Command/);
    await (await workbench.quickPick({ title: /^Copy Join Command/ })).select('Worker');
    const toast = await workbench.notification(/is in the clipboard/).wait(() => true, patient);
    expect(toast.message).not.toContain('SWMTKN');
    expect(await workbench.clipboard()).toMatch(/^docker swarm join --token SWMTKN-/);
    await workbench.notification(/is in the clipboard/).press('Clear Clipboard');
  });

  step('a lost majority is said with what still works, and Recover is offered; so is its return', async () => {
    await workbench.clearNotifications();
    await lab.host('host2').fault.stop('dockerd');
    await cluster().waitForText(/majority lost: 1 of 2 managers answers/, patient);
    await swarm()
      .item(/./, 'host3')
      .waitForText(/last known/, patient);
    const tooltip = await cluster().tooltip();
    expect(tooltip).toMatch(/Containers keep running/);
    expect(tooltip).toMatch(/nothing can be changed/);
    expect(await cluster().contextMenuItems()).toContain('Recover Swarm…');
    await workbench.notification(/lost its majority: 1 of 2 managers answers/).wait(() => true, patient);
    for (const theme of ['dark', 'light', 'hcDark'] as const) {
      await workbench.setTheme(theme);
      await workbench.shot(`swarm-lost-${theme}`);
    }
    await workbench.setTheme('dark');
    await cluster().action('Recover Swarm…');
    const dialog = await workbench.dialog(/^Recover .* on host1\?/);
    expect(await dialog.detail()).toMatch(/host2/);
    await workbench.shot('swarm-recover');
    await dialog.cancel();
    await lab.host('host2').fault.start('dockerd');
    await cluster().waitForText(/2 managers · majority 2 · tolerates none/, patient);
    await workbench.notification(/has a majority of its managers again/).wait(() => true, patient);
  });

  step('it is recovered on the manager that is left', async () => {
    await workbench.clearNotifications();
    await lab.host('host2').fault.stop('dockerd');
    await cluster().waitForText(/majority lost: 1 of 2 managers answers/, patient);
    await cluster().action('Recover Swarm…');
    await (await workbench.dialog(/^Recover .* on host1\?/)).press('Recover on host1');
    await cluster().waitForText(/1 manager · majority 1/, { timeoutMs: 90_000 });
    await swarm()
      .item(/./, 'host3')
      .waitForText(/^(?!.*last known).*worker · active · ready/, patient);
    await lab.host('host2').fault.start('dockerd');
  });

  step('no token is left where a person or program could read it', async () => {
    expect(searchForTokens([window.server.userDataDir, window.workspace])).toEqual([]);
    expect(workbench.consoleLines.join('\n')).not.toContain('SWMTKN');
    await workbench.clearNotifications();
  });
});
