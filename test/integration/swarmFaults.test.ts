import { swarmFaults } from '../faults/all';
import { testFaults } from './support/faultTests';

testFaults('the diagnosis of faults of engines, swarms, networks and containers', swarmFaults);
