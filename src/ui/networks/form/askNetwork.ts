import { describeError } from '../../../base/errors';
import type { Cluster, Topology } from '../../../model/swarm/topology';
import {
  checkNetwork,
  proposedSubnets,
  smallestUnderlayMtu,
  type NetworkFinding,
} from '../../../swarm/networks/preflight';
import { validateNetworkName } from '../../../swarm/networks/networkRules';
import type { Plan } from '../../../swarm/plans/plan';
import type { HostReadings } from '../../hosts/hostReadings';
import { withProgress } from '../../vscode/progress';
import { networkToggles } from './networkToggles';
import { back, type Back, type StepPlace } from '../../vscode/ask';
import { askText } from '../../quickPick/pick';
import { runSteps, type Step } from '../../quickPick/steps';
import { dockerCommandLine } from './commandLine';
import { requestOf, type NetworkForm } from './form';
import { askMoreOptions } from './moreOptions';
import { askPreview } from './previewStep';
import { askLiveToggles } from './togglesPick';

export interface NetworkQuestions {
  readonly topology: () => Topology;
  readonly cluster: Cluster;
  readonly readings: HostReadings;
  readonly planOf: (form: NetworkForm) => Plan;
}

/** So long an encrypted network waits for the look at the hosts, ms: what it needs of them shows nowhere else. */
const lookMs = 12_000;

/**
 * Name, switches, and where wanted or needed more options and a preview.
 *
 * @throws OverlayError `cancelled` when dismissed.
 */
export function askNetwork(initial: NetworkForm, questions: NetworkQuestions): Promise<NetworkForm> {
  const isManual = (form: NetworkForm) => form.toggles.includes('more');
  const steps: Step<NetworkForm>[] = [
    { ask: (form, place) => askName(form, place, questions) },
    { ask: (form, place) => askToggles(form, place, questions) },
    { when: isManual, ask: (form, place) => askMoreOptions(form, optionFacts(form, questions), place) },
    { ask: (form, place) => preview(form, isManual(form), questions, place) },
  ];
  return runSteps(initial, steps);
}

export function findingsOf(form: NetworkForm, { topology, cluster, readings }: NetworkQuestions): NetworkFinding[] {
  return checkNetwork(topology(), cluster.id, requestOf(form), readings.current);
}

async function askName(form: NetworkForm, place: StepPlace, { topology, cluster }: NetworkQuestions) {
  const text = await askText({
    title: 'Create Overlay Network',
    prompt: 'Name of the network, the same on all hosts',
    placeholder: 'my_net',
    value: form.name,
    place,
    validate: (name) => {
      const wrong = validateNetworkName(name, topology(), cluster.id);
      return wrong && describeError(wrong).happened;
    },
  });
  return text === back ? back : { ...form, name: text };
}

async function askToggles(form: NetworkForm, place: StepPlace, questions: NetworkQuestions) {
  const { cluster, readings } = questions;
  // What stands against encryption is said before it is ticked.
  const asEncrypted = { ...form, toggles: ['attachable', 'encrypted'] as const };
  const answer = await askLiveToggles({
    title: `Create ${form.name}`,
    place,
    ticked: form.toggles,
    onDidChange: readings.onDidChange,
    items: () =>
      networkToggles({
        findings: findingsOf(asEncrypted, questions),
        options: requestOf(form).options,
        looking: readings.isLooking(cluster.hosts),
      }),
  });
  return answer === back ? back : { ...form, toggles: answer };
}

function optionFacts(form: NetworkForm, questions: NetworkQuestions) {
  const { topology, cluster, readings } = questions;
  const outlook = () => ({ topology: topology(), cluster, readings: readings.current });
  return {
    judge: (subnets: NetworkForm['subnets']) => findingsOf({ ...form, subnets }, questions),
    proposals: proposedSubnets(outlook()).map(({ subnet }) => subnet),
    smallestMtu: () => smallestUnderlayMtu(outlook()),
  };
}

/** Left out where nobody asked for it and nothing is to be said. */
async function preview(
  form: NetworkForm,
  isAskedFor: boolean,
  questions: NetworkQuestions,
  place: StepPlace,
): Promise<NetworkForm | Back> {
  const full = withIpv6Subnets(form, questions);
  if (full.toggles.includes('encrypted')) await awaitReadings(questions);
  const findings = findingsOf(full, questions);
  const isWorthIt = findings.some(({ severity }) => severity !== 'note');
  if (!isAskedFor && !isWorthIt && full === form) return form;
  const answer = await askPreview(
    full.name,
    findings,
    () => questions.planOf(full),
    dockerCommandLine(requestOf(full)),
    place,
  );
  return answer === back ? back : full;
}

/** IPv6 was ticked and no subnet chosen: free ones of both kinds, which the preview shows. */
function withIpv6Subnets(form: NetworkForm, questions: NetworkQuestions): NetworkForm {
  if (!form.toggles.includes('ipv6') || form.subnets.length > 0) return form;
  const needs = findingsOf(form, questions).some(
    (finding) => finding.severity === 'error' && finding.error.reason === 'ipv6SubnetNeeded',
  );
  if (!needs) return form;
  const subnets = proposedSubnets({ topology: questions.topology(), cluster: questions.cluster });
  return { ...form, subnets: subnets.map(({ subnet }) => ({ subnet })) };
}

/** Waits a moment for the hosts that are being looked at. */
export async function awaitReadings({ cluster, readings }: NetworkQuestions): Promise<void> {
  if (!readings.isLooking(cluster.hosts)) return;
  await withProgress('Looking at the hosts', (signal) =>
    readings.settled(AbortSignal.any([signal, AbortSignal.timeout(lookMs)])),
  );
}
