import { describe } from 'vitest';
import { escapeMarkdown } from '../../../src/base/text/escapeMarkdown';
import { createLogger } from '../../../src/base/logger';
import { oneLine } from '../../../src/base/text/oneLine';
import { redact } from '../../../src/base/text/redact';
import { shellWord } from '../../../src/base/text/shellWord';
import { literal } from '../../../src/ui/vscode/literal';
import { fuzzLines, fuzzText } from './support';

// What every foreign text goes through on its way to a person, a log or a page.

const token = `SWMTKN-1-${'a1'.repeat(25)}-${'b2'.repeat(12)}c`;
const samples = [
  `join --token ${token} 10.0.0.1:2377`,
  'SWMKEY-1-Ab+/Ab+/Ab+/abc and ssh://deploy:hunter2@node1:22/x',
  '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----',
  '<!DOCTYPE html><html><head><style>a{}</style></head><body onload="x()">502</body></html>',
  '[a](command:x?%7B%7D "title") $(icon~spin) `code` | a@b www.example.com https://x 1. - # *b* _c_ <i> &amp;',
];
const sink = () => undefined;
const logger = createLogger({ debug: sink, info: sink, warn: sink, error: sink });

describe('foreign words', () => {
  fuzzText('one line', samples, (text) => oneLine(text));
  fuzzText('redact', samples, redact);
  fuzzText('Markdown', samples, escapeMarkdown);
  fuzzText('literal', samples, literal);
  fuzzText('a word for a shell', samples, shellWord);
  fuzzText('log', samples, (text) => {
    logger.debug(text);
    logger.error(text, new Error(text, { cause: new Error(text) }));
    logger.error(text, new TypeError(text));
  });
  fuzzLines('lines', samples, (lines) => lines.length);
});
