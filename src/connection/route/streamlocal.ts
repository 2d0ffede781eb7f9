import type { ClientChannel } from 'ssh2';
import { ChannelSocket } from './channelSocket';
import { openChannel, type EngineChannels } from './engineChannel';
import type { SshLink } from '../ssh2/openLink';

/** The engine's socket forwarded by sshd itself. Not bound by MaxSessions. */
export function streamlocalChannels(link: SshLink, host: string, socketPath: string): EngineChannels {
  return {
    name: 'streamlocal',
    async open(signal) {
      const channel = await openChannel<ClientChannel>(link, host, signal, (done) =>
        link.client.openssh_forwardOutStreamLocal(socketPath, done),
      );
      return new ChannelSocket(channel);
    },
  };
}
