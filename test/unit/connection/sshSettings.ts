import type { SshSettings } from '../../../src/connection/sshConfig/settings';

/** What `ssh -G` says of a host without any configuration of its own. */
export const settings: SshSettings = {
  alias: 'target',
  hostName: '10.0.0.5',
  port: 22,
  user: 'deploy',
  identityFiles: [],
  identitiesOnly: false,
  userKnownHostsFiles: [],
  globalKnownHostsFiles: [],
  hashKnownHosts: false,
  certificateFiles: [],
  mayFork: true,
  gssapiAllowed: true,
  publicKeyAllowed: true,
  passwordAllowed: true,
  keyboardInteractiveAllowed: true,
};
