import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { limitConnections } from '../../worker/statusConnections.ts';

describe('a limit on connections', () => {
  const server = createServer((_, response) => response.end('ok'));
  const clients: Socket[] = [];
  limitConnections(server, 3);

  const open = async (): Promise<Socket> => {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined);
    clients.push(client);
    await once(client, 'connect');
    return client;
  };
  const ask = async (client: Socket): Promise<string> => {
    client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    return String((await once(client, 'data'))[0]);
  };

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    for (const client of clients) client.destroy();
    server.close();
  });

  it('closes the one that has begun nothing for the longest time, and the new one gets through', async () => {
    const [used, idle] = [await open(), await open(), await open()];
    assert.match(await ask(used), /200 OK/);
    const closed = once(idle, 'close');
    assert.match(await ask(await open()), /200 OK/);
    await closed;
    await sleep(20);
    assert.deepEqual(
      clients.map(({ closed }) => closed),
      [false, true, false, false],
    );
    assert.match(await ask(used), /200 OK/);
  });
});
