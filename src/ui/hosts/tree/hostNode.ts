import { describeError, OverlayError } from '../../../base/errors';
import { defaultDataPathPort } from '../../../model/network/vxlan';
import { brokenReason } from '../../../model/swarm/brokenMember';
import type { HostSnapshot } from '../../../model/engine/records';
import type { HostState } from '../../../model/host/host';
import type { Cluster, HostView } from '../../../model/swarm/topology';
import { hostChildren } from './hostChildren';
import { tooltip, type TooltipRow } from '../../tree/tooltip';
import type { TreeIcon, TreeNode } from '../../tree/treeNode';
import { hostViewItem } from '../../tree/viewItems';
import { membershipOf } from '../../../model/swarm/membership';
import { dots, duration } from '../../../base/text/words';

/** The item of one host. @param ports its last check of ports */
export function hostNode(host: HostView, cluster: Cluster | undefined, several: boolean, ports?: TreeNode): TreeNode {
  const { name } = host.config;
  const description = hostDescription(host, several ? cluster : undefined);
  const command = host.state.kind === 'failed' ? describeError(host.state.error).command : undefined;
  return {
    id: `host/${name}`,
    label: name,
    description,
    icon: hostIcon(host.state),
    tooltip: hostTooltip(host, cluster),
    contextValue: hostViewItem(host, cluster),
    accessibleLabel: `Host ${name}, ${stateWord(host.state)}, ${description}`,
    target: { kind: 'host', host: name, address: copiedAddress(host), ...(command ? { remedy: command } : {}) },
    children: host.state.kind === 'ready' ? hostChildren(name, host.state.snapshot, ports) : [],
  };
}

/** `deploy@10.0.0.5 · 28.5.2 · manager, leader`; what is wrong, when something is. */
export function hostDescription(host: HostView, cluster?: Cluster): string {
  const { state } = host;
  switch (state.kind) {
    case 'idle':
      return dots(addressText(host) !== host.config.name && addressText(host), 'not connected');
    case 'connecting':
      return state.stage ? `${state.stage}…` : 'connecting…';
    case 'failed':
      return describeError(state.error).title;
    case 'ready':
      return dots(
        state.link.insecure,
        whereText(host),
        shortVersion(state.snapshot.info.serverVersion),
        roleWords(host),
        cluster?.name,
      );
  }
}

/** A bare alias says no more than the name does: then the address the host advertises, with the user, if known. */
function whereText(host: HostView): string | undefined {
  const text = addressText(host);
  if (text !== host.config.name || host.state.kind !== 'ready') return text;
  const { link, snapshot } = host.state;
  const address = snapshot.info.swarm.nodeAddress;
  return address && link.user ? `${link.user}@${address}` : address || undefined;
}

/** "20.10.24+dfsg1" without what a distribution added. */
const shortVersion = (version: string): string => version.split('+')[0] ?? version;

/** What Copy Address copies: as it can be typed elsewhere, where {@link addressText} is for reading. */
export const copiedAddress = ({ config }: HostView): string => config.endpointText.replace(/^ssh:\/\//, '');

/** The endpoint without the scheme that nearly all share. */
export function addressText(host: HostView): string {
  return host.config.endpointText.replace(/^ssh:\/\//, '').replace(/^context:\/\//, 'context ');
}

function roleWords(host: HostView): string {
  switch (membershipOf(host)) {
    case 'manager':
      if (host.state.kind === 'ready' && host.state.snapshot.nodesError) return 'manager, no majority';
      return host.node?.manager?.leader ? 'manager, leader' : 'manager';
    case 'worker':
      return 'worker';
    case 'joining':
      return 'joining a swarm…';
    case 'locked':
      return 'swarm locked';
    case 'error':
      return brokenTitle(host) ?? 'swarm error';
    default:
      return 'no swarm';
  }
}

/** "Manager cannot start" */
function brokenTitle({ state }: HostView): string | undefined {
  const reason = state.kind === 'ready' ? brokenReason(state.snapshot.info.swarm) : undefined;
  return reason && describeError(new OverlayError(reason)).title;
}

function hostIcon(state: HostState): TreeIcon {
  switch (state.kind) {
    case 'idle':
      return { id: 'circle-outline' };
    case 'connecting':
      return { id: 'loading~spin' };
    case 'failed':
      return { id: 'warning', color: 'list.warningForeground' };
    case 'ready':
      return state.link.insecure
        ? { id: 'unlock', color: 'list.warningForeground' }
        : { id: 'circle-filled', color: 'testing.iconPassed' };
  }
}

function stateWord(state: HostState): string {
  return { idle: 'not connected', connecting: 'connecting', failed: 'not connected', ready: 'connected' }[state.kind];
}

function hostTooltip(host: HostView, cluster: Cluster | undefined): string {
  const { state } = host;
  const rows: TooltipRow[] = [['Endpoint', host.config.endpointText]];
  const sentences: string[] = [];
  const snapshot = state.kind === 'ready' ? state.snapshot : state.kind === 'failed' ? state.lastSnapshot : undefined;
  if (state.kind === 'failed') {
    const words = describeError(state.error);
    sentences.push(words.happened, words.remedy);
    if (words.command) sentences.push(`Command: ${words.command}`);
  }
  if (snapshot) rows.push(...engineRows(snapshot, cluster));
  if (state.kind === 'ready') {
    rows.push(['Link', state.link.description], ['Because', state.link.because]);
    if (state.link.latencyMs !== undefined) rows.push(['Latency', duration(state.link.latencyMs)]);
    if (state.link.insecure) sentences.push(insecureWords(state.link.insecure));
    if (snapshot?.info.swarm.error) sentences.push(snapshot.info.swarm.error);
    if (snapshot?.nodesError) sentences.push(describeError(snapshot.nodesError).happened);
  }
  return tooltip(host.config.name, rows, sentences);
}

/** The engine's API is root on that machine: whoever is on the way can have it. */
const insecureWords = (why: string): string =>
  `Not protected: ${why}. Who is on the way can read what is sent and take over this Docker. Use ssh:// or TLS with certificates.`;

function engineRows({ info }: HostSnapshot, cluster: Cluster | undefined): TooltipRow[] {
  const inSwarm = info.swarm.state !== 'inactive';
  return [
    ['Engine', `${info.serverVersion} (API ${info.apiVersion})`],
    ['System', `${info.operatingSystem}, ${info.architecture}`],
    ['Kernel', info.kernelVersion],
    ['Hostname', info.hostname],
    ['Swarm', inSwarm ? dots(cluster?.name, info.swarm.isManager ? 'manager' : 'worker', info.swarm.state) : 'none'],
    ['Advertises', info.swarm.nodeAddress],
    [
      'Data path',
      inSwarm ? `${info.swarm.dataPathPort ?? cluster?.dataPathPort ?? defaultDataPathPort}/udp` : undefined,
    ],
  ];
}
