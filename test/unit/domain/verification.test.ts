import assert from 'node:assert/strict';
import type { RoleOutcome } from '../../../domain/status.ts';
import { rolesWork, verificationLine } from '../../../domain/verification.ts';

const WORKS: RoleOutcome = { outcome: 'works' };
const REFUSED: RoleOutcome = { outcome: 'refused', message: 'AccessDenied: not authorized to perform sts:AssumeRole' };
const UNCLEAR: RoleOutcome = { outcome: 'inconclusive', message: 'TimeoutError: no answer' };

describe('roles that were tried', () => {
  it('work when all that are configured do', () => {
    assert.equal(rolesWork({ read: WORKS }), true);
    assert.equal(rolesWork({ read: WORKS, action: WORKS }), true);
    for (const other of [REFUSED, UNCLEAR]) {
      assert.equal(rolesWork({ read: other }), false);
      assert.equal(rolesWork({ read: WORKS, action: other }), false);
      assert.equal(rolesWork({ read: other, action: WORKS }), false);
    }
  });

  it("are told one by one, in AWS's words", () => {
    assert.equal(verificationLine({ read: WORKS }), 'read role works');
    assert.equal(
      verificationLine({ read: UNCLEAR, action: REFUSED }),
      'read role inconclusive: TimeoutError: no answer, ' +
        'action role refused: AccessDenied: not authorized to perform sts:AssumeRole',
    );
  });
});
