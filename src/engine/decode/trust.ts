import { decodeEach, flag, raw, text, type Raw } from './fields';
import { decodeNode } from './swarm';
import type { NodeTrust, SwarmTrust } from '../api';

/**
 * Root certificates out of `GET /swarm` and `GET /nodes`. A node is through a rotation when it trusts the swarm's root
 * and its own certificate comes from the swarm's issuer; `docker swarm ca --rotate` counts them in the same way.
 */
export function decodeTrust(swarm: unknown, nodes: unknown, onLeftOut?: (count: number) => void): SwarmTrust {
  const wanted = raw(raw(swarm).TLSInfo);
  const decodeOne = (item: unknown): NodeTrust => {
    const { id, hostname, state } = decodeNode(item);
    return { id, hostname, state, isCurrent: isSame(raw(raw(raw(item).Description).TLSInfo), wanted) };
  };
  return {
    root: text(wanted.TrustRoot),
    isRotating: flag(raw(swarm).RootRotationInProgress),
    nodes: decodeEach(nodes, 'a list of nodes', decodeOne, onLeftOut),
  };
}

function isSame(own: Raw, wanted: Raw): boolean {
  const parts = ['TrustRoot', 'CertIssuerSubject', 'CertIssuerPublicKey'];
  return text(wanted.TrustRoot) !== '' && parts.every((part) => text(own[part]) === text(wanted[part]));
}
