/** Ports of 127.0.0.1 that nobody listens on. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** How many ports after the preferred one are tried. */
const TRIES = 100;

/** The preferred port or one of the next hundred; with 0 any free one. Who wants it should take it soon. */
export const freePort = async (preferred: number): Promise<number> => {
  for (let port = preferred; port < preferred + TRIES; port++) {
    const found = await tryPort(port);
    if (found !== undefined) return found;
  }
  throw new Error(`expected a free port from ${preferred} to ${preferred + TRIES - 1} on 127.0.0.1, but all are taken`);
};

const tryPort = async (port: number): Promise<number | undefined> => {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return undefined;
  }
  const { port: found } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return found;
};
