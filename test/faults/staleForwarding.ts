import type { InjectedFault } from './fault';

/**
 * Leaves host2 with entries that lead to the wrong host, as an address leaves that has moved: what is on host3 is said to be
 * on host1. It ends with the test container of host2, so later ones are found where they are.
 */
const poisoner = `
sandbox=/var/run/docker/netns/1-$1
for i in $(seq 300); do
  probe=$(docker ps -q --filter label=com.docker-overlay.run)
  [ -z "$probe" ] || break
  sleep 0.1
done
while [ -n "$(docker ps -q --filter id="$probe")" ]; do
  for mac in $(nsenter --net="$sandbox" bridge fdb show dev vxlan0 | sed -n "s/ .*dst $2 .*//p"); do
    nsenter --net="$sandbox" bridge fdb replace "$mac" dev vxlan0 dst "$3" self permanent
  done
  sleep 0.1
done`;

export const staleForwarding: InjectedFault = {
  name: 'stale forwarding entries for one host',
  expectedRule: 'stale-forwarding',
  expectedHost: 'host2',
  // Long enough for the entries to come and to be spoilt.
  request: { pings: 10 },
  inject: async ({ lab, network }) => {
    const addressOf = (name: string) => lab.host(name).address;
    const words = [network.id.slice(0, 10), addressOf('host3'), addressOf('host1')];
    lab.host('host2').spawn(['sh', '-c', poisoner, 'sh', ...words]);
  },
  cureByRetry: true,
  // Engines of 20.10 may attach a container half a minute late to a network that was in use a moment ago.
  cureTakesMs: 60_000,
};
