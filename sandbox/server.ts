/** The sandbox as an HTTP server on this machine. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CONTROL_PREFIX, control } from './control.ts';
import { answer } from './gateway.ts';
import { createSandbox } from './sandbox.ts';
import type { SandboxOptions } from './sandbox.ts';
import { stopClocks } from './stackSetOperations.ts';

/** A sandbox that runs; `url` is what AWS_ENDPOINT_URL takes. */
export interface RunningSandbox {
  url: string;
  close: () => Promise<void>;
}

/** No request that the sandbox understands comes near it. */
const MAX_BODY_BYTES = 1_000_000;

/** Starts a sandbox; it listens on 127.0.0.1 only. */
export const startSandbox = async (options: SandboxOptions = {}): Promise<RunningSandbox> => {
  const sandbox = createSandbox(options);

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const body = await readBody(request);
    if (body === undefined) {
      response
        .writeHead(413, { 'content-type': 'application/json', connection: 'close' })
        .end('{"message":"the body is too large"}');
      return;
    }
    const path = request.url ?? '/';
    if (path === CONTROL_PREFIX || path.startsWith(`${CONTROL_PREFIX}/`)) {
      control(sandbox, request.method ?? 'GET', path, body, response);
      return;
    }
    const reply = await answer(sandbox, request.headers, body, gone.signal);
    if (reply) response.writeHead(reply.status, reply.headers).end(reply.body);
    else request.socket.destroy();
  };

  // Connections stay open longer than a client keeps them idle, so that the server never closes one under a request.
  const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      // A caller that went away in the middle of its body is no failure of the sandbox.
      if (request.destroyed && !request.complete) return;
      if (response.headersSent) return void response.destroy();
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          stopClocks(sandbox.stackSet);
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};

/** The body as text; undefined if it is too large. */
const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
};
