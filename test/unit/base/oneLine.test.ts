import { describe, expect, it } from 'vitest';
import { oneLine } from '../../../src/base/text/oneLine';

const password = 'S3cretPassword'.repeat(4);
const token = `SWMTKN-1-${'a1'.repeat(25)}-${'b2'.repeat(12)}c`;

describe('oneLine', () => {
  it.each([
    ['two\r\nlines\tand  more ', 'two lines and more'],
    ['\x1b[31mred\x1b]0;title\x07', '[31mred ]0;title'],
    ['right \u202eto left\u202c \u2066x\u2069 zero\u200bwidth\ufeff', 'right to left x zero width'],
    ['para\u2028graph', 'para graph'],
    ['half \ud83d of a pair', 'half of a pair'],
    ['whale 🐳', 'whale 🐳'],
    [token, 'SWMTKN-…'],
    ['', ''],
  ])('%j', (text, line) => expect(oneLine(text)).toBe(line));

  it('says what a proxy’s page says, without its markup', () => {
    const page =
      '<!DOCTYPE html><html><head><style>body { color: red }</style><title>502 Bad Gateway</title></head>' +
      '<body onload="x()"><h1>502 Bad Gateway</h1><script>go()</script><hr>nginx</body></html>';
    expect(oneLine(page)).toBe('502 Bad Gateway 502 Bad Gateway nginx');
    expect(oneLine('expected <network> and a < b')).toBe('expected <network> and a < b');
  });

  it('is as long as it may be, and says when something is missing', () => {
    expect(oneLine('x'.repeat(300))).toBe('x'.repeat(300));
    expect(oneLine('x'.repeat(301))).toBe(`${'x'.repeat(299)}…`);
    expect(oneLine('x'.repeat(1_000_000), { max: 10 })).toBe('xxxxxxxxx…');
    expect(oneLine(`${'x'.repeat(8)}🐳yz`, { max: 10 })).toBe('xxxxxxxx…');
    expect(oneLine(`${'\n'.repeat(20_000)}x`)).toBe('…');
  });

  it.each([0, 200, 240, 290, 2_000, 2_300, 16_000, 16_300, 16_383, 20_000])(
    'shows no part of a secret that begins at %i, whatever is cut',
    (start) => {
      for (const fill of [
        'x '.repeat(start / 2),
        `${' '.repeat(start)}`,
        `${'-----BEGIN PRIVATE KEY-----\n'}${'y'.repeat(start)}\n-----END PRIVATE KEY-----\n`,
      ]) {
        for (const max of [50, 300, 400, 4_000]) {
          const shown = [
            oneLine(`${fill}https://user:${password}@registry/v2 rest`, { max }),
            oneLine(`${fill}https://user:${'p'.repeat(3_000)}${password}@registry`, { max }),
            oneLine(`${fill}join --token ${token} 10.0.0.1`, { max }),
          ].join('\n');
          expect(shown).not.toMatch(/S3cret|ppp|a1a1|yyy/);
        }
      }
    },
  );
});
