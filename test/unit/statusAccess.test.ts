import assert from 'node:assert/strict';
import { mayEnter } from '../../worker/statusAccess.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

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
