/** What the page's document is made of; the addresses come from `webview.asWebviewUri`. */
export interface PanelDocument {
  readonly scriptUri: string;
  readonly styleUri: string;
  /** `webview.cspSource` */
  readonly cspSource: string;
  /** Random for each document; only the script that carries it runs. */
  readonly nonce: string;
  readonly title: string;
}

/**
 * The document of the matrix page. Nothing may be loaded but its own script and style; the page has no text of its own,
 * and everything that a daemon said reaches it as messages.
 */
export function panelHtml(parts: PanelDocument): string {
  const policy = `default-src 'none'; script-src 'nonce-${escapeHtml(parts.nonce)}'; style-src ${escapeHtml(parts.cspSource)};`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(parts.title)}</title>
<link rel="stylesheet" href="${escapeHtml(parts.styleUri)}">
</head>
<body>
<div id="panel"></div>
<script nonce="${escapeHtml(parts.nonce)}" src="${escapeHtml(parts.scriptUri)}"></script>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
