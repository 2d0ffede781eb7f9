import { ConnectionKit } from './connectionKit';

/** Holds a link by the ssh program to the alias "target" of a configuration, until it is killed. */
async function hold(sshConfig: string | undefined): Promise<void> {
  await new ConnectionKit().connect('target', { sshConfig, transport: 'systemSsh' });
  process.stdout.write('connected\n');
  setInterval(() => undefined, 60_000);
}

void hold(process.argv[2]);
