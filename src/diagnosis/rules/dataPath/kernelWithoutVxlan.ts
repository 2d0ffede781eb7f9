import { rule } from '../../rule';
import { pairsWith } from '../../analysis';
import { factsOf, readingOf } from '../../hosts';
import { listAll } from '../../../base/text/words';

/** Without VXLAN in its kernel a host can carry no overlay network: containers do not get their place, or reach nobody. */
export const kernelWithoutVxlan = rule(
  { cuts: 'Nothing.', opens: 'Nothing.', undo: 'sudo modprobe -r vxlan' },
  (analysis) => {
    const hosts = analysis.hosts
      .filter(({ host, problem }) => problem !== undefined || analysis.cut.includes(host))
      .map(({ host }) => host)
      .filter((host) => readingOf(analysis, host)?.features.vxlan === false);
    if (hosts.length === 0) return [];
    return {
      cause: 'kernel-without-vxlan',
      title: `${listAll(hosts)}: the kernel has no VXLAN`,
      strength: 'measured',
      evidence: hosts.map((host) => {
        const kernel = readingOf(analysis, host)?.kernel ?? factsOf(analysis, host).kernel;
        return `The kernel of ${host}${kernel ? ` (${kernel})` : ''} has no module vxlan, which overlay networks are made of.`;
      }),
      pairs: pairsWith(analysis.pairs, hosts).filter(({ verdict }) => verdict === 'dead' || verdict === 'unknown'),
      remedy: {
        text: 'Install the kernel’s extra modules (on small cloud kernels a package of their own), or boot a kernel with CONFIG_VXLAN.',
        commands: hosts.map((host) => ({ host, label: 'load it', command: 'sudo modprobe vxlan' })),
      },
    };
  },
);
