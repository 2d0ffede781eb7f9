import { listAll } from '../../../base/text/words';
import {
  encryptionFaults,
  needsUsualPort,
  numbersKeysDifferently,
  packetMatches,
} from '../../../model/engine/engineFaults';
import type { HostName } from '../../../model/host/host';
import { kernelFeatures, type HostReading, type KernelFeature } from '../../../model/host/hostReading';
import { defaultDataPathPort } from '../../../model/network/vxlan';
import { connectedHosts, type NetworkAdvice, type PreflightContext } from './finding';

/** An engine of the cluster and what it is called: a connected host tells its version itself, the manager of the others. */
interface EngineOfNode {
  readonly host?: HostName;
  readonly name: string;
  readonly version: string;
}

/** What will keep an encrypted network from carrying traffic, host by host. */
export function encryptionFindings(context: PreflightContext): NetworkAdvice[] {
  if (!context.request.encrypted) return [];
  const engines = enginesOf(context);
  return [
    ...windowsFindings(context),
    ...connectedHosts(context).flatMap(({ host, snapshot }) => {
      const reading = context.readings.get(host);
      return reading && snapshot.info.osType === 'linux' ? kernelFindings(reading, snapshot.info.serverVersion) : [];
    }),
    ...portFindings(context, engines),
    ...keyFindings(engines),
    ...faultFindings(engines),
    ...unknownFindings(context),
  ];
}

function enginesOf(context: PreflightContext): EngineOfNode[] {
  const own = connectedHosts(context).map(({ host, snapshot }) => ({
    host,
    name: host,
    version: snapshot.info.serverVersion,
  }));
  const others = context.cluster.nodes
    .filter(({ host, ghost, node }) => !ghost && node.engineVersion !== '' && !own.some((one) => one.host === host))
    .map(({ host, node }) => ({
      ...(host === undefined ? {} : { host }),
      name: host ?? node.hostname,
      version: node.engineVersion,
    }));
  return [...own, ...others];
}

function windowsFindings({ cluster }: PreflightContext): NetworkAdvice[] {
  return cluster.nodes
    .filter(({ node }) => node.os === 'windows')
    .map(({ node, host }) => ({
      severity: 'warning',
      about: 'encryption',
      host,
      text: `Encrypted networks do not work on Windows nodes: ${host ?? node.hostname} cannot use it.`,
      remedy: 'Leave encryption out, or keep its containers off that node.',
      short: `does not work on Windows nodes (${host ?? node.hostname})`,
    }));
}

/**
 * Without ESP creating and attaching succeed and every packet between hosts is lost (measured on 20.10.24). Without the
 * packet match Docker cannot mark what is to be encrypted, and says so in its log (release notes of 20.10.24).
 */
function kernelFindings({ host, kernel, features }: HostReading, version: string): NetworkAdvice[] {
  const common = { severity: 'warning', about: 'encryption', host } as const;
  const findings: NetworkAdvice[] = [];
  if (features.esp === false) {
    findings.push({
      ...common,
      text: `The kernel of ${host} (${kernel}) has no ESP: no traffic from and to it will pass.`,
      remedy: 'Boot a kernel with CONFIG_INET_ESP there, or leave encryption out.',
      short: `${host}'s kernel has no ESP: traffic to it will not pass`,
    });
  }
  const usable = packetMatches(version);
  if (usable.every((feature) => features[feature] === false)) {
    const names = usable.map((feature) => (feature === 'xtU32' ? 'xt_u32' : 'xt_bpf')).join(' nor ');
    const has = usable.length > 1 ? `neither ${names}` : `no ${names}`;
    findings.push({
      ...common,
      text: `The kernel of ${host} (${kernel}) has ${has}, which Docker ${version} needs to encrypt: no traffic from and to it will pass.`,
      remedy: `Install the kernel's further modules there (kernel-modules-extra, linux-modules-extra), or leave encryption out.`,
      short: `${host}'s kernel has ${has}`,
    });
  }
  return findings;
}

function portFindings({ cluster }: PreflightContext, engines: readonly EngineOfNode[]): NetworkAdvice[] {
  const port = cluster.dataPathPort;
  if (port === defaultDataPathPort) return [];
  return engines
    .filter(({ version }) => needsUsualPort(version))
    .map(({ host, name, version }) => ({
      severity: 'warning',
      about: 'encryption',
      host,
      text: `Docker ${version} on ${name} encrypts only on port ${defaultDataPathPort}, and this swarm's data-path port is ${port}.`,
      remedy: 'Update Docker there to 23.0.7, 24.0.3 or later, or leave encryption out.',
      short: `${name}: fails with data-path port ${port}`,
    }));
}

function keyFindings(engines: readonly EngineOfNode[]): NetworkAdvice[] {
  const known = engines.map((engine) => ({ ...engine, differs: numbersKeysDifferently(engine.version) }));
  const odd = known.filter(({ differs }) => differs === true);
  const usual = known.filter(({ differs }) => differs === false);
  if (odd.length === 0 || usual.length === 0) return [];
  const nameAll = (list: readonly EngineOfNode[]) => listAll(list.map(({ name, version }) => `${name} (${version})`));
  return [
    {
      severity: 'warning',
      about: 'encryption',
      text: `${nameAll(odd)} number the keys in another way than ${nameAll(usual)}: no traffic will pass between them (moby#51798).`,
      remedy: 'Update Docker on all of them to the same version, 29.2.1 or later.',
      short: `no traffic between ${listAll(odd.map(({ name }) => name))} and the others (versions)`,
    },
  ];
}

/** One line a fault: the same is wrong on all hosts of the same version. */
function faultFindings(engines: readonly EngineOfNode[]): NetworkAdvice[] {
  const all = engines.flatMap(({ version }) => encryptionFaults(version));
  return [...new Set(all)].map((fault) => {
    const hit = engines.filter(({ version }) => encryptionFaults(version).includes(fault));
    const [only] = hit;
    const names = listAll(hit.map(({ name }) => name));
    return {
      severity: fault.severity,
      about: 'encryption',
      ...(hit.length === 1 && only?.host !== undefined ? { host: only.host } : {}),
      text: `${listAll(hit.map(({ name, version }) => `${name} (${version})`))}: ${fault.text}.`,
      remedy: fault.remedy,
      ...(fault.severity === 'warning' ? { short: `${names}: ${fault.text}` } : {}),
    };
  });
}

/** A kernel that nobody could look at is no fault, but who encrypts must not take it for looked at. */
function unknownFindings(context: PreflightContext): NetworkAdvice[] {
  const needed: readonly KernelFeature[] = kernelFeatures.filter((feature) => feature === 'esp');
  const isKnown = ({ features }: HostReading) => needed.every((feature) => features[feature] !== undefined);
  const unknown = context.cluster.nodes
    .filter(({ node, ghost }) => !ghost && node.os !== 'windows')
    .filter(({ host }) => {
      const reading = host === undefined ? undefined : context.readings.get(host);
      return !reading || !isKnown(reading);
    })
    .map(({ host, node }) => host ?? node.hostname);
  if (unknown.length === 0) return [];
  return [
    {
      severity: 'note',
      about: 'encryption',
      text: `Nobody knows whether the ${unknown.length > 1 ? 'kernels' : 'kernel'} of ${listAll(unknown)} can encrypt.`,
      remedy: 'Verify the network once it is there.',
    },
  ];
}
