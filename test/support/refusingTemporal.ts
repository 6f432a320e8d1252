/** A server in Temporal's place that refuses every call, as Temporal Cloud does with an expired key. */
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** gRPC's UNAUTHENTICATED. */
const UNAUTHENTICATED = '16';

/** Starts one; `words` is what it says to everybody. */
export const startRefusingTemporal = async (words: string): Promise<{ address: string; stop: () => void }> => {
  const server = createServer();
  server.on('stream', (stream) => {
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': UNAUTHENTICATED,
        'grpc-message': encodeURIComponent(words),
      },
      { endStream: true },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    stop: () => server.close(),
  };
};
