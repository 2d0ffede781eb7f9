import * as vscode from 'vscode';
import { OverlayError } from '../../base/errors';
import type { CommandArguments } from '../../contributions';
import type { VerificationReport } from '../../model/matrix';
import type { Fleet } from '../../swarm/fleet';
import { chooseNetwork } from '../choose';
import type { LastReports } from '../lastResults';
import { withProgress } from '../progress';
import { notBack, pickOne } from '../quickPicks/pick';
import { duration } from '../trees/words';
import type { Verifications } from '../verifications';
import type { CommandTable } from './register';

type VerifyCommands = Pick<
  CommandTable,
  | 'dockerOverlay.verify.run'
  | 'dockerOverlay.verify.cancel'
  | 'dockerOverlay.verify.export'
  | 'dockerOverlay.verify.watch'
  | 'dockerOverlay.verify.stopWatch'
>;

export function verifyCommands(fleet: Fleet, verifications: Verifications, reports: LastReports): VerifyCommands {
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
    'dockerOverlay.verify.watch': () => {
      throw new OverlayError('unexpected');
    },
    'dockerOverlay.verify.stopWatch': () => {
      throw new OverlayError('unexpected');
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
    offer: (item) => item.network.attachable && !item.network.ingress,
    none: 'There is no attachable overlay network yet.',
  });
  const report = await withProgress(`Verifying ${network.name}`, (signal, onStage) =>
    verifications.run({ ...args, networkId: network.id }, { signal, onStage }),
  );
  vscode.window.setStatusBarMessage(summaryWords(report), 10_000);
  return report;
}

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
  const format = args.format === 'junit' ? 'json' : (args.format ?? (await chooseFormat(args.path)));
  const target = args.path === undefined ? await askWhere(report, format) : vscode.Uri.file(args.path);
  const { toJson, toMarkdown } = await import('../../verify/reports');
  const text = format === 'json' ? toJson(report) : toMarkdown(report);
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

async function chooseFormat(path: string | undefined): Promise<'json' | 'markdown'> {
  if (path?.endsWith('.json')) return 'json';
  if (path?.endsWith('.md')) return 'markdown';
  return notBack(
    await pickOne<'json' | 'markdown'>({
      title: 'Export Verification Report',
      placeholder: 'In which form?',
      items: [
        { value: 'markdown', label: 'Markdown', description: 'for people: an issue, a wiki, a mail', icon: 'markdown' },
        { value: 'json', label: 'JSON', description: 'for programs: everything that was measured', icon: 'json' },
      ],
    }),
  );
}

async function askWhere(report: VerificationReport, format: 'json' | 'markdown'): Promise<vscode.Uri> {
  const name = `${report.network.name}-${report.startedAt.slice(0, 10)}.${format === 'json' ? 'json' : 'md'}`;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const chosen = await vscode.window.showSaveDialog({
    title: 'Export Verification Report',
    filters: format === 'json' ? { JSON: ['json'] } : { Markdown: ['md'] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
  });
  if (!chosen) throw new OverlayError('cancelled');
  return chosen;
}
