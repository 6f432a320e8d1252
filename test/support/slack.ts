/**
 * Stands for Slack's incoming webhooks, and for the service behind a dead man's switch: a server on loopback that enforces
 * Slack's limits and fails on demand.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SlackMessage } from '../../domain/contract.ts';

/** Slack's own numbers, written down once more: characters of a section, a header and all texts, and blocks of a message. */
const MOST = { section: 3_000, header: 150, total: 13_000, blocks: 50 };

/** What tests look for wherever something is written: it must not be there. */
export const WEBHOOK_SECRET = 'hushhushwebhook';
export const HEARTBEAT_SECRET = 'hushhushheartbeat';

/** How the webhook answers. Its words repeat the path, as those of some proxies do. */
export type Behaviour =
  'well' | 'hang' | 'drop' | { status: number; body?: string; retryAfter?: string; location?: string };

export interface SlackServer {
  webhookUrl: string;
  heartbeatUrl: string;
  /** Messages that were taken. */
  messages: SlackMessage[];
  /** Posts to the webhook, whatever became of them; and calls of the dead man's switch. */
  counts: { posts: number; beats: number };
  /** The last message; forgets all. */
  take: () => SlackMessage | undefined;
  /** How the next posts are answered, one after the other; the last behaviour stays. */
  behave: (...behaviours: Behaviour[]) => void;
  /** Is called once a message was taken and before the answer leaves. */
  onTaken: (listener: () => void | Promise<void>) => void;
  close: () => Promise<void>;
}

/** Why Slack would refuse a message; undefined if it takes it. */
export const problemOf = (json: string): string | undefined => {
  let message: Partial<SlackMessage>;
  try {
    message = JSON.parse(json) as Partial<SlackMessage>;
  } catch {
    return 'invalid_payload';
  }
  const { text, blocks = [] } = message;
  if (typeof text !== 'string' || text === '') return 'no_text';
  const tooLong = blocks.some((block) => block.text.text === '' || block.text.text.length > MOST[block.type]);
  if (tooLong || blocks.length > MOST.blocks) return 'invalid_blocks';
  const total = blocks.reduce((sum, block) => sum + block.text.text.length, 0);
  return total > MOST.total ? 'msg_blocks_too_long' : undefined;
};

export const startSlack = async (): Promise<SlackServer> => {
  const messages: SlackMessage[] = [];
  const counts = { posts: 0, beats: 0 };
  let behaviours: Behaviour[] = ['well'];
  let taken: () => void | Promise<void> = () => undefined;

  const post = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    counts.posts++;
    const json = Buffer.concat(await request.toArray()).toString();
    const behaviour = (behaviours.length > 1 ? behaviours.shift() : behaviours[0]) ?? 'well';
    if (behaviour === 'hang') return;
    if (behaviour === 'drop') {
      request.socket.destroy();
      return;
    }
    if (behaviour !== 'well') {
      const { status, body = `Cannot POST ${request.url ?? ''}`, retryAfter, location } = behaviour;
      if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
      if (location !== undefined) response.setHeader('location', location);
      response.writeHead(status).end(body);
      return;
    }
    const problem = problemOf(json);
    if (problem === undefined) messages.push(JSON.parse(json) as SlackMessage);
    await taken();
    response.writeHead(problem === undefined ? 200 : 400).end(problem ?? 'ok');
  };

  const server = createServer((request, response) => {
    if (request.method === 'POST') void post(request, response);
    else {
      counts.beats++;
      response.end('OK');
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    webhookUrl: `${base}/services/T00000000/B00000000/${WEBHOOK_SECRET}`,
    heartbeatUrl: `${base}/ping/${HEARTBEAT_SECRET}`,
    messages,
    counts,
    take: () => messages.splice(0).at(-1),
    behave: (...next) => (behaviours = next),
    onTaken: (listener) => (taken = listener),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
