import { beforeEach, expect, it, vi } from 'vitest';
import { Emitter } from '../../../src/base/event';
import { silentLogger } from '../../../src/base/logger';
import type { Fleet } from '../../../src/swarm/fleet';
import type { HostsService } from '../../../src/ui/hosts/hostsService';
import { LazyContexts } from '../../../src/ui/hosts/lazyContexts';

const followed = vi.hoisted(() => ({ stores: 0, change: (): void => undefined }));
vi.mock('../../../src/ui/hosts/contextStore', () => ({
  ContextStore: class {
    readonly onDidChange = (listener: () => void) => {
      followed.stores += 1;
      followed.change = listener;
      return { dispose: () => undefined };
    };
    dispose(): void {}
  },
}));

const make = () => {
  const [start, connect] = [new Emitter<void>(), new Emitter<string>()];
  const contexts = new LazyContexts(
    { onDidConnect: connect.event } as unknown as Fleet,
    { onDidStart: start.event } as unknown as HostsService,
    silentLogger,
  );
  return { contexts, start, connect };
};

beforeEach(() => void (followed.stores = 0));

it('Docker contexts are not read or watched while nobody looks', () => {
  make();
  expect(followed.stores).toBe(0);
});

it.each([
  ['somebody looks at the hosts', ({ start }: ReturnType<typeof make>) => start.fire()],
  ['a host is connected', ({ connect }: ReturnType<typeof make>) => connect.fire('a')],
  [
    'somebody chooses among them',
    ({ contexts }: ReturnType<typeof make>) => void contexts.onDidChange(() => undefined),
  ],
])('they are followed, once, when %s', (_, happens) => {
  const made = make();
  happens(made);
  made.start.fire();
  const heard = vi.fn();
  made.contexts.onDidChange(heard);
  followed.change();
  expect(heard).toHaveBeenCalledTimes(1);
  expect(followed.stores).toBe(1);
});
