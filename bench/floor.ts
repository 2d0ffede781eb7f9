import http from 'node:http';

/** What one test container of the floor measurement is. */
interface FloorProbe {
  readonly socketPath: string;
  readonly name: string;
  readonly id: string;
  readonly address: string;
}

/**
 * The floor under any verification: the same containers and pings with nothing but bare HTTP on the engines' own unix
 * sockets, all at once; no SSH, no decoding, no checks.
 *
 * @returns seconds; undefined when a container did not get its place in the network (Docker gives up after 20 s) or a target
 *   never answered, because then the time means nothing. Single lost packets are let pass: hundreds of pings at once lose
 *   some on a small machine, and a floor that is less strict is the lower one.
 */
export async function measureFloor(
  sockets: readonly string[],
  networkId: string,
  image: string,
  pings: number,
): Promise<number | undefined> {
  const started = performance.now();
  const probes = await startAll(sockets, networkId, image);
  if (!probes) return undefined;
  const outputs = await Promise.all(probes.map((probe) => pingAll(probe, probes, pings)));
  await Promise.all(probes.map((probe) => remove(probe.socketPath, probe.id)));
  const seconds = (performance.now() - started) / 1000;
  // A burst without any answer is tried again, and prints a line that does not count.
  const answered = outputs.join('').match(/ [1-9]\d*( packets)? received/g)?.length ?? 0;
  return answered === 2 * probes.length * (probes.length - 1) ? seconds : undefined;
}

/** All containers, or none when one of them could not be attached. */
async function startAll(
  sockets: readonly string[],
  networkId: string,
  image: string,
): Promise<FloorProbe[] | undefined> {
  const names = sockets.map((_, index) => `floor-${index + 1}`);
  const starts = await Promise.allSettled(
    sockets.map((socketPath, index) => startProbe(socketPath, names[index] ?? '', networkId, image)),
  );
  const failed = starts.find((start) => start.status === 'rejected');
  if (!failed) return starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  await Promise.all(sockets.map((socketPath, index) => remove(socketPath, names[index] ?? '')));
  if (!String(failed.reason).includes('attaching to network failed')) throw failed.reason;
  return undefined;
}

async function startProbe(socketPath: string, name: string, networkId: string, image: string): Promise<FloorProbe> {
  const body = { Image: image, Cmd: ['sleep', '300'], HostConfig: { NetworkMode: networkId } };
  const created = (await request(socketPath, 'POST', `/containers/create?name=${name}`, body)) as { Id: string };
  await request(socketPath, 'POST', `/containers/${created.Id}/start`);
  const details = (await request(socketPath, 'GET', `/containers/${created.Id}/json`)) as {
    NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
  };
  return {
    socketPath,
    name,
    id: created.Id,
    address: Object.values(details.NetworkSettings.Networks)[0]?.IPAddress ?? '',
  };
}

const remove = (socketPath: string, idOrName: string): Promise<unknown> =>
  request(socketPath, 'DELETE', `/containers/${idOrName}?force=1&v=1`);

async function pingAll(from: FloorProbe, all: readonly FloorProbe[], pings: number): Promise<string> {
  // The first look-up of a name may come before gossip has brought it.
  const script = all
    .filter((probe) => probe !== from)
    .map(
      ({ name, address }) =>
        `(for i in 1 2 3 4 5 6 7 8; do ping -q -c 1 -W 1 ${name} && break; sleep 0.2; done; ` +
        // Once more when nothing was heard: hundreds of pings at once lose some answers themselves.
        `ping -q -c ${pings} -i 0.2 -W 1 ${address} || ping -q -c ${pings} -i 0.2 -W 1 ${address}) &`,
    )
    .join('\n');
  const exec = (await request(from.socketPath, 'POST', `/containers/${from.id}/exec`, {
    Cmd: ['sh', '-c', `${script}\nwait`],
    AttachStdout: true,
    AttachStderr: false,
    Tty: true,
  })) as { Id: string };
  return (await request(from.socketPath, 'POST', `/exec/${exec.Id}/start`, { Detach: false, Tty: true })) as string;
}

/** One request; JSON when the answer is JSON, text otherwise. */
function request(socketPath: string, method: string, path: string, body?: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers =
      payload === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) };
    const call = http.request({ socketPath, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        if ((response.statusCode ?? 500) >= 400) reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
        else resolve(response.headers['content-type']?.includes('json') && text ? JSON.parse(text) : text);
      });
    });
    call.on('error', reject);
    call.end(payload);
  });
}
