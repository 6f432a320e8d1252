/** The worker's HTTP server: read-only, for people and probes (design 6). */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { log } from './logging.ts';
import { hostAndPort, isOurs, mayEnter } from './statusAccess.ts';
import { limitConnections } from './statusConnections.ts';

/** What a route answers. The body is sent with GET only. */
export interface Reply {
  status: number;
  /** Lower-case names; they win over the ones that every answer carries. */
  headers?: Record<string, string>;
  body: string;
}

/** One row of the route table: the first whose pattern matches the whole path answers, `match` being its groups. */
export interface Route {
  path: RegExp;
  /** Needs no token: it tells nothing. */
  open?: true;
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

/** How often the first two are checked: with Node's own 30 seconds they would mean up to 40. */
const CHECK_INTERVAL = 1_000;

/** Open connections; the descriptors of the process are also needed for Temporal, AWS and ClickHouse. */
const MAX_CONNECTIONS = 800;

const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Makes browsers ask for a name, which may be anything, and a password, which is the token. */
const CHALLENGE = 'Basic realm="Polo accounts", charset="UTF-8"';

/** A line of plain text. */
export const plain = (status: number, body: string, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  body: `${body}\n`,
});

/** Who may ask for what. */
interface Access {
  /** Names, with or without a port, that requests may use beside the address itself and localhost. */
  hosts: string[];
  /** What requests have to show, if anything. */
  token?: string;
  routes: Route[];
}

/** Starts to listen; port 0 takes a free one. Throws an error with code `AddressInUse` if somebody else listens there. */
export const startStatusServer = async (options: Access & { host: string; port: number }): Promise<StatusServer> => {
  const access = { ...options, hosts: [hostAndPort(options.host, options.port), ...options.hosts] };
  const listener: RequestListener = (request, response) => {
    void answerTo(request, access)
      .catch((error: unknown) => {
        log('error', 'status page failed', { path: request.url, error });
        return plain(500, 'internal error');
      })
      .then((reply) => {
        send(response, reply, request.method === 'HEAD');
      });
  };
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      connectionsCheckingInterval: CHECK_INTERVAL,
      maxHeaderSize: 8 * MAX_URL,
    },
    listener,
  );
  server.setTimeout(IDLE_TIMEOUT);
  limitConnections(server, MAX_CONNECTIONS);
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
      const message =
        `expected ${hostAndPort(host, port)} to be free for the status page, but somebody listens there. ` +
        'Next: stop that one, or set POLO_STATUS_ADDRESS';
      const taken = Object.assign(new Error(message, { cause: error }), { code: 'AddressInUse' });
      reject(error.code === 'EADDRINUSE' ? taken : error);
    });
    server.listen(port, host, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });

const answerTo = async (request: IncomingMessage, { hosts, token, routes }: Access): Promise<Reply> => {
  const target = request.url ?? '';
  if (target.length > MAX_URL) return plain(414, 'URI too long');
  if (!isOurs(request, hosts)) return plain(421, 'unknown host: see POLO_STATUS_HOSTS');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return plain(405, 'method not allowed', { allow: 'GET, HEAD' });
  }
  // What begins with two slashes would name a host; URL.parse takes a backslash for a slash.
  const url = /^[/\\]{2}/.test(target) ? null : URL.parse(target, 'http://status');
  const matchOf = ({ path }: Route): RegExpExecArray | null =>
    url && new RegExp(`^(?:${path.source})$`).exec(url.pathname);
  const route = routes.find(matchOf);
  if (route?.open !== true && token !== undefined && !mayEnter(request.headers.authorization, token)) {
    return plain(401, 'this page needs the token of POLO_STATUS_TOKEN', { 'www-authenticate': CHALLENGE });
  }
  const match = route && matchOf(route);
  return url && route && match ? route.answer(url, match) : plain(404, 'not found');
};

const send = (response: ServerResponse, { status, headers, body }: Reply, head: boolean): void => {
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  });
  response.end(head ? undefined : body);
};
