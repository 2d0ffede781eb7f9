import { packetFaults } from '../faults/all';
import { testFaults } from './support/faultTests';

testFaults('the diagnosis of faults of what carries packets', packetFaults);
