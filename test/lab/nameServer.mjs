// The lab's name server: it says at once that a name does not exist, as a real network's does. Without one, a
// container that asks for an unknown name waits 5 s for each try, and tests of wrong names crawl.
// Usage: node nameServer.mjs ADDRESS. Prints "ready" once it answers.

import { createSocket } from 'node:dgram';

const nameDoesNotExist = 3;

const server = createSocket('udp4');
server.on('message', (query, from) => {
  if (query.length < 12) return;
  // RFC 1035 4.1.1: the same id and question come back; no records of any kind.
  const answer = Buffer.from(query);
  const recursionDesired = query.readUInt16BE(2) & 0x0100;
  answer.writeUInt16BE(0x8080 | recursionDesired | nameDoesNotExist, 2);
  const question = endOfQuestion(query);
  answer.writeUInt16BE(1, 4);
  for (const count of [6, 8, 10]) answer.writeUInt16BE(0, count);
  server.send(answer.subarray(0, question), from.port, from.address);
});
server.bind(53, process.argv[2], () => process.stdout.write('ready\n'));

/** Where the first question ends: labels with their lengths, a zero, then type and class. */
function endOfQuestion(query) {
  let at = 12;
  while (at < query.length && query[at] !== 0) at += query[at] + 1;
  return Math.min(at + 5, query.length);
}
