// npm start: brings up the lab and opens an editor on it. The desktop's VS Code when there is one, else the
// browser-based one, whose address is printed. Stays until Ctrl-C, then everything is taken down.
import path from 'node:path';
import { Lab } from '../lab/lab';
import { openEditor } from './open';

const vsix = path.resolve(__dirname, '../../out/docker-overlay-networks.vsix');
/** A stranger should not have to look for the icon. */
const openViews = path.resolve(__dirname, 'open-views');

async function main(): Promise<void> {
  console.log('Bringing up three Docker hosts');
  const lab = await Lab.up({ name: `start-${process.pid}`, hosts: 3, forward: true, owned: true });
  try {
    const editor = await openEditor({
      vsix: [vsix],
      extensionFolders: [openViews],
      machineSettings: {
        'dockerOverlay.ssh.configFile': lab.outsideSshConfig,
        'dockerOverlay.hosts': lab.hosts.map(({ name }) => ({ name, endpoint: `ssh://${name}` })),
      },
    });
    console.log(
      `\n${editor.words}\nThe hosts: ${lab.hosts.map((host) => host.name).join(', ')}. Their faults: npm run lab -- fault --name ${lab.name}\nCtrl-C ends the editor and the hosts.`,
    );
    await Promise.race([stopSignal(), editor.closed]);
    await editor.stop();
  } finally {
    await lab.down();
  }
}

/** Resolves at Ctrl-C, or when the terminal goes away; a second signal does not cut taking down the lab short. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
