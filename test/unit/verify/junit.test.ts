import { describe, expect, it } from 'vitest';
import { toJunit } from '../../../src/verify/reports';
import { blockedFinding, hostsOf, mixedReport, pairsOf, reportOf } from '../../browser/page/samples';
import { readXml, type XmlElement } from './xml';

const children = (element: XmlElement, name: string) => element.children.filter((child) => child.name === name);
const suiteOf = (text: string) => {
  const root = readXml(text);
  const [suite] = children(root, 'testsuite');
  if (!suite) throw new Error('no suite');
  return { root, suite, cases: children(suite, 'testcase') };
};

describe('JUnit XML', () => {
  it('has a test case a pair, and failures with the titles of findings', () => {
    const { root, suite, cases } = suiteOf(toJunit(mixedReport()));
    expect(root.name).toBe('testsuites');
    expect(suite.attributes).toMatchObject({
      name: 'overlay network my_net',
      tests: '6',
      failures: '4',
      errors: '0',
      skipped: '0',
      time: '3.140000',
      timestamp: '2025-01-01T12:00:00',
    });
    expect(cases.map((one) => one.attributes['name'])).toContain('node1 to node2');
    const dead = cases.find((one) => one.attributes['name'] === 'node1 to node2');
    const [failure] = children(dead as XmlElement, 'failure');
    expect(failure?.attributes['message']).toBe('dead; node2: the data path is blocked (certain)');
    expect(failure?.text).toContain('sudo ufw prepend allow proto udp from 10.0.0.1 to any port 4789');
    const alive = cases.find((one) => one.attributes['name'] === 'node1 to node3');
    expect(alive?.children).toEqual([]);
    expect(Number(alive?.attributes['time'])).toBeCloseTo(0.00119);
  });

  it('has only what the schema knows, in its order', () => {
    const { root, suite } = suiteOf(toJunit(mixedReport()));
    expect(suite.children.map(({ name }) => name)).toEqual(['properties', ...new Array<string>(6).fill('testcase')]);
    const known: Record<string, string[]> = {
      testsuites: ['name', 'tests', 'failures', 'errors', 'skipped', 'time'],
      testsuite: ['name', 'tests', 'failures', 'errors', 'skipped', 'time', 'timestamp'],
      properties: [],
      property: ['name', 'value'],
      testcase: ['name', 'classname', 'time'],
      failure: ['message', 'type'],
    };
    const visit = (element: XmlElement): void => {
      expect(Object.keys(element.attributes)).toEqual(known[element.name]);
      element.children.forEach(visit);
    };
    visit(root);
  });

  it('skips what was not tried, and says why', () => {
    const hosts = hostsOf(2);
    const report = reportOf(
      hosts,
      pairsOf(hosts, () => 'unknown'),
    );
    const { suite, cases } = suiteOf(toJunit(report));
    expect(suite.attributes).toMatchObject({ tests: '2', failures: '0', skipped: '2' });
    expect(cases[0]?.children[0]?.attributes['message']).toBe('The test container ended early');
    expect(suiteOf(toJunit(reportOf(hosts, []))).suite.attributes['skipped']).toBe('2');
  });

  it('has an error when the verification failed as a whole', () => {
    const error = { reason: 'imageMissing', title: 'No image', happened: 'It is missing.', remedy: 'Load it.' };
    const { suite, cases } = suiteOf(toJunit(reportOf([], [], { outcome: 'failed', error })));
    expect(suite.attributes).toMatchObject({ tests: '1', errors: '1' });
    expect(cases[0]?.children[0]).toMatchObject({ name: 'error', attributes: { message: 'No image' } });
  });

  it('keeps untrusted text as text, whatever is in it', () => {
    const evil = `]]></failure><x a="b" c='d'>&amp;\u0000\u0007\u001b[31m\ud800\uffff\n\t☃𝄞`;
    const hosts = hostsOf(2, (index) => `${evil}${index}`);
    const finding = { ...blockedFinding(hosts, 1), title: evil, evidence: [evil] };
    const report = reportOf(
      hosts,
      pairsOf(hosts, () => 'dead'),
      { findings: [finding] },
    );
    const text = toJunit({ ...report, network: { ...report.network, name: evil } });
    expect(text).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f\uffff]/);
    const { suite, cases } = suiteOf(text);
    const clean = `]]></failure><x a="b" c='d'>&amp;\ufffd\ufffd\ufffd[31m\ufffd\ufffd\n\t☃𝄞`;
    expect(suite.attributes['name']).toBe(`overlay network ${clean}`);
    expect(cases).toHaveLength(2);
    expect(cases[0]?.children[0]?.text).toContain(clean);
  });
});
