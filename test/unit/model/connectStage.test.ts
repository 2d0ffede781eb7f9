import { describe, expect, it } from 'vitest';
import { atHop, skipStages, stageWords, type StageReport } from '../../../src/model/host/connectStage';

describe('stageWords', () => {
  it.each<[StageReport, string]>([
    [{ stage: 'configuration', state: 'begun' }, 'reading the configuration'],
    [{ stage: 'configuration', state: 'begun', detail: 'context prod' }, 'reading the context prod'],
    [{ stage: 'resolve', state: 'begun', detail: 'node1' }, 'resolving'],
    [{ stage: 'tcp', state: 'begun', detail: '10.0.0.5:22' }, 'connecting to 10.0.0.5:22'],
    [{ stage: 'hostKey', state: 'begun' }, 'exchanging keys'],
    [
      { stage: 'hostKey', state: 'begun', detail: 'waiting for the host key to be confirmed' },
      'waiting for the host key to be confirmed',
    ],
    [{ stage: 'authentication', state: 'begun', hop: 'bastion' }, 'logging in (jump host bastion)'],
    [{ stage: 'authentication', state: 'done', detail: 'deploy, password' }, 'logging in'],
    [{ stage: 'engine', state: 'begun' }, 'asking Docker'],
  ])('%j', (report, words) => {
    expect(stageWords(report)).toBe(words);
  });
});

it('reports of a jump host carry its name', () => {
  const heard: StageReport[] = [];
  skipStages(
    atHop((report) => heard.push(report), 'bastion'),
    'no need',
    'resolve',
    'tcp',
  );
  expect(heard).toEqual([
    { stage: 'resolve', state: 'skipped', detail: 'no need', hop: 'bastion' },
    { stage: 'tcp', state: 'skipped', detail: 'no need', hop: 'bastion' },
  ]);
});
