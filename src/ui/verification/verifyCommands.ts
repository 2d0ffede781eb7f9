import { isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import { OverlayError } from '../../base/errors';
import type { CommandArguments } from '../../contributions';
import type { VerificationReport } from '../../model/report/matrix';
import type { ClusterNetwork } from '../../model/swarm/topology';
import type { Fleet } from '../../swarm/fleet';
import type { ExportFormat } from '../../webview/protocol';
import { chooseNetwork, noNetworks } from '../networks/chooseNetworks';
import { chooseOne, type Question } from '../quickPick/choose';
import { showInStatusBar } from '../vscode/messages';
import { notBack } from '../vscode/ask';
import { pickOne } from '../quickPick/pick';
import type { LastReports } from './results/lastReports';
import { readWatchSeconds } from '../vscode/settings';
import { count, dots, duration, number } from '../../base/text/words';
import type { Verifications } from './verifications';
import type { Watches } from './watch/watches';
import type { CommandTable } from '../command/register';

export function verifyCommands(fleet: Fleet, verifications: Verifications, reports: LastReports, watches: Watches) {
  return {
    'dockerOverlay.verify.run': (args) => runVerify(fleet, verifications, args),
    'dockerOverlay.verify.cancel': async (args) => {
      const networkId = await chooseRemembered(verifications.all, args.networkId, 'pulse', {
        title: 'Cancel Verification',
        placeholder: 'Of which network?',
        none: args.networkId === undefined ? 'No network is being verified.' : 'That network is not being verified.',
      });
      verifications.cancel(networkId);
    },
    'dockerOverlay.verify.export': (args) => exportReport(reports, args),
    'dockerOverlay.verify.watch': async (args) => {
      const item = await chooseNetwork(fleet.topology, args.networkId, {
        title: 'Watch Network',
        placeholder: 'Which network is to be verified again and again?',
        offer: isVerifiable,
        ...noNetworks,
      });
      watches.start(item, args.seconds ?? readWatchSeconds());
      return item.network.id;
    },
    'dockerOverlay.verify.stopWatch': async (args) => {
      const networkId = await chooseRemembered(watches.all, args.networkId, 'eye', {
        title: 'Stop Watching Network',
        placeholder: 'Which network?',
        none: args.networkId === undefined ? 'No network is watched.' : 'That network is not watched.',
      });
      watches.stop(networkId);
    },
  } satisfies Partial<CommandTable>;
}

/**
 * The one named, the only one, or asked for, by what is remembered of them: also while no host of its swarm is connected.
 *
 * @throws OverlayError `nothingToChoose`, also when that one is not among them
 */
async function chooseRemembered(
  all: readonly { readonly networkId: string; readonly name: string }[],
  id: string | undefined,
  icon: string,
  question: Question,
): Promise<string> {
  const fitting = id === undefined ? all : all.filter(({ networkId }) => networkId === id);
  return chooseOne(
    fitting.map(({ networkId, name }) => ({ value: networkId, label: name, icon })),
    question,
  );
}

/** Verifies the network named, the only one, or one asked for. @returns the report. */
export async function runVerify(
  fleet: Fleet,
  verifications: Verifications,
  args: CommandArguments['dockerOverlay.verify.run'],
): Promise<VerificationReport> {
  const { network } = await chooseNetwork(fleet.topology, args.networkId, {
    title: 'Verify Network',
    placeholder: 'Which network?',
    offer: isVerifiable,
    ...noNetworks,
  });
  // The panel shows how it goes, and cancels it; a second place that says the same is in the way.
  const report = await verifications.run({ ...args, networkId: network.id });
  showInStatusBar(summaryWords(report), 10_000);
  return report;
}

const isVerifiable = ({ network }: ClusterNetwork): boolean => network.attachable && !network.ingress;

function summaryWords({ outcome, network, summary, durationMs }: VerificationReport): string {
  if (outcome === 'cancelled') return `${network.name}: verification cancelled`;
  if (outcome === 'failed') return `${network.name}: could not be verified`;
  return `${network.name}: ${number(summary.reachable)} of ${count(summary.pairs, 'pair')} reachable · ${duration(durationMs)}`;
}

/** @returns the path written to. */
async function exportReport(
  reports: LastReports,
  args: CommandArguments['dockerOverlay.verify.export'],
): Promise<string> {
  const networkId = args.networkId ?? (await chooseKept(reports));
  await reports.load(networkId);
  const report = reports.get(networkId);
  if (!report)
    throw new OverlayError('nothingToChoose', {
      message: 'That network has not been verified yet.',
      remedy: 'Verify it first.',
    });
  const format = args.format ?? formatOf(args.path) ?? (await chooseFormat());
  const target = args.path === undefined ? await askWhere(report, format) : uriOf(args.path);
  const { toJson, toJunit, toMarkdown } = await import('../../verify/reports');
  const text = { json: toJson, junit: toJunit, markdown: toMarkdown }[format](report);
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  if (args.path === undefined) await vscode.window.showTextDocument(target, { preview: true });
  return target.fsPath;
}

/** A path as programs give it: one that is not absolute is of the opened folder. @throws OverlayError `invalidArguments` */
function uriOf(path: string): vscode.Uri {
  if (isAbsolute(path)) return vscode.Uri.file(path);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (folder) return vscode.Uri.joinPath(folder, path);
  throw new OverlayError('invalidArguments', { message: `"${path}" is not absolute, and no folder is open` });
}

async function chooseKept(reports: LastReports): Promise<string> {
  await reports.start();
  const items = reports.all().map(({ networkId, networkName, startedAt, result }) => ({
    value: networkId,
    label: networkName,
    description: dots(
      startedAt.slice(0, 16).replace('T', ' '),
      result ? `${number(result.reachable)} of ${number(result.pairs)}` : 'came to no result',
    ),
    icon: 'pulse',
  }));
  return chooseOne(items, {
    title: 'Export Verification Report',
    placeholder: 'Of which network?',
    none: 'No network has been verified yet.',
    remedy: 'Verify one first.',
  });
}

const endings: Readonly<Record<ExportFormat, string>> = { json: 'json', markdown: 'md', junit: 'xml' };
const fileKinds: Readonly<Record<ExportFormat, string>> = { json: 'JSON', markdown: 'Markdown', junit: 'JUnit XML' };

/** The form that a file of that name is expected to have. */
function formatOf(path: string | undefined): ExportFormat | undefined {
  const name = path?.toLowerCase();
  return (Object.keys(endings) as ExportFormat[]).find((format) => name?.endsWith(`.${endings[format]}`));
}

async function chooseFormat(): Promise<ExportFormat> {
  return notBack(
    await pickOne<ExportFormat>({
      title: 'Export Verification Report',
      placeholder: 'In which form?',
      items: [
        { value: 'markdown', label: 'Markdown', description: 'for people: an issue, a wiki, a mail', icon: 'markdown' },
        { value: 'json', label: 'JSON', description: 'for programs: everything that was measured', icon: 'json' },
        { value: 'junit', label: 'JUnit XML', description: 'for CI: a test case a pair', icon: 'beaker' },
      ],
    }),
  );
}

async function askWhere(report: VerificationReport, format: ExportFormat): Promise<vscode.Uri> {
  const name = `${report.network.name}-${report.startedAt.slice(0, 10)}.${endings[format]}`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const chosen = await vscode.window.showSaveDialog({
    title: 'Export Verification Report',
    filters: { [fileKinds[format]]: [endings[format]] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
  });
  if (!chosen) throw new OverlayError('cancelled');
  return chosen;
}
