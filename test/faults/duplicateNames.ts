import type { FaultScene, InjectedFault } from './fault';

const hosts = ['host2', 'host3'];
const name = 'same-name';

const start = ({ lab, network }: FaultScene, host: string) =>
  lab
    .host(host)
    .execOk(['docker', 'run', '-d', '--rm', '--name', name, '--network', network.id, 'alpine:latest', 'sleep', '600']);

export const duplicateNames: InjectedFault = {
  name: 'two containers with the same name',
  expectedRule: 'duplicate-name',
  expectedHost: 'host2 and host3',
  inject: async (scene) => {
    for (const host of hosts) await start(scene, host);
  },
  clear: async ({ lab }) => {
    for (const host of hosts) await lab.host(host).exec(['docker', 'rm', '-f', name]);
  },
};
