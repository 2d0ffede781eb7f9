import type { InjectedFault } from './fault';

const killer = `
for i in $(seq 100); do
  id=$(docker ps -q --filter label=com.docker-overlay.run)
  [ -z "$id" ] || { sleep 0.7; docker kill $id; exit; }
  sleep 0.1
done`;

export const killedProbe: InjectedFault = {
  name: 'a test container that somebody kills',
  expectedRule: 'probe-gone',
  expectedHost: 'host2',
  // Long enough to be killed meanwhile.
  request: { pings: 30 },
  inject: async ({ lab }) => {
    lab.host('host2').spawn(['sh', '-c', killer]);
  },
  cureByRetry: true,
};
