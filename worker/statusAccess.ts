/** Who may ask the status server: the names that it answers to, and the token. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** An address as a Host header has it: an IPv6 address in brackets. */
export const hostAndPort = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;

/** What of a request tells whom it means. */
interface Named {
  headers: Pick<IncomingMessage['headers'], 'host'>;
  socket: Pick<IncomingMessage['socket'], 'localAddress' | 'localPort'>;
}

/**
 * Whether a request names us: by `hosts`, by the address that it came to, or as localhost. A web page of somebody else
 * whose name was pointed at us (DNS rebinding) sends that name; an address it can't fake. Without a port it means port 80.
 */
export const isOurs = ({ headers, socket }: Named, hosts: string[]): boolean => {
  const host = headers.host?.toLowerCase() ?? '';
  const withPort = /:\d+$/.test(host) ? host : `${host}:80`;
  const { localAddress = '', localPort = 0 } = socket;
  const own = [localAddress.replace(/^::ffff:/, ''), 'localhost'].map((name) => hostAndPort(name, localPort));
  return [...own, ...hosts].includes(withPort) || hosts.includes(host.replace(/:\d+$/, ''));
};

/**
 * Whether an Authorization header shows the token: as `Bearer <token>`, or as `Basic` with it as the password of any user
 * (RFC 6750, RFC 7617). Takes as long for a wrong token as for the right one.
 */
export const mayEnter = (authorization: string | undefined, token: string): boolean => {
  const [, scheme = '', credentials = ''] = /^(Bearer|Basic) +(\S+) *$/i.exec(authorization ?? '') ?? [];
  const shown =
    scheme.toLowerCase() === 'basic'
      ? Buffer.from(credentials, 'base64')
          .toString('utf8')
          .replace(/^[^:]*:?/, '')
      : credentials;
  return timingSafeEqual(digest(shown), digest(token));
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
