import assert from 'node:assert/strict';
import { briefReason } from '../../../domain/words.ts';

describe('a reason in brief', () => {
  it('is without the sentence of AWS that is the same for all accounts', () => {
    const sentence =
      'User: arn:aws:sts::111122223333:assumed-role/worker/polo is not authorized to perform: sts:AssumeRole';
    const resource = 'on resource: arn:aws:iam::000000000042:role/test-PoloReadRole';
    assert.equal(
      briefReason(`read role refused: AccessDenied: ${sentence} ${resource}`),
      'read role refused: AccessDenied',
    );
  });

  it('is the reason itself where AWS says something else', () => {
    for (const reason of ['', 'account is SUSPENDED', 'action role refused: AccessDenied: not authorized', '<b>&*']) {
      assert.equal(briefReason(reason), reason);
    }
  });
});
