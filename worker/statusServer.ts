/** The worker's HTTP server: read-only, for probes and people (design 6). */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { log } from './logging.ts';

/** What a route answers. The body is sent with GET only. */
interface Reply {
  status: number;
  /** Lower-case names; they win over the ones that every answer carries. */
  headers?: Record<string, string>;
  body: string;
}

/** One row of the route table: the first whose pattern matches the whole path answers, `match` being its groups. */
export interface Route {
  path: RegExp;
  answer: (url: URL, match: RegExpExecArray) => Reply | Promise<Reply>;
}

export interface StatusServer {
  /** `host:port`, the port being the real one. */
  address: string;
  /** Ends at once: answers under way are cut off. */
  close: () => Promise<void>;
}

/** Longest path and query, in characters. */
const MAX_URL = 8_192;

/** Time limits in milliseconds, against clients that send or read slowly. */
const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 15_000;
const IDLE_TIMEOUT = 30_000;

/** How long a probe waits for the answer whether the worker is ready. */
const READY_TIMEOUT = 5_000;

const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const plain = (status: number, body: string, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  body: `${body}\n`,
});

/**
 * `/healthz`: the process is up. `/readyz`: `ready` resolves to undefined; else 503, and the reason that it gives goes
 * to the log, once. Neither tells the caller anything, so both may stay open to everybody.
 */
export const healthRoutes = (ready: () => Promise<string | undefined>): Route[] => {
  let asked: Promise<string | undefined> | undefined;
  let told: string | undefined;
  /** Many probes at once are one question. */
  const ask = (): Promise<string | undefined> =>
    (asked ??= within(READY_TIMEOUT, ready())
      .catch((error: unknown) => String(error))
      .finally(() => (asked = undefined)));

  return [
    { path: /\/healthz/, answer: () => plain(200, 'ok') },
    {
      path: /\/readyz/,
      answer: async () => {
        const reason = await ask();
        if (reason !== told) log(reason === undefined ? 'info' : 'warn', 'readiness changed', { reason });
        told = reason;
        return reason === undefined ? plain(200, 'ready') : plain(503, 'not ready');
      },
    },
  ];
};

const within = (milliseconds: number, answer: Promise<string | undefined>): Promise<string | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, milliseconds, `no answer within ${String(milliseconds)} ms`);
  });
  return Promise.race([answer, late]).finally(() => {
    clearTimeout(timer);
  });
};

/**
 * Starts to listen. `hosts` are names, with or without a port, that requests may use beside the address itself and
 * localhost; port 0 takes a free one. Throws an error with code `AddressInUse` if somebody else listens there.
 */
export const startStatusServer = async (options: {
  host: string;
  port: number;
  hosts: string[];
  routes: Route[];
}): Promise<StatusServer> => {
  const hosts = [hostAndPort(options.host, options.port), ...options.hosts];
  const listener: RequestListener = (request, response) => {
    void answerTo(request, hosts, options.routes)
      .catch((error: unknown) => {
        log('error', 'status page failed', { path: request.url, error });
        return plain(500, 'internal error');
      })
      .then((reply) => {
        send(response, reply, request.method === 'HEAD');
      });
  };
  const server = createServer(
    { headersTimeout: HEADERS_TIMEOUT, requestTimeout: REQUEST_TIMEOUT, maxHeaderSize: 8 * MAX_URL },
    listener,
  );
  server.setTimeout(IDLE_TIMEOUT);
  const port = await listen(server, options.host, options.port);
  return {
    address: hostAndPort(options.host, port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};

const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message = `expected ${hostAndPort(host, port)} to be free for the status page, but somebody listens there`;
      const taken = Object.assign(new Error(message, { cause: error }), { code: 'AddressInUse' });
      reject(error.code === 'EADDRINUSE' ? taken : error);
    });
    server.listen(port, host, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });

const hostAndPort = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;

const answerTo = async (request: IncomingMessage, hosts: string[], routes: Route[]): Promise<Reply> => {
  const target = request.url ?? '';
  if (target.length > MAX_URL) return plain(414, 'URI too long');
  if (!isOurs(request, hosts)) return plain(421, 'unknown host: see POLO_STATUS_HOSTS');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return plain(405, 'method not allowed', { allow: 'GET, HEAD' });
  }
  const url = URL.parse(target, 'http://status');
  for (const { path, answer } of routes) {
    const match = url && new RegExp(`^(?:${path.source})$`).exec(url.pathname);
    if (match) return answer(url, match);
  }
  return plain(404, 'not found');
};

/** A web page of somebody else whose name was pointed at us (DNS rebinding) sends that name; an address it can't fake. */
const isOurs = ({ headers, socket }: IncomingMessage, hosts: string[]): boolean => {
  const host = headers.host?.toLowerCase() ?? '';
  const { localAddress = '', localPort = 0 } = socket;
  const own = [localAddress.replace(/^::ffff:/, ''), 'localhost'].map((name) => hostAndPort(name, localPort));
  return [...own, ...hosts].includes(host) || hosts.includes(host.replace(/:\d+$/, ''));
};

const send = (response: ServerResponse, { status, headers, body }: Reply, head: boolean): void => {
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  });
  response.end(head ? undefined : body);
};
