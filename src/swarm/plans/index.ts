export { planCreateNetwork } from './createNetwork';
export { planForm, proposeManagers } from './form';
export { planInit } from './init';
export { planJoin } from './join';
export { planLeave } from './leave';
export { planRemoveNetworks } from './removeNetworks';
export { planRemoveNode } from './removeNode';
export { planSetAvailability, planSetRole } from './role';
