import { describe, expect, it } from 'vitest';
import { decodeTrust } from '../../../src/engine/decode/swarm';
import { changedSwarmSpec } from '../../../src/engine/swarm/swarmApi';

const tls = (root: string) => ({ TrustRoot: root, CertIssuerSubject: `s${root}`, CertIssuerPublicKey: `k${root}` });
const node = (name: string, tlsInfo?: object, state = 'ready') => ({
  ID: name.padEnd(25, '0'),
  Description: { Hostname: name, ...(tlsInfo ? { TLSInfo: tlsInfo } : {}) },
  Status: { State: state },
});

describe('decodeTrust', () => {
  it('tells which nodes are through a rotation, by root and issuer', () => {
    const swarm = { TLSInfo: tls('new'), RootRotationInProgress: true };
    const between = { ...tls('new'), CertIssuerPublicKey: 'kold' };
    const nodes = [node('a', tls('new')), node('b', tls('old'), 'down'), node('c', between), node('d')];
    expect(decodeTrust(swarm, nodes)).toEqual({
      root: 'new',
      isRotating: true,
      nodes: [
        { id: 'a'.padEnd(25, '0'), hostname: 'a', state: 'ready', isCurrent: true },
        { id: 'b'.padEnd(25, '0'), hostname: 'b', state: 'down', isCurrent: false },
        { id: 'c'.padEnd(25, '0'), hostname: 'c', state: 'ready', isCurrent: false },
        { id: 'd'.padEnd(25, '0'), hostname: 'd', state: 'ready', isCurrent: false },
      ],
    });
  });

  it('takes no node for current when the swarm tells nothing', () => {
    expect(decodeTrust({}, [node('a')])).toMatchObject({ root: '', isRotating: false, nodes: [{ isCurrent: false }] });
  });
});

describe('changedSwarmSpec', () => {
  const spec = { Name: 'default', CAConfig: { NodeCertExpiry: 7, ForceRotate: 2 }, EncryptionConfig: { Later: true } };

  it('raises ForceRotate and keeps everything else', () => {
    expect(changedSwarmSpec(spec, { rotateCa: true })).toEqual({
      ...spec,
      CAConfig: { NodeCertExpiry: 7, ForceRotate: 3 },
    });
    expect(changedSwarmSpec({}, { rotateCa: true })).toEqual({ CAConfig: { ForceRotate: 1 } });
  });

  it('sets autolock, and sends back what it was given otherwise', () => {
    expect(changedSwarmSpec(spec, { autolock: true }).EncryptionConfig).toEqual({
      Later: true,
      AutoLockManagers: true,
    });
    expect(changedSwarmSpec(spec, { rotateWorkerToken: true })).toEqual(spec);
  });
});
