import { describe, expect, test } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { HostsFilter } from '../../../src/ui/hosts/hostsFilter';
import {
  filterMessage,
  filterTokens,
  matchesHost,
  parseFilter,
  toggleToken,
} from '../../../src/ui/hosts/tree/hostFilter';
import { buildHostsTree } from '../../../src/ui/hosts/tree/hostsTree';
import { failed, host, ready, topology } from './topologies';
import { anyError } from '../anyError';

const inFolder = (name: string, folder: string) => {
  const view = host(name, ready());
  return { ...view, config: { ...view.config, folder } };
};
const hosts = [
  inFolder('web1', 'zone a'),
  host('web2', failed('dockerPermissionDenied', { host: 'web2', user: 'deploy' })),
  host('db', { kind: 'idle' }),
];
const problem = { index: 3, name: 'typo', error: new OverlayError('hostConfigInvalid', { message: 'no endpoint' }) };
const all = topology({ hosts, problems: [problem] });
const shown = (text: string) => {
  const filter = parseFilter(text);
  return hosts.filter((one) => !filter || matchesHost(one, filter)).map((one) => one.config.name);
};

describe('the filter of the Hosts view', () => {
  test.each([
    ['', ['web1', 'web2', 'db']],
    ['WEB', ['web1', 'web2']],
    ['zone', ['web1']],
    ['28.5', ['web1']],
    ['permission denied', ['web2']],
    ['deploy@db', ['db']],
    ['web permission', ['web2']],
    ['@problems', ['web2']],
    ['@connected web', ['web1']],
    ['nothing-like-it', []],
  ])('"%s" shows %j', (text, names) => expect(shown(text)).toEqual(names));

  test('a host that is tried again is a problem until it is connected', () => {
    const lastError = anyError('dockerPermissionDenied', { host: 'web2' });
    const filter = parseFilter('@problems permission') ?? expect.fail('no filter');
    expect(matchesHost(host('web2', { kind: 'connecting', lastError }), filter)).toBe(true);
    expect(matchesHost(host('web2', { kind: 'connecting' }), filter)).toBe(false);
  });

  test('leaves out empty folders, and finds broken entries by name and by what is wrong', () => {
    const labels = (text: string) => buildHostsTree(all, parseFilter(text)).map((item) => item.label);
    expect(labels('db')).toEqual(['db']);
    expect(labels('zone')).toEqual(['zone a']);
    expect(labels('no endpoint')).toEqual(['typo']);
    expect(labels('@problems')).toEqual(['web2', 'typo']);
    expect(labels('@connected')).toEqual(['zone a']);
  });

  test('says how many are shown', () => {
    const message = (text: string) => filterMessage(all, parseFilter(text) ?? expect.fail('no filter'));
    expect(message(' web ')).toBe('Showing 2 of 4 · filter: web');
    expect(message('xyz')).toBe('No host fits · filter: xyz');
  });

  test('tokens are added and taken away', () => {
    const once = toggleToken('web', filterTokens.problems);
    expect(once).toBe('web @problems');
    expect(toggleToken(once, filterTokens.problems)).toBe('web');
  });

  test('tells only real changes', () => {
    const filter = new HostsFilter();
    const told: (string | undefined)[] = [];
    filter.onDidChange((next) => told.push(next?.text));
    filter.set('web');
    filter.set(' web ');
    filter.set('');
    filter.set('  ');
    expect(told).toEqual(['web', undefined]);
  });
});
