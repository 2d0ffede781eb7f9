import * as vscode from 'vscode';
import { OverlayError } from '../../base/errors';
import type { CommandArguments } from '../../contributions';
import type { VerificationReport } from '../../model/matrix';
import type { ClusterNetwork } from '../../model/topology';
import type { Fleet } from '../../swarm/fleet';
import type { ExportFormat } from '../../webview/protocol';
import { chooseNetwork } from '../choose';
import type { LastReports } from '../lastResults';
import { showInStatusBar } from '../messages';
import { withProgress } from '../progress';
import { notBack, pickOne } from '../quickPicks/pick';
import { duration } from '../trees/words';
import { readWatchSeconds } from '../settings';
import type { Verifications } from '../verifications';
import type { Watches } from '../watch/watches';
import type { CommandTable } from './register';

type VerifyCommands = Pick<
  CommandTable,
  | 'dockerOverlay.verify.run'
  | 'dockerOverlay.verify.cancel'
  | 'dockerOverlay.verify.export'
  | 'dockerOverlay.verify.watch'
  | 'dockerOverlay.verify.stopWatch'
>;

export function verifyCommands(
  fleet: Fleet,
  verifications: Verifications,
  reports: LastReports,
  watches: Watches,
): VerifyCommands {
  return {
    'dockerOverlay.verify.run': (args) => runVerify(fleet, verifications, args),
    'dockerOverlay.verify.cancel': async (args) => {
      const running = verifications.runningNetworks;
      const { network } = await chooseNetwork(fleet.topology, args.networkId, {
        title: 'Cancel Verification',
        placeholder: 'Of which network?',
        offer: (item) => running.includes(item.network.id),
        none: 'No network is being verified.',
      });
      verifications.cancel(network.id);
    },
    'dockerOverlay.verify.export': (args) => exportReport(reports, args),
    'dockerOverlay.verify.watch': async (args) => {
      const item = await chooseNetwork(fleet.topology, args.networkId, {
        title: 'Watch Network',
        placeholder: 'Which network is to be verified again and again?',
        offer: isVerifiable,
        none: 'There is no attachable overlay network yet.',
      });
      watches.start(item, args.seconds ?? readWatchSeconds());
      return item.network.id;
    },
    'dockerOverlay.verify.stopWatch': async (args) => {
      const watched = watches.networkIds;
      const { network } = await chooseNetwork(fleet.topology, args.networkId, {
        title: 'Stop Watching Network',
        placeholder: 'Which network?',
        offer: (item) => watched.includes(item.network.id),
        none: 'No network is watched.',
      });
      watches.stop(network.id);
    },
  };
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
    none: 'There is no attachable overlay network yet.',
  });
  const report = await withProgress(`Verifying ${network.name}`, (signal, onStage) =>
    verifications.run({ ...args, networkId: network.id }, { signal, onStage }),
  );
  showInStatusBar(summaryWords(report), 10_000);
  return report;
}

const isVerifiable = ({ network }: ClusterNetwork): boolean => network.attachable && !network.ingress;

function summaryWords({ outcome, network, summary, durationMs }: VerificationReport): string {
  if (outcome === 'cancelled') return `${network.name}: verification cancelled`;
  if (outcome === 'failed') return `${network.name}: could not be verified`;
  return `${network.name}: ${summary.reachable} of ${summary.pairs} pairs reachable · ${duration(durationMs)}`;
}

/** @returns the path written to. */
async function exportReport(
  reports: LastReports,
  args: CommandArguments['dockerOverlay.verify.export'],
): Promise<string> {
  const report = args.networkId === undefined ? await chooseReport(reports) : reports.get(args.networkId);
  if (!report) throw new OverlayError('nothingToChoose', { message: 'That network has not been verified yet.' });
  const format = args.format ?? formatOf(args.path) ?? (await chooseFormat());
  const target = args.path === undefined ? await askWhere(report, format) : vscode.Uri.file(args.path);
  const { toJson, toJunit, toMarkdown } = await import('../../verify/reports');
  const text = { json: toJson, junit: toJunit, markdown: toMarkdown }[format](report);
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  if (args.path === undefined) await vscode.window.showTextDocument(target, { preview: true });
  return target.fsPath;
}

async function chooseReport(reports: LastReports): Promise<VerificationReport | undefined> {
  const all = reports.all();
  if (all.length === 0) throw new OverlayError('nothingToChoose', { message: 'No network has been verified yet.' });
  if (all.length === 1) return all[0];
  const items = all.map((report) => ({
    value: report,
    label: report.network.name,
    description: `${report.startedAt.slice(0, 16).replace('T', ' ')} · ${report.summary.reachable} of ${report.summary.pairs}`,
    icon: 'pulse',
  }));
  return notBack(await pickOne({ title: 'Export Verification Report', placeholder: 'Of which network?', items }));
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
