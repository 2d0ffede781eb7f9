import { shellWord } from '../text/shellWord';
import { because, subject, type Needs, type Takes } from './text';

export const connectionReasons = {
  hostConfigInvalid: (p: Needs<'message', 'name'>) => ({
    title: 'Host entry is not valid',
    happened: `The entry ${p.name ? `"${p.name}" ` : ''}in the setting dockerOverlay.hosts cannot be used${because(p.message)}.`,
    remedy: 'Correct it in the user settings, or remove it and add the host again.',
  }),
  addressNotFound: (p: Needs<'address', 'message'>) => ({
    title: `Address not found: ${p.address}`,
    happened: `${subject(p)}: the name ${p.address} does not resolve to an address${because(p.message)}.`,
    remedy: 'Check the spelling and your DNS or /etc/hosts, or use the IP address.',
  }),
  addressUnreachable: (p: Needs<'address', 'seconds' | 'message'>) => ({
    title: `No answer from ${p.address}`,
    happened: `${subject(p)}: ${p.address} did not answer${p.seconds ? ` within ${p.seconds} s` : ''}${because(p.message)}.`,
    remedy: 'Check that the machine is up, the address is right, and no firewall is in between.',
  }),
  connectionRefused: (p: Needs<'address', 'message'>) => ({
    title: `Connection refused by ${p.address}`,
    happened: `${subject(p)}: ${p.address} answers, but nothing listens on that port${because(p.message)}.`,
    remedy: 'Check the port and that the service (sshd or dockerd) runs there.',
  }),
  sshProtocol: (p: Needs<'message', 'address'>) => ({
    title: 'SSH connection failed',
    happened: `${subject(p)}: the SSH connection to ${p.address ?? 'the server'} failed${because(p.message)}.`,
    remedy: 'Try "ssh" to the same host in a terminal; the log has the details.',
  }),
  sshConfigInvalid: (p: Needs<'message'>) => ({
    title: 'SSH configuration not usable',
    happened: `${subject(p)}: the SSH configuration could not be resolved${because(p.message)}.`,
    remedy: 'Check the host entry in your SSH config file.',
  }),
  hostKeyUnknown: (p: Needs<'fingerprint'>) => ({
    title: 'Host key not known yet',
    happened: `${subject(p)} offers the key ${p.fingerprint}, which is not in known_hosts.`,
    remedy: 'Connect again and confirm the fingerprint after comparing it with the server.',
  }),
  hostKeyNotRecorded: (p: Needs<'fingerprint'>) => ({
    title: 'Host key not in known_hosts',
    happened: `${subject(p)} offers the key ${p.fingerprint}, which is not in known_hosts, and the SSH configuration forbids asking about it (StrictHostKeyChecking yes).`,
    remedy:
      'Compare the fingerprint with the server, and add the key to known_hosts or set StrictHostKeyChecking to "ask" for this host.',
  }),
  hostKeyTooShort: (p: Needs<'fingerprint' | 'message'>) => ({
    title: 'Host key too short',
    happened: `${subject(p)} offers the RSA key ${p.fingerprint}, which is too short${because(p.message)}.`,
    remedy: 'Make a longer host key on the server ("ssh-keygen -A" adds those of newer types), then connect again.',
  }),
  hostKeyChanged: (p: Needs<'fingerprint' | 'expectedFingerprint' | 'address', 'path'>) => ({
    title: 'Host key has changed',
    happened: `${subject(p)} offers the key ${p.fingerprint}, but ${p.path === undefined ? 'you have confirmed' : `${p.path} has`} ${p.expectedFingerprint}. Somebody may be in between, or the server was installed anew.`,
    // A key that no file keeps is forgotten with the window.
    remedy: `Nothing was sent. If the change is right, ${p.path === undefined ? 'reload the window' : 'remove the old key'} and connect again.`,
    command: p.address && p.path !== undefined ? `ssh-keygen -R ${shellWord(p.address)}` : undefined,
  }),
  hostKeyRevoked: (p: Needs<'fingerprint', 'path'>) => ({
    title: 'Host key is revoked',
    happened: `${subject(p)} offers the key ${p.fingerprint}, which ${p.path ?? 'known_hosts'} marks as revoked.`,
    remedy: 'Do not connect. Ask whoever runs the server for its new key.',
  }),
  hostCertificateInvalid: (p: Needs<'address' | 'path', 'message'>) => ({
    title: 'Host certificate not valid',
    happened: `${subject(p)}: known_hosts names an authority for ${p.address} (${p.path}), and the server shows no valid certificate of it${because(p.message)}.`,
    remedy: 'Nothing was sent. Ask whoever runs the server for its certificate, or whether its authority has changed.',
  }),
  sshFeatureUnsupported: (p: Needs<'name', 'message'>) => ({
    title: `Not supported: ${p.name}`,
    happened: `${subject(p)} needs ${p.name}, which the built-in SSH client cannot do${because(p.message)}.`,
    remedy:
      'The ssh program of OpenSSH can: install it here (package openssh-client), name it in dockerOverlay.ssh.program, and let dockerOverlay.ssh.transport be "auto".',
  }),
  sshProgramMissing: (p: Needs<'path', 'message'>) => ({
    title: 'No ssh program',
    happened: `${subject(p)}: the way to Docker is set to the system's ssh, and there is no program "${p.path}" to run${because(p.message)}.`,
    remedy:
      'Install OpenSSH here (package openssh-client), name its program in dockerOverlay.ssh.program, or set dockerOverlay.ssh.transport to "auto".',
  }),
  sshProgramUnasked: (p: Needs<'user' | 'items', 'message'>) => ({
    title: `Login refused${p.user ? ` for ${p.user}` : ''}`,
    happened: `${subject(p)} refused the login${p.user ? ` of ${p.user}` : ''} by the ssh program${p.items.length ? ` (tried: ${p.items.join(', ')})` : ''}${because(p.message)}. The ssh program is never given a password, passphrase, PIN or code: a server could pose as another one in its questions.`,
    remedy:
      'Use what needs no prompt: load keys and certificates into your agent ("ssh-add"), get a Kerberos ticket ("kinit"), or log in to a jump host that wants a password once in a terminal, with ControlMaster and ControlPersist. Where no certificate, security key or ticket is needed, set dockerOverlay.ssh.transport to "auto": the built-in client asks.',
  }),
  sshProgramCannot: (p: Takes<'name'>) => ({
    title: `Not possible on Windows: ${p.name ?? 'the ssh program'}`,
    happened: `${subject(p)} needs ${p.name ?? 'the ssh program'}, for which the ssh program would have to share one login, and that of Windows cannot.`,
    remedy:
      'Open the folder in WSL or on a Linux machine (Remote) and connect from there; or let the host take a plain key or password, with dockerOverlay.ssh.transport (or "transport" of the host) set to "auto".',
  }),
  sshWayRefused: (p: Needs<'name' | 'message'>) => ({
    title: `The way ${p.name} does not work`,
    happened: `${subject(p)}: the way to Docker is set to ${p.name}, so no other was tried${because(p.message)}.`,
    remedy:
      'Allow it on the server (AllowStreamLocalForwarding in sshd_config), or set "transport" of the host or dockerOverlay.ssh.transport to "auto".',
  }),
  engineChannelRefused: (p: Needs<'path' | 'message'>) => ({
    title: 'No way to Docker any more',
    happened: `${subject(p)}: its SSH server does not connect to ${p.path} any more${because(p.message)}. Docker may have stopped there, or the server forbids it now.`,
    remedy: 'Check that Docker runs there. Connecting again looks for another way.',
  }),
  sshSessionRefused: (p: Needs) => ({
    title: 'No further SSH session',
    happened: `${subject(p)}: the SSH server allows no further session on this connection (MaxSessions).`,
    remedy: 'Try again in a moment, or raise MaxSessions in its sshd_config.',
  }),
  authenticationFailed: (p: Needs<'user' | 'items', 'message'>) => ({
    title: `Login refused${p.user ? ` for ${p.user}` : ''}`,
    happened: `${subject(p)} refused the login${p.user ? ` of ${p.user}` : ''}${p.items.length ? ` (tried: ${p.items.join(', ')})` : ''}${because(p.message)}.`,
    remedy: 'Check the user name, and that one of your keys is in its authorized_keys there or loaded in your agent.',
  }),
  keyUnreadable: (p: Needs<'path' | 'message'>) => ({
    title: 'Private key not usable',
    happened: `${subject(p)}: the private key ${p.path} could not be used${because(p.message)}.`,
    remedy: 'Check the path, its permissions and its passphrase.',
  }),
  dockerPermissionDenied: (p: Needs<'path', 'user'>) => ({
    title: `Permission denied on ${p.path}`,
    happened: `${subject(p)}: ${p.user ?? 'the user'} may log in but may not use Docker (${p.path}).`,
    remedy: `Add the user to the group docker there, then reconnect.`,
    command: `sudo usermod -aG docker ${p.user === undefined ? '$USER' : shellWord(p.user)}`,
  }),
  dockerSocketMissing: (p: Needs<'path', 'message'>) => ({
    title: `No Docker socket at ${p.path}`,
    happened: `${subject(p)}: there is no Docker engine listening at ${p.path}${because(p.message)}.`,
    remedy:
      'Check that Docker runs there. If it does, it listens at another socket, as rootless Docker, Docker Desktop, Colima and Podman do: "docker context ls" there names it, and the address of the host takes it (ssh://host/path/to/docker.sock, unix:///path/to/docker.sock).',
    command: 'docker context ls',
  }),
  dockerCliMissing: (p: Needs<'message'>) => ({
    title: 'Docker not reachable over SSH',
    happened: `${subject(p)}: the SSH server forwards no sockets and has no docker command for "docker system dial-stdio"${because(p.message)}.`,
    remedy: 'Allow AllowStreamLocalForwarding in its sshd_config, or install the docker CLI there.',
  }),
  dockerEndpointBroken: (p: Needs<'message'>) => ({
    title: 'docker there points to another engine',
    happened: `${subject(p)}: the docker command there points to an engine it cannot find${because(p.message)}.`,
    remedy:
      'Look at "docker context ls" and DOCKER_HOST there. With the path of a socket in the address of the host (ssh://host/var/run/docker.sock) neither is asked.',
    command: 'docker context ls',
  }),
  contextNotFound: (p: Needs<'name'>) => ({
    title: `No Docker context "${p.name}"`,
    happened: `${p.host ? `${p.host}: the` : 'The'} Docker context "${p.name}" is not in the context store.`,
    remedy: 'See "docker context ls" for the names, or remove this host.',
    command: 'docker context ls',
  }),
  contextInvalid: (p: Needs<'name' | 'message'>) => ({
    title: `Docker context "${p.name}" is broken`,
    happened: `${p.host ? `${p.host}: the` : 'The'} Docker context "${p.name}" cannot be used${because(p.message)}.`,
    remedy: 'Correct it with "docker context update", or make it anew.',
  }),
  tlsFailed: (p: Needs<'address' | 'message'>) => ({
    title: 'TLS connection failed',
    happened: `${subject(p)}: the TLS connection to ${p.address} failed${because(p.message)}.`,
    remedy: 'Check address and port, and whether the engine there speaks TLS (usually 2376) or not (2375).',
  }),
  tlsServerUntrusted: (p: Needs<'address' | 'name'>) => ({
    title: 'Server certificate not trusted',
    happened: `${subject(p)}: the certificate of ${p.address} is not signed by ${p.name}. Somebody may be in between, or the server has certificates of another CA.`,
    remedy: 'Nothing was sent. Put the CA that signed it ("ca") into this context or host entry, and connect again.',
  }),
  tlsServerExpired: (p: Needs<'message' | 'address'>) => ({
    title: `Server certificate ${p.message}`,
    happened: `${subject(p)}: the certificate of ${p.address} ${p.message}.`,
    remedy: 'Give the engine a new certificate and restart dockerd there; check that the clocks are right.',
  }),
  tlsServerName: (p: Needs<'address' | 'items'>) => ({
    title: 'Server certificate is for another name',
    happened: `${subject(p)}: the certificate of ${p.address} is made for ${p.items.length ? p.items.join(', ') : 'another name'}.`,
    remedy:
      'Use a name or address that is in the certificate, or give the engine a certificate with this one (subjectAltName).',
  }),
  tlsClientRefused: (p: Needs<'address' | 'message', 'name'>) => ({
    title: p.name ? `Engine wants a client certificate` : 'Client certificate refused',
    happened: p.name
      ? `${subject(p)}: ${p.address} lets in only who has a client certificate, and none is configured.`
      : `${subject(p)}: ${p.address} refused the client certificate${because(p.message)}.`,
    remedy:
      'Use a certificate ("cert") and key ("key") signed by the CA that dockerd is started with (--tlscacert), still valid and made for clients (clientAuth).',
  }),
  tlsFilesUnusable: (p: Needs<'name' | 'message', 'path'>) => ({
    title: `TLS file not usable: ${p.name}`,
    happened: `${subject(p)}: ${p.path ?? `the ${p.name}`} cannot be used${because(p.message)}.`,
    remedy: 'Correct the file or its path in this context or host entry.',
  }),
  tlsKeyEncrypted: (p: Needs<'path'>) => ({
    title: 'Client key has a passphrase',
    happened: `${subject(p)}: the TLS client key ${p.path} is encrypted with a passphrase, which Docker's clients cannot use.`,
    remedy: 'Write it without passphrase into a file that only you can read, and name that one as "key".',
    command: `umask 077; openssl pkey -in ${shellWord(p.path)} -out key-plain.pem`,
  }),
  insecureDeclined: (p: Needs<'address' | 'message'>) => ({
    title: 'Not connected: the link is not protected',
    happened: `${subject(p)} would be reached over a link that is not protected (${p.address}: ${p.message}), and that was not agreed to. Nothing was sent.`,
    remedy: 'Use ssh:// or TLS with certificates. Connect asks again.',
  }),
  questionForbidden: (p: Needs<'name'>) => ({
    title: `Not asked for: ${p.name}`,
    happened: `${subject(p)} cannot be connected without ${p.name}, and the SSH configuration forbids asking for it (BatchMode yes).`,
    remedy:
      "Remove BatchMode from this host's entry, or make the question unnecessary: a key in the agent, the host key in known_hosts.",
  }),
  interactionNeeded: (p: Needs<'name', 'message'>) => ({
    title: `Waits for you: ${p.name}`,
    happened: `${subject(p)} cannot be connected again without you: ${p.name} is needed${because(p.message)}.`,
    remedy: 'Connect it (Hosts view, plug button) and answer.',
  }),
  engineTooOld: (p: Needs<'message'>) => ({
    title: 'Docker engine too old',
    happened: `${subject(p)} speaks the Engine API only up to ${p.message}.`,
    remedy: 'This extension needs Docker 20.10 (API 1.41) or newer there.',
  }),
  engineTooNew: (p: Takes<'message'>) => ({
    title: 'Docker engine too new',
    happened: `${subject(p)} accepts the Engine API only from version ${p.message ?? 'of a later Docker'} on, which this extension does not speak yet.`,
    remedy:
      'Update the extension. Until there is one, the administrator of that host can let older clients in with DOCKER_MIN_API_VERSION in the environment of dockerd.',
  }),
  linkLost: (p: Takes<'message'>) => ({
    title: 'Connection lost',
    happened: `The connection to ${subject(p, 'the host')} was lost${because(p.message)}.`,
    remedy: 'It is tried again by itself; Connect tries at once.',
  }),
  requestTimeout: (p: Needs<'name' | 'seconds'>) => ({
    title: 'No answer from Docker',
    happened: `${subject(p)}: Docker did not answer ${p.name ? `"${p.name}" ` : ''}within ${p.seconds} s.`,
    remedy: 'Check the load of the machine and that dockerd is alive ("docker info" there).',
  }),
  engineError: (p: Takes<'name' | 'message'>) => ({
    title: 'Docker refused',
    happened: `${subject(p)}: Docker refused${p.name ? ` ${p.name}` : ''}${because(p.message)}.`,
    remedy: 'The log has the request and the answer.',
  }),
  notFound: (p: Takes<'name' | 'message'>) => ({
    title: `${p.name ?? 'Object'} not found`,
    happened: `${subject(p)}: ${p.name ?? 'the object'} does not exist any more${because(p.message)}.`,
    remedy: 'Refresh the view; it may have been removed elsewhere.',
  }),
  conflict: (p: Takes<'name' | 'message'>) => ({
    title: 'Conflict',
    happened: `${subject(p)}: Docker refused ${p.name ?? 'the request'} because of a conflict${because(p.message)}.`,
    remedy: 'Refresh the view and try again.',
  }),
};
