import assert from 'node:assert/strict';
import { isOurs, mayEnter } from '../../worker/statusAccess.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the names of the status page', () => {
  const asks = (host: string | undefined, localAddress: string, localPort: number, hosts: string[] = []): boolean =>
    isOurs({ headers: { ...(host !== undefined && { host }) }, socket: { localAddress, localPort } }, hosts);

  it('are its address and localhost, which need no port if that is 80', () => {
    for (const port of ['', ':80']) {
      assert.equal(asks(`127.0.0.1${port}`, '127.0.0.1', 80), true);
      assert.equal(asks(`127.0.0.1${port}`, '::ffff:127.0.0.1', 80), true);
      assert.equal(asks(`LOCALHOST${port}`, '127.0.0.1', 80), true);
      assert.equal(asks(`[::1]${port}`, '::1', 80), true);
      assert.equal(asks(`polo${port}`, '10.0.0.7', 80, ['polo:80']), true);
      assert.equal(asks(`127.0.0.1${port}`, '127.0.0.1', 8321), false);
      assert.equal(asks(`[::1]${port}`, '::1', 8321), false);
      assert.equal(asks(`evil.example.com${port}`, '127.0.0.1', 80), false);
    }
    assert.equal(asks('127.0.0.1:8321', '127.0.0.1', 80), false);
    assert.equal(asks('', '127.0.0.1', 80), false);
    assert.equal(asks(undefined, '127.0.0.1', 80), false);
  });
});

describe('the token of the status page', () => {
  const token = 's3cret:with=colon';

  it('is shown as Bearer, or as the password of any user', () => {
    for (const header of [`Bearer ${token}`, `bearer  ${token}`, basic(`anybody:${token}`), basic(`:${token}`)]) {
      assert.equal(mayEnter(header, token), true, header);
    }
  });

  it('lets nobody in without it', () => {
    const wrong = [
      undefined,
      '',
      token,
      'Bearer',
      'Bearer ',
      `Bearer ${token}x`,
      `Bearer ${token.slice(0, -1)}`,
      `Bearer ${token} x`,
      `Token ${token}`,
      basic(token.replace(':', '')),
      basic(`${token}:`),
      basic('anybody:'),
      'Basic !!!',
      `Digest ${token}`,
    ];
    for (const header of wrong) assert.equal(mayEnter(header, token), false, header);
  });
});
