import { engineCall } from '../lab/engineApi';
import type { Lab } from '../lab/lab';
import { waitFor } from '../lab/process';

// Docker gives the first container of a network on a host 20 s, in which its engine starts itself anew a dozen times to
// work inside network namespaces. On this kernel each start takes a second or so, and three engines share one processor:
// what can be done beforehand, one host after another, is.

/** Waits until the engines have set up the swarm's own network, which they do in the minute after they have joined. */
export async function ingressReady(lab: Lab): Promise<void> {
  for (const host of lab.hosts) {
    const isThere = async (): Promise<true | undefined> => {
      const networks = await engineCall<{ Name: string }[]>(host.socketPath, 'GET', '/networks');
      if (!networks.some((one) => one.Name === 'ingress')) return undefined;
      const ingress = await engineCall<{ Containers: Record<string, unknown> }>(
        host.socketPath,
        'GET',
        '/networks/ingress',
      );
      return Object.keys(ingress.Containers).includes('ingress-sbox') || undefined;
    };
    await waitFor(isThere, 180_000, () => `${host.name} has no ingress network after three minutes.`);
  }
}

/** Starts a container of a person on each host in the network, one after another. Resolves to what removes them. */
export async function useEverywhere(lab: Lab, network: string): Promise<() => Promise<void>> {
  const nameOn = (host: string): string => `user-${host}-${network}`;
  for (const host of lab.hosts) await host.runInNetwork(nameOn(host.name), network);
  return async () => {
    await Promise.all(lab.hosts.map((host) => host.execOk(['docker', 'rm', '-f', nameOn(host.name)])));
  };
}
