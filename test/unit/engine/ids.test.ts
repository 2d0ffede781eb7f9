import { describe, expect, it } from 'vitest';
import { describeError, type OverlayError } from '../../../src/base/errors';
import { checkedId, checkedImage, checkedNodeId } from '../../../src/engine/ids';
import { splitReference } from '../../../src/engine/images/imageApi';
import { chooseVersion } from '../../../src/engine/http/version';

function thrownBy(act: () => unknown): OverlayError {
  try {
    act();
  } catch (error) {
    return error as OverlayError;
  }
  throw new Error('nothing was thrown');
}

const refused = expect.objectContaining({ reason: 'invalidArguments' });

describe('ids that enter a path', () => {
  it.each(['0f3d09e3fc84', 'a'.repeat(64), 'sho34dgw0vdth0oviffx13guz'])('takes %s', (id) => {
    expect(checkedId(id)).toBe(id);
  });

  it.each([
    '',
    '../containers/json?all=1#',
    '..',
    'abc',
    'ABCDEFABCDEFABCDEF',
    'a'.repeat(65),
    'abcdefabcdef/json',
    'abcdefabcdef?x',
    'abcdefabcdef\n',
    'abcdefabcdef%2f',
  ])('refuses %j', (id) => {
    expect(() => checkedId(id)).toThrow(refused);
  });

  it('takes exactly 25 for nodes', () => {
    expect(checkedNodeId('nrlvy3sccazy7xupz089s0zuc')).toBe('nrlvy3sccazy7xupz089s0zuc');
    expect(() => checkedNodeId('a'.repeat(64))).toThrow(refused);
    expect(() => checkedNodeId('self')).toThrow(refused);
  });
});

describe('image references', () => {
  it.each([
    ['alpine', 'alpine', 'latest'],
    ['alpine:3.20', 'alpine', '3.20'],
    ['host:5000/team/alpine', 'host:5000/team/alpine', 'latest'],
    ['host:5000/alpine:1', 'host:5000/alpine', '1'],
    ['alpine@sha256:abc', 'alpine', 'sha256:abc'],
  ])('splits %s', (reference, fromImage, tag) => {
    expect(checkedImage(reference)).toBe(reference);
    expect(splitReference(reference)).toEqual({ fromImage, tag });
  });

  it.each(['', '../containers/json', 'a/../../b', 'a?x=1', 'a#b', 'a b', '/etc', 'a//b', '-x'])(
    'refuses %j',
    (image) => {
      expect(() => checkedImage(image)).toThrow(refused);
    },
  );
});

describe('the API version', () => {
  it.each([
    ['1.41', '1.41'],
    ['1.44', '1.44'],
    ['1.51', '1.51'],
    ['1.52', '1.51'],
    ['2.0', '1.51'],
  ])('of an engine with %s is %s', (offered, chosen) => {
    expect(chooseVersion(offered, 'node1')).toBe(chosen);
  });

  it.each(['1.40', '1.9', '0.9'])('refuses %s as too old', (offered) => {
    expect(() => chooseVersion(offered, 'node1')).toThrow(
      expect.objectContaining({ reason: 'engineTooOld', params: { host: 'node1', message: offered } }),
    );
  });

  it('is one that 29.0 takes, whose oldest is 1.44', () => {
    expect(chooseVersion('1.52', 'node1')).toBe('1.51');
  });

  it('that is too old is told with what to do', () => {
    const error = thrownBy(() => chooseVersion('1.40', 'node1'));
    const { happened, remedy } = describeError(error);
    expect(happened).toBe('node1 speaks the Engine API only up to 1.40.');
    expect(remedy).toContain('Docker 20.10 (API 1.41) or newer');
  });

  it.each([undefined, '', 'abc', '1.41/../..'])('refuses %j as no engine', (offered) => {
    expect(() => chooseVersion(offered, 'node1')).toThrow(expect.objectContaining({ reason: 'engineError' }));
  });
});
