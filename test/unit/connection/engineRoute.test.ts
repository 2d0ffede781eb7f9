import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ChannelSocket, type ByteChannel } from '../../../src/connection/route/channelSocket';
import { chooseChannels, type EngineRoutes } from '../../../src/connection/route/engineRoute';
import type { RemoteCommands } from '../../../src/connection/route/remoteCommands';
import type { CommandEnd } from '../../../src/model/host/remoteCommand';

/** A channel of a command that does nothing but end, in one of the orders in which servers tell it. */
class EndedChannel extends EventEmitter implements ByteChannel {
  write(_chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    callback(Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' }));
  }

  end(): void {}
  pause(): void {}
  resume(): void {}
  close(): void {
    this.emit('close');
  }
}

const orders: Record<string, (channel: EndedChannel) => void> = {
  'closes before it is used': (channel) => (channel.emit('end'), channel.emit('close')),
  'ends before it is used': (channel) => channel.emit('end'),
  'fails before it is used': (channel) => channel.emit('error', new Error('EPIPE')),
  'ends while it is used': (channel) => setImmediate(() => channel.emit('end')),
  'closes while it is used': (channel) => setImmediate(() => channel.emit('close')),
  'refuses what is written': () => undefined,
};

function waysOf(end: CommandEnd, order: (channel: EndedChannel) => void, turns: number): EngineRoutes {
  const commands: RemoteCommands = {
    closedBy: undefined,
    isFull: () => false,
    start: async () => {
      const channel = new EndedChannel();
      const stream = new ChannelSocket(channel);
      stream.on('error', () => undefined);
      order(channel);
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      return { stream, ended: Promise.resolve(end) };
    },
  };
  return {
    commands,
    streamlocal: { name: 'streamlocal', limit: 1, open: async () => new Duplex() },
    explainRefusal: () => 'forbidden',
  };
}

describe('a remote command that ends at once', () => {
  const request = { host: 'node1', user: 'deploy', route: 'dialStdio', signal: new AbortController().signal } as const;

  for (const [name, order] of Object.entries(orders))
    for (const turns of [0, 3])
      it.each([
        ['bash: line 1: docker: command not found', 127, 'dockerCliMissing'],
        ['This account is currently not available.', 1, 'sshProtocol'],
      ] as const)(`tells why, when it ${name}, ${turns} turns later: %s`, async (stderr, exitCode, reason) => {
        const ways = waysOf({ stderr, exitCode }, order, turns);
        await expect(chooseChannels(ways, request)).rejects.toMatchObject({ reason, params: { message: stderr } });
      });
});
