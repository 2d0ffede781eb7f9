import type { Duplex } from 'node:stream';

const pong = 'HTTP/1.1 200 OK\r\nApi-Version: 1.51\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK';

/** Stands behind the socket of an engine: answers the ping of a connect, and does what the first line of a stream says. */
export class FakeEngine {
  /** Streams that are open now, and those of them that wait. */
  readonly open = new Set<Duplex>();
  readonly held = new Set<Duplex>();
  /** The most that were open at the same time. */
  peak = 0;
  /** So many have to be there before those who `meet` are answered. */
  meeting = 0;
  private readonly met: Duplex[] = [];

  /** Takes the engine's end of a stream. */
  readonly serve = (stream: Duplex): void => {
    this.open.add(stream);
    this.peak = Math.max(this.peak, this.open.size);
    const leave = () => {
      this.open.delete(stream);
      this.held.delete(stream);
    };
    stream.once('close', leave);
    stream.on('error', leave);
    let head = '';
    const onData = (chunk: Buffer) => {
      head += chunk.toString('latin1');
      const end = head.indexOf('\n');
      if (end < 0) return;
      stream.off('data', onData);
      stream.pause();
      const rest = head.slice(end + 1);
      this.act(stream, head.slice(0, end).trim(), Buffer.from(rest, 'latin1'));
    };
    stream.on('data', onData);
    // Who has said nothing, or waits only, is gone with the other side.
    stream.once('end', () => {
      if (head === '' || this.held.has(stream)) stream.end();
    });
  };

  private act(stream: Duplex, what: string, rest: Buffer): void {
    const chunks = [rest];
    if (what.startsWith('GET /_ping')) stream.end(pong);
    else if (what === 'end') stream.end();
    else if (what === 'flood') stream.end(Buffer.alloc(1024 * 1024, 'x'));
    else if (what === 'hold') this.held.add(stream);
    else if (what === 'meet') this.meet(stream);
    else if (what === 'echo') {
      if (rest.length > 0) stream.write(rest);
      stream.on('data', (chunk: Buffer) => {
        if (stream.write(chunk)) return;
        stream.pause();
        stream.once('drain', () => stream.resume());
      });
      stream.once('end', () => stream.end('over'));
    } else {
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('end', () => stream.end(`got ${Buffer.concat(chunks).toString()}`));
    }
    stream.resume();
  }

  private meet(stream: Duplex): void {
    this.met.push(stream);
    if (this.met.length >= this.meeting) for (const one of this.met.splice(0)) one.end('all here');
  }
}
