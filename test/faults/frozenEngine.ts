import type { InjectedFault } from './fault';

export const frozenEngine: InjectedFault = {
  name: 'a frozen engine',
  expectedRule: 'engine-not-answering',
  expectedHost: 'host3',
  inject: ({ lab }) => lab.host('host3').fault.freeze('dockerd'),
  cure: ['restart Docker'],
};
