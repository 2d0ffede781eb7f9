/** An element as a parser gives it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own text. */
  readonly text: string;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads XML 1.0 of elements, attributes and text, strictly: it throws at anything that is not well-formed, or that is
 * none of these.
 */
export function readXml(source: string): XmlElement {
  const forbidden = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(source);
  if (forbidden) throw new Error(`forbidden character at ${forbidden.index}`);
  let rest = source.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/, '');
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    const found = pattern.exec(rest);
    if (found) rest = rest.slice(found[0].length);
    return found ?? undefined;
  };
  const element = (): XmlElement => {
    const open = take(/^<([A-Za-z][\w.-]*)((?:\s+[\w.-]+="[^"<]*")*)\s*(\/?)>/);
    if (!open) throw new Error(`no element at ${JSON.stringify(rest.slice(0, 60))}`);
    const [, name = '', raw = '', isEmpty] = open;
    const attributes: Record<string, string> = {};
    for (const [, key = '', value = ''] of raw.matchAll(/([\w.-]+)="([^"]*)"/g)) {
      if (key in attributes) throw new Error(`attribute ${key} twice`);
      attributes[key] = decode(value.replace(/[\t\n\r]/g, ' '));
    }
    const children: XmlElement[] = [];
    let text = '';
    if (isEmpty) return { name, attributes, children, text };
    for (;;) {
      text += decode(take(/^[^<]+/)?.[0] ?? '');
      const close = take(/^<\/([\w.-]+)\s*>/);
      if (close?.[1] === name) return { name, attributes, children, text };
      if (close) throw new Error(`${name} is closed by ${close[1]}`);
      children.push(element());
    }
  };
  const root = element();
  if (rest.trim() !== '') throw new Error('text after the root');
  return root;
}

function decode(text: string): string {
  if (text.includes(']]>')) throw new Error(']]> in text');
  return text.replace(/&(#?\w*)(;?)/g, (all, name: string, end: string) => {
    const number = /^#(\d+)$/.exec(name);
    if (end === '' || (!number && !(name in entities))) throw new Error(`entity ${all}`);
    return number ? String.fromCodePoint(Number(number[1])) : (entities[name] ?? '');
  });
}
