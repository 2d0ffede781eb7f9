import { expect } from 'vitest';
import { labels } from '../../../src/model/engine/records';
import { engineCall } from '../../lab/engineApi';
import type { LabHost } from '../../lab/host';
import type { Lab } from '../../lab/lab';
import { docker } from './swarmKit';

/** Labels of a task that nobody needs any more, of a window that is gone. */
const ours = [`${labels.run}=0123456789ab`, `${labels.owner}=0000.1.gone`, `${labels.lifetime}=0`];

const asLabels = (list: readonly string[]): string[] => list.flatMap((label) => ['--label', label]);

/** Containers of persons on each host that look like ours in one way or another. */
const containers: Readonly<Record<string, readonly string[]>> = {
  // Names as ours.
  'law-net-probe-01234567-host1': [],
  'overlay-helper-0123456789ab-0000': [],
  // Labels that only begin or end as ours do.
  'similar-labels': asLabels([`${labels.run}-of-mine=1`, `${labels.run}ner=1`, `my.${labels.run}=1`]),
  // As those have that are made of an image which somebody committed from one of our containers.
  'of-committed-image': asLabels(ours),
  'kept-by-person': asLabels([...ours, `${labels.testContainer}=1`]),
};

/** Networks of persons: name to the words of `docker network create`. */
const networks: Readonly<Record<string, readonly string[]>> = {
  'overlay-twin-mine': ['-d', 'overlay', '--attachable'],
  'labelled-mine': ['-d', 'overlay', '--attachable', ...asLabels(ours)],
  'overlay-twin-bridge': ['-d', 'bridge', ...asLabels(ours)],
};

/** What persons have on the hosts beside ours, which must be there at the end as it was. */
export class Bystanders {
  private before: readonly string[] = [];

  constructor(private readonly lab: Lab) {}

  /** @param manager makes the networks */
  async make(manager: LabHost): Promise<void> {
    for (const [name, words] of Object.entries(networks)) await docker(manager, 'network', 'create', ...words, name);
    for (const host of this.lab.hosts)
      for (const [name, words] of Object.entries(containers)) {
        const network = host === manager ? ['--network', 'labelled-mine'] : [];
        await docker(
          host,
          'run',
          '-d',
          '--restart',
          'always',
          '--name',
          name,
          ...network,
          ...words,
          'alpine:latest',
          'sleep',
          '36000',
        );
      }
    this.before = await this.look();
  }

  /** They run as they did, the same containers and networks. */
  async expectUntouched(): Promise<void> {
    await expect.poll(() => this.look(), { timeout: 60_000, interval: 500 }).toEqual(this.before);
  }

  /** What of ours is there, on all hosts: `host1 name`. */
  async others(): Promise<string[]> {
    const found = await Promise.all(
      this.lab.hosts.map(async (host) => {
        const own = { label: [labels.run] };
        const found = [...(await containersOf(host, own)), ...(await networksOf(host, own))];
        return found
          .filter(({ name }) => !(name in containers) && !(name in networks))
          .map(({ name }) => `${host.name} ${name}`);
      }),
    );
    return found.flat().sort();
  }

  private async look(): Promise<string[]> {
    const lists = await Promise.all(
      this.lab.hosts.map(async (host) => {
        const found = [...(await containersOf(host)), ...(await networksOf(host))];
        return found
          .filter(({ name }) => name in containers || name in networks)
          .map(({ name, id, state }) => `${host.name} ${name} ${id} ${state}`);
      }),
    );
    return lists.flat().sort();
  }
}

interface Seen {
  readonly name: string;
  readonly id: string;
  readonly state: string;
}

/** By the engine's socket: the command line would be most of the work of looking every half second. */
async function containersOf(host: LabHost, filters: object = {}): Promise<Seen[]> {
  type Row = { Id: string; Names: string[]; State: string };
  const path = `/containers/json?all=1&filters=${encodeURIComponent(JSON.stringify(filters))}`;
  const rows = await engineCall<Row[]>(host.socketPath, 'GET', path);
  return rows.map(({ Id, Names, State }) => ({ name: (Names[0] ?? '').slice(1), id: Id, state: State }));
}

async function networksOf(host: LabHost, filters: object = {}): Promise<Seen[]> {
  const path = `/networks?filters=${encodeURIComponent(JSON.stringify(filters))}`;
  const rows = await engineCall<{ Id: string; Name: string }[]>(host.socketPath, 'GET', path);
  return rows.map(({ Id, Name }) => ({ name: Name, id: Id, state: '' }));
}
