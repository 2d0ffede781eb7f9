import type { CommandArguments } from '../../../contributions';
import { formatEndpoint, parseEndpoint, suggestName } from '../../../hosts/endpoint';
import type { HostConfig } from '../../../model/host/host';
import type { Fleet } from '../../../swarm/fleet';
import { chooseHost, noHosts } from '../chooseHosts';
import type { ResultAction } from '../connectionTest/show';
import type { ConnectionTestResult } from '../connectionTest/stages';
import type { ConnectionTester } from '../connectionTest/tester';
import { configOf } from '../hostEntries';
import { commandButton } from '../../vscode/messages';

/**
 * Tests the connection to a host, shows what was found and does not wait until it has been read.
 *
 * @returns the stages, also of a test that failed.
 */
export async function testHost(
  fleet: Fleet,
  tester: ConnectionTester,
  args: CommandArguments['dockerOverlay.host.test'],
): Promise<ConnectionTestResult> {
  const isConfigured = args.endpoint === undefined;
  const config = isConfigured ? await configured(fleet, args.host) : unconfigured(args);
  const result = await tester.run(config);
  tester.showLater(config, result, nextSteps(fleet, config, isConfigured, result));
  return result;
}

async function configured(fleet: Fleet, name: string | undefined): Promise<HostConfig> {
  const host = await chooseHost(fleet.topology, name, {
    title: 'Test Connection',
    placeholder: 'To which host?',
    offer: () => true,
    ...noHosts,
  });
  return host.config;
}

/** Its name comes from the address: what is typed may be no address at all, and may hold a password. */
function unconfigured({ endpoint = '', transport }: CommandArguments['dockerOverlay.host.test']): HostConfig {
  const parsed = parseEndpoint(endpoint);
  const name = suggestName(parsed, []);
  return configOf({ name, endpoint: formatEndpoint(parsed), ...(transport === undefined ? {} : { transport }) });
}

function nextSteps(
  fleet: Fleet,
  { name, endpointText, transport }: HostConfig,
  isConfigured: boolean,
  { ok }: ConnectionTestResult,
): ResultAction[] {
  const isReady = fleet.topology.hosts.some((host) => host.config.name === name && host.state.kind === 'ready');
  const connect = {
    ...commandButton('Connect', 'dockerOverlay.host.connect', { hosts: [name] }),
    icon: 'plug',
    isNext: true,
  };
  const edit = { ...commandButton('Edit Host', 'dockerOverlay.host.edit', { host: name }), icon: 'edit' };
  const add = commandButton('Add Host', 'dockerOverlay.host.add', {
    endpoints: [{ endpoint: endpointText, ...(transport === undefined ? {} : { transport }) }],
  });
  return [
    ...(ok && isConfigured && !isReady ? [connect] : []),
    ...(ok && !isConfigured ? [{ ...add, icon: 'add', isNext: true }] : []),
    ...(isConfigured ? [edit] : []),
    { ...commandButton('Show Log', 'dockerOverlay.showLog'), icon: 'output', isButton: true },
  ];
}
