import type { InjectedFault } from './fault';

/** Ends the script of the pings, and leaves the test container alone. */
const killer = `
for i in $(seq 300); do
  if pkill -KILL -f '[b]urst'; then exit; fi
  sleep 0.1
done`;

export const killedPings: InjectedFault = {
  name: 'pings of one host killed',
  expectedRule: 'source-stopped',
  expectedHost: 'host2',
  // Long enough to be killed meanwhile.
  request: { pings: 30 },
  inject: async ({ lab }) => {
    lab.host('host2').spawn(['sh', '-c', killer]);
  },
  cureByRetry: true,
};
