import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../../src/base/text/lines';

describe('LineSplitter', () => {
  it('gives whole lines whatever the chunks, also in the middle of a character', () => {
    const bytes = Buffer.from('0 a 0 é\n1 n 1 ping\r\n2 a');
    for (let size = 1; size <= bytes.length; size += 1) {
      const splitter = new LineSplitter();
      const lines: string[] = [];
      for (let at = 0; at < bytes.length; at += size) lines.push(...splitter.push(bytes.subarray(at, at + size)));
      expect(lines).toEqual(['0 a 0 é', '1 n 1 ping']);
      expect(splitter.end()).toBe('2 a');
    }
  });

  it('keeps the beginning of an endless line, and nothing of it afterwards', () => {
    const splitter = new LineSplitter(100);
    splitter.push(Buffer.from('begin'));
    for (let i = 0; i < 50; i += 1) splitter.push(Buffer.alloc(100_000, 'x'));
    expect(splitter.push(Buffer.from('\nnext\n'))).toEqual([`begin${'x'.repeat(95)}`, 'next']);
    expect(splitter.end()).toBeUndefined();
  });

  it('cuts a long line that came in one piece', () => {
    expect(new LineSplitter(3).push(Buffer.from('abcdef\ngh\n'))).toEqual(['abc', 'gh']);
  });
});
