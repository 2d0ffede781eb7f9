// What the driver's own test drives: one of each thing an extension can show. Plain JavaScript, no build.
const vscode = require('vscode');

const network = (name) => ({ label: `${name} network`, description: 'overlay' });

class Hosts {
  hosts = [];
  changed = new vscode.EventEmitter();
  onDidChangeTreeData = this.changed.event;

  fill(names) {
    this.hosts = names;
    this.changed.fire();
  }

  getChildren(element) {
    if (element === undefined) return this.hosts.map((name) => ({ name }));
    return element.name ? [network(element.name)] : [];
  }

  getTreeItem(element) {
    if (!element.name) return { label: element.label, description: element.description };
    const item = new vscode.TreeItem(element.name, vscode.TreeItemCollapsibleState.Collapsed);
    item.description = 'manager';
    item.contextValue = 'host';
    item.tooltip = `Host ${element.name}`;
    item.iconPath = new vscode.ThemeIcon('server', new vscode.ThemeColor('testing.iconPassed'));
    return item;
  }
}

function pickHosts(hosts) {
  const pick = vscode.window.createQuickPick();
  pick.title = 'Add Hosts';
  pick.placeholder = 'Tick the hosts to add';
  pick.canSelectMany = true;
  const separator = (label) => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const items = Array.from({ length: 40 }, (_, i) => ({ label: `node${i + 1}`, description: `10.0.0.${i + 1}` }));
  pick.items = [separator('SSH config'), ...items, separator('Docker contexts'), { label: 'prod', detail: 'tcp+TLS' }];
  pick.onDidChangeSelection((ticked) => (pick.title = `Add Hosts: ${ticked.length} ticked`));
  pick.onDidAccept(() => {
    hosts.fill(pick.selectedItems.map((item) => item.label));
    pick.hide();
  });
  pick.onDidHide(() => pick.dispose());
  pick.show();
}

function openPanel() {
  const panel = vscode.window.createWebviewPanel('fixture', 'Fixture Matrix', vscode.ViewColumn.One, {
    enableScripts: true,
  });
  const nonce = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16)).join('');
  panel.webview.onDidReceiveMessage((message) => panel.webview.postMessage({ answer: message.ask + 1 }));
  panel.webview.html = `<!doctype html><html><head>
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
    <style nonce="${nonce}">td { border: 1px solid var(--vscode-contrastBorder, var(--vscode-panel-border)); padding: 1em }
      .good { color: var(--vscode-testing-iconPassed) }</style></head>
    <body><h1>Matrix</h1><table><tr><td class="good">0.2 ms</td><td>·</td></tr></table>
    <button id="run">Run</button> <output>nothing yet</output>
    <script nonce="${nonce}">
      const vscode = acquireVsCodeApi();
      addEventListener('message', (event) => (document.querySelector('output').textContent = 'answer ' + event.data.answer));
      document.querySelector('#run').onclick = () => vscode.postMessage({ ask: 41 });
    </script></body></html>`;
}

exports.activate = function activate(context) {
  const hosts = new Hosts();
  const status = vscode.window.createStatusBarItem('fixture.status', vscode.StatusBarAlignment.Left);
  status.name = 'Fixture';
  status.text = '$(server) no host';
  status.show();
  const commands = {
    addHosts: () => pickHosts(hosts),
    fill: () => hosts.fill(Array.from({ length: 120 }, (_, i) => `host${i + 1}`)),
    verify: (element) => vscode.window.showInformationMessage(`Verified ${element.name}`),
    remove: async (element) => {
      const detail = 'Its containers lose their connection.';
      const answer = await vscode.window.showWarningMessage(
        `Remove ${element.name}?`,
        { modal: true, detail },
        'Remove 1 host',
      );
      if (answer) hosts.fill(hosts.hosts.filter((name) => name !== element.name));
    },
    name: async () => {
      const validateInput = (text) => (/^[a-z]+$/.test(text) ? undefined : 'Only small letters');
      const name = await vscode.window.showInputBox({ title: 'Name', prompt: 'Name of the network', validateInput });
      if (name) status.text = `$(server) ${name}`;
    },
    notify: async () => {
      const answer = await vscode.window.showWarningMessage('my_net created on 3 hosts.', 'Verify', 'Show log');
      if (answer) status.text = `$(server) ${answer} pressed`;
    },
    progress: () =>
      vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: 'Forming swarm', cancellable: true },
        (progress, token) => {
          progress.report({ message: '7 of 12 joined' });
          return new Promise((resolve) => token.onCancellationRequested(resolve));
        },
      ),
    panel: openPanel,
  };
  const settings = vscode.workspace.getConfiguration('fixture');
  console.log(`fixture settings: machine=${settings.get('machine')} window=${settings.get('window')}`);
  context.subscriptions.push(
    status,
    vscode.window.createTreeView('fixture.hosts', { treeDataProvider: hosts }),
    vscode.window.createTreeView('fixture.swarm', {
      treeDataProvider: { getChildren: () => [], getTreeItem: () => ({}) },
    }),
    ...Object.entries(commands).map(([id, run]) => vscode.commands.registerCommand(`fixture.${id}`, run)),
    vscode.commands.registerCommand('fixture.settings', () => ({ machine: settings.get('machine') })),
  );
};
