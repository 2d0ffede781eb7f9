import { isOverlayError, type OverlayError } from '../../../base/errors';
import type { Event } from '../../../base/event';
import { listContexts } from '../../../hosts/contexts';
import { parseEndpoint, suggestName } from '../../../hosts/endpoint';
import { listSshAliases } from '../../../hosts/sshAliases';
import type { ConnectionTester } from '../connectionTest/tester';
import { configOf } from '../hostEntries';
import { showError } from '../../vscode/messages';
import { pickHostsToAdd, type AddHostsState, type OfferSource } from './pickHostsToAdd';
import { offersFrom, type HostOffer, type HostOffers } from './hostOffers';
import { readHosts, readSshSettings } from '../../vscode/settings';

/**
 * Asks which hosts to add; one can be tested first, and the pick opens again as it was.
 *
 * @throws OverlayError `cancelled` when dismissed.
 */
export async function askHostsToAdd(
  tester: ConnectionTester,
  onContextsChange: Event<void>,
): Promise<readonly HostOffer[]> {
  const source: OfferSource = { load: findHosts, onDidChange: onContextsChange };
  let state: AddHostsState | undefined;
  for (;;) {
    const answer = await pickHostsToAdd(source, tellBroken, state);
    if (answer.kind === 'add') return answer.offers;
    state = answer.state;
    await testOffer(tester, answer.offer);
  }
}

async function testOffer(tester: ConnectionTester, { name, endpoint }: HostOffer): Promise<void> {
  const config = configOf({ name: name ?? suggestName(parseEndpoint(endpoint), []), endpoint });
  try {
    const back = { label: 'Back to Add Hosts', icon: 'arrow-left', isNext: true, run: () => undefined };
    await tester.show(config, await tester.run(config), [back]);
  } catch (error) {
    // A cancelled test leads back as well.
    if (!isOverlayError(error, 'cancelled')) throw error;
  }
}

/** Broken contexts are offered so that people see why they are not among the others. */
const tellBroken = (error: OverlayError): void => showError(error);

async function findHosts(): Promise<HostOffers> {
  const { configFile } = readSshSettings();
  const [aliases, contexts] = await Promise.all([
    listSshAliases(configFile === undefined ? {} : { configFile }),
    listContexts(),
  ]);
  const local = process.platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
  return offersFrom(aliases, contexts, readHosts().hosts, local);
}
