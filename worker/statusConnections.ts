/** Keeps a server reachable for others while somebody holds many connections open. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Allows `most` open connections. One more closes that which has begun neither a request nor itself for the longest time:
 * where clients are slow on purpose that is one of theirs, and everybody else still gets through.
 */
export const limitConnections = (server: Server, most: number): void => {
  /** In the order of their latest beginning. */
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    const [oldest] = open;
    if (open.size > most) oldest?.destroy();
  });
  server.on('request', ({ socket }) => {
    if (open.delete(socket)) open.add(socket);
  });
};
