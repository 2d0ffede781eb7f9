import { describe, expect, it } from 'vitest';
import type { NetworkCreateRequest } from '../../../src/engine/api';
import { labels } from '../../../src/model/engine/records';
import type { Finding } from '../../../src/model/report/finding';
import { summarise, type PairResult, type VerificationReport } from '../../../src/model/report/matrix';
import { concludeTwin } from '../../../src/diagnosis/concludeTwin';
import { createTwins, reapNetworks } from '../../../src/probe/twinNetworks';

const hosts = ['host1', 'host2', 'host3'];
const facts = {
  dataPathPort: 4789,
  encrypted: true,
  hosts: hosts.map((host, index) => ({ host, address: `10.0.0.${index + 1}` })),
};

/** A report in which the pairs that `isDead` names are dead, and those that `isUnknown` names were not tried. */
function report(
  encrypted: boolean,
  isDead: (from: string, to: string) => boolean,
  more: { findings?: Finding[]; isUnknown?: (from: string, to: string) => boolean } = {},
): VerificationReport {
  const answered = { outcome: 'answered', sent: 3, received: 3 } as const;
  const silent = { outcome: 'silent', sent: 3, received: 0 } as const;
  const pairs = hosts.flatMap((from) =>
    hosts
      .filter((to) => to !== from)
      .map((to): PairResult => {
        const ping = isDead(from, to) ? silent : answered;
        const problem = more.isUnknown?.(from, to) ? { problem: 'no container' } : {};
        return { from, to, name: { outcome: 'resolved', right: true }, address: ping, byName: ping, ...problem };
      }),
  );
  return {
    schema: 'docker-overlay/verification@1',
    id: 'x',
    startedAt: '2026-01-01T00:00:00Z',
    durationMs: 1,
    outcome: 'finished',
    clusterId: 'c',
    network: { id: 'n', name: 'twin', encrypted, subnets: [] },
    hosts: hosts.map((host) => ({ host })),
    pings: 3,
    pairs,
    summary: summarise(3, pairs),
    findings: more.findings ?? [],
    cleanUp: { removed: 3, left: [] },
  };
}

const nowhere = () => false;
const everywhere = () => true;
const at = (host: string) => (from: string, to: string) => from === host || to === host;
const conclude = (plain: VerificationReport, encrypted: VerificationReport) =>
  concludeTwin(hosts, plain, encrypted, facts);
const verdicts = (result: ReturnType<typeof conclude>) => result.hosts.map(({ verdict }) => verdict);

describe('the two networks', () => {
  it('have the subnets and the MTU they are given, and say how long they last', async () => {
    const asked: NetworkCreateRequest[] = [];
    const networks = {
      create: async (request: NetworkCreateRequest) => `${asked.push(request)}`,
      inspect: async (id: string) => ({ id }),
    };
    const manager = { host: 'm1', engine: { networks } as never };
    const subnets = ['198.18.0.0/24', '198.18.1.0/24'] as const;
    await createTwins({ manager, owner: 'me', subnets, underlayMtu: 1400 }, 'abcdefabcdef');
    const common = { attachable: true, options: { 'com.docker.network.driver.mtu': '1400' } };
    expect(asked).toMatchObject([
      { name: 'overlay-twin-abcdefabcdef-plain', encrypted: false, subnets: [{ subnet: '198.18.0.0/24' }], ...common },
      {
        name: 'overlay-twin-abcdefabcdef-encrypted',
        encrypted: true,
        subnets: [{ subnet: '198.18.1.0/24' }],
        ...common,
      },
    ]);
    expect(asked[0]?.labels).toMatchObject({ [labels.owner]: 'me', [labels.lifetime]: '900' });
  });

  it('are taken by their age at the manager, whatever the clock of this machine says', async () => {
    const made = (name: string, createdAt: string, owner = 'other') => ({
      id: name,
      name: `overlay-twin-${name}`,
      scope: 'swarm',
      createdAt,
      labels: { [labels.run]: name, [labels.owner]: owner, [labels.lifetime]: '900' },
    });
    const removed: string[] = [];
    const engine = {
      time: async () => Date.parse('2001-01-01T01:00:00Z') / 1000,
      networks: {
        list: async () => [
          made('new', '2001-01-01T00:50:00.123456789Z'),
          made('old', '2001-01-01T00:40:00.123456789Z'),
          made('active', '2001-01-01T00:10:00Z', 'me'),
          made('undated', ''),
        ],
        remove: async (id: string) => void removed.push(id),
      },
    };
    const options = { owner: 'me', isRunActive: (id: string) => id === 'active' };
    expect(await reapNetworks(engine as never, options)).toEqual(['overlay-twin-old']);
    expect(removed).toEqual(['old']);
  });
});

describe('a plain and an encrypted network on the same hosts', () => {
  it('both fine', () => {
    const result = conclude(report(false, nowhere), report(true, nowhere));
    expect(verdicts(result)).toEqual(['fine', 'fine', 'fine']);
    expect(result.conclusion).toBe('Encryption works between all 3 hosts: both networks reach every pair.');
    expect(result.findings).toEqual([]);
  });

  it('encrypted dead at one host: ESP there, with the commands', () => {
    const result = conclude(report(false, nowhere), report(true, at('host2')));
    expect(verdicts(result)).toEqual(['fine', 'encryption', 'fine']);
    expect(result.conclusion).toContain('At host2, ESP (IP protocol 50) is blocked or missing');
    expect(result.findings.map(({ rule }) => rule)).toEqual(['esp-blocked']);
    expect(result.findings[0]?.pairs).toHaveLength(4);
    const commands = result.findings[0]?.remedy.commands ?? [];
    expect(new Set(commands.map(({ host }) => host))).toEqual(new Set(['host2']));
    expect(commands.map(({ command }) => command).join()).toContain('-p esp -s 10.0.0.1,10.0.0.3');
  });

  it('encrypted dead everywhere', () => {
    const result = conclude(report(false, nowhere), report(true, everywhere));
    expect(result.conclusion).toContain('Between the hosts, ESP (IP protocol 50) is blocked or missing');
  });

  it('encrypted dead where the kernel lacks ESP: the kernel, not the firewall', () => {
    const finding: Finding = {
      rule: 'kernel-without-esp',
      title: 'host2: the kernel cannot encrypt (no ESP)',
      confidence: 'certain',
      evidence: [],
      pairs: [],
      remedy: { text: '', commands: [{ host: 'host2', label: 'x', command: 'y' }] },
    };
    const result = conclude(report(false, nowhere), report(true, at('host2'), { findings: [finding] }));
    expect(result.conclusion).toBe(
      'The kernel of host2 cannot encrypt (no ESP): plain networks work, encrypted ones never will.',
    );
    expect(result.findings).toEqual([finding]);
  });

  it('both dead: the data path, everywhere or at one host', () => {
    expect(conclude(report(false, everywhere), report(true, everywhere)).conclusion).toBe(
      'The data path between the hosts is blocked, with and without encryption.',
    );
    const result = conclude(report(false, at('host3')), report(true, at('host3')));
    expect(verdicts(result)).toEqual(['fine', 'fine', 'dataPath']);
    expect(result.conclusion).toBe('The data path of host3 is blocked, with and without encryption.');
  });

  it('one host of each kind', () => {
    const encryptedDead = (from: string, to: string) => at('host2')(from, to) || at('host3')(from, to);
    const result = conclude(report(false, at('host3')), report(true, encryptedDead));
    expect(result.hosts.find(({ host }) => host === 'host3')?.verdict).toBe('dataPath');
    expect(result.conclusion).toContain('The data path of host3');
  });

  it('a single pair: it depends on the pair', () => {
    const result = conclude(
      report(false, nowhere),
      report(true, (from, to) => from === 'host1' && to === 'host2'),
    );
    expect(verdicts(result)).toEqual(['mixed', 'mixed', 'fine']);
    expect(result.conclusion).toContain('Between host1 and host2 it depends on the pair');
  });

  it('plain dead and encrypted fine', () => {
    const result = conclude(report(false, at('host1')), report(true, nowhere));
    expect(verdicts(result)[0]).toBe('plainDead');
    expect(result.conclusion).toContain('host1: encrypted packets come through and plain ones do not');
  });

  it('a host that was not tried', () => {
    const isUnknown = at('host3');
    const result = conclude(report(false, nowhere, { isUnknown }), report(true, nowhere, { isUnknown }));
    expect(verdicts(result)).toEqual(['fine', 'fine', 'cannotTell']);
    expect(result.conclusion).toContain('host3 could not be tried');
  });
});
