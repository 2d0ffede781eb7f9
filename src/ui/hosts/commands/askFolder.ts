import * as vscode from 'vscode';
import { createQuickPick } from '../../vscode/quickInputs';
import { count } from '../../../base/text/words';
import { ask, type Back, type StepPlace } from '../../vscode/ask';

/** A folder and how many hosts are in it. */
export interface Folder {
  readonly name: string;
  readonly hosts: number;
}

export interface FolderQuestion {
  readonly title: string;
  readonly folders: readonly Folder[];
  /** The folder now; empty for none, undefined when there are several. */
  readonly current?: string;
  readonly place?: StepPlace;
}

/** One line of the pick. */
export interface FolderRow {
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  readonly folder: string;
}

/** The lines for a typed text: the folder now comes first, so that Enter leaves it as it is. Pure. */
export function folderRows({ folders, current }: FolderQuestion, typed: string): FolderRow[] {
  const text = typed.trim();
  // The answer given before the back button, which no host is in yet.
  const isUnknown = current !== undefined && current !== '' && !folders.some((folder) => folder.name === current);
  const all = isUnknown ? [{ name: current, hosts: 0 }, ...folders] : folders;
  const rows = [
    ...all.map(({ name, hosts }) => ({
      label: name,
      description: count(hosts, 'host'),
      icon: 'folder',
      folder: name,
    })),
    { label: 'No folder', description: 'at the top of the view', icon: 'circle-slash', folder: '' },
  ];
  const isNew = text !== '' && !all.some((folder) => folder.name === text);
  const fresh = isNew ? [{ label: `New folder "${text}"`, description: '', icon: 'new-folder', folder: text }] : [];
  const isCurrent = (row: FolderRow) => row.folder === current;
  const marked = rows.map((row) => (isCurrent(row) ? { ...row, description: `${row.description} · now` } : row));
  return [...marked.filter(isCurrent), ...marked.filter((row) => !isCurrent(row)), ...fresh];
}

/** Asks for a folder, one there is or a new one that is typed. @throws OverlayError `cancelled` when dismissed. */
export function askFolder(question: FolderQuestion): Promise<string | Back> {
  const pick = createQuickPick<vscode.QuickPickItem & FolderRow>();
  pick.title = question.title;
  pick.placeholder = 'Folder to group it under, for instance its zone; type a new one';
  const show = (typed: string) => {
    pick.items = folderRows(question, typed).map((row) => ({
      ...row,
      iconPath: new vscode.ThemeIcon(row.icon),
      alwaysShow: row.icon === 'new-folder',
    }));
  };
  show('');
  return ask<string, FolderRow>(
    pick,
    (answer, store) => {
      store.add(pick.onDidChangeValue(show));
      store.add(
        pick.onDidAccept(() => {
          const [row] = pick.activeItems;
          if (row) answer(row.folder);
        }),
      );
    },
    question.place,
  );
}
