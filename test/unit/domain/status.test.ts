import assert from 'node:assert/strict';
import fc from 'fast-check';
import { POLO_STATUSES, type PoloStatus } from '../../../domain/contract.ts';
import {
  decideByKnowledge,
  decideByVerification,
  exclusionHolds,
  isConclusive,
  needsSecondLook,
  rememberRefusals,
  stackTells,
  wasActive,
  type Before,
  type Decision,
  type FirstRefusals,
  type RoleOutcome,
  type StackEvidence,
  type Verification,
} from '../../../domain/status.ts';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const SETTLED = 300_000;
const WAIT = 30_000;

const ago = (ms: number): string => new Date(NOW - ms).toISOString();

const WORKS: RoleOutcome = { outcome: 'works' };
const REFUSED: RoleOutcome = { outcome: 'refused', message: 'AccessDenied: not authorized to perform sts:AssumeRole' };
const UNCLEAR: RoleOutcome = { outcome: 'inconclusive', message: 'TimeoutError: no answer' };

const NEW: Before = { everActive: false, managementAccount: false };
const PENDING: Before = { ...NEW, status: 'pending_setup' };

const decide = (before: Before, verification: Verification, stack?: StackEvidence): Decision =>
  decideByVerification(before, verification, stack, NOW, SETTLED);

const current = (operationEndedAt?: string): StackEvidence => ({
  found: 'instance',
  status: 'CURRENT',
  ...(operationEndedAt !== undefined && { operationEndedAt }),
});

const message = fc.string({ unit: 'grapheme' });
const outcome: fc.Arbitrary<RoleOutcome> = fc.oneof(
  fc.constant(WORKS),
  fc.record({ outcome: fc.constantFrom('refused' as const, 'inconclusive' as const), message }),
);
const verification: fc.Arbitrary<Verification> = fc.record(
  { read: outcome, action: outcome },
  { requiredKeys: ['read'] },
);
const before: fc.Arbitrary<Before> = fc.record(
  { status: fc.constantFrom(...POLO_STATUSES), everActive: fc.boolean(), managementAccount: fc.boolean() },
  { requiredKeys: ['everActive', 'managementAccount'] },
);
const moment = fc.integer({ min: NOW - 2 * SETTLED, max: NOW }).map((at) => new Date(at).toISOString());
const stack: fc.Arbitrary<StackEvidence | undefined> = fc.oneof(
  fc.constantFrom(undefined, { found: 'none' } as const),
  fc.record({ found: fc.constant('unknown' as const), message }),
  fc.record(
    {
      found: fc.constant('instance' as const),
      status: fc.constantFrom('CURRENT', 'OUTDATED', 'INOPERABLE'),
      detailedStatus: fc.constantFrom('PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'INOPERABLE'),
      statusReason: message,
      operationEndedAt: moment,
    },
    { requiredKeys: ['found', 'status'] },
  ),
);
const exclusion = fc.record({ by: message, reason: message, until: moment }, { requiredKeys: ['by', 'reason'] });
const presence = fc.oneof(
  fc.constant('departed' as const),
  fc.record({
    state: fc.constantFrom('ACTIVE', 'SUSPENDED', 'CLOSED', 'PENDING_ACTIVATION', 'PENDING_CLOSURE', 'NEW_ONE', ''),
  }),
);

describe('status table: what is known before the roles are tried', () => {
  const ann = { by: 'ann', reason: 'sandbox' };

  it('rule 1: excludes what an operator excluded, whatever AWS says', () => {
    for (const presence of ['departed', { state: 'SUSPENDED' }, { state: 'ACTIVE' }] as const) {
      assert.deepEqual(decideByKnowledge(ann, presence, NOW), {
        rule: 1,
        status: 'excluded',
        reason: 'excluded by ann: sandbox',
        readRole: 'clear',
        actionRole: 'clear',
        inconclusive: false,
      });
    }
  });

  it('rule 1: holds through the last millisecond of its until, and no longer', () => {
    assert.equal(exclusionHolds({ ...ann, until: ago(0) }, NOW), true);
    assert.equal(exclusionHolds({ ...ann, until: ago(1) }, NOW), false);
    assert.equal(exclusionHolds(ann, NOW), true);
  });

  it('rule 1: an exclusion whose until is past decides nothing', () => {
    const past = { ...ann, until: ago(1) };
    assert.equal(decideByKnowledge(past, { state: 'ACTIVE' }, NOW), undefined);
    assert.equal(decideByKnowledge(past, { state: 'SUSPENDED' }, NOW)?.rule, 2);
    assert.equal(decideByKnowledge(past, 'departed', NOW)?.rule, 3);
  });

  for (const state of ['SUSPENDED', 'CLOSED', 'PENDING_ACTIVATION']) {
    it(`rule 2: excludes an account that is ${state}`, () => {
      const decision = decideByKnowledge(undefined, { state }, NOW);
      assert.equal(decision?.rule, 2);
      assert.equal(decision.status, 'excluded');
      assert.equal(decision.reason, `account is ${state}`);
    });
  }

  it('rule 3: excludes an account that left the organization', () => {
    const decision = decideByKnowledge(undefined, 'departed', NOW);
    assert.equal(decision?.rule, 3);
    assert.equal(decision.status, 'excluded');
    assert.equal(decision.reason, 'left the organization');
  });

  for (const [what, state] of Object.entries({
    'is active': 'ACTIVE',
    'is being closed': 'PENDING_CLOSURE',
    'is in a state that AWS added later': 'HIBERNATED',
    'has no state at all': '',
    'is in a state in another spelling': 'suspended',
  })) {
    it(`leaves an account that ${what} to the roles`, () => {
      assert.equal(decideByKnowledge(undefined, { state }, NOW), undefined);
    });
  }
});

describe('status table: what the roles say', () => {
  describe('rule 4: the read role gave no answer', () => {
    for (const status of ['active', 'pending_setup', 'no_access'] as const) {
      it(`leaves an account that is ${status} as it is`, () => {
        assert.deepEqual(decide({ ...NEW, status }, { read: UNCLEAR, action: REFUSED }), {
          rule: 4,
          status,
          reason: 'verification inconclusive: TimeoutError: no answer',
          readRole: 'keep',
          actionRole: 'keep',
          inconclusive: true,
        });
      });
    }

    it('makes a new account, and one whose exclusion ended, pending_setup', () => {
      assert.equal(decide(NEW, { read: UNCLEAR }).status, 'pending_setup');
      assert.equal(decide({ ...NEW, status: 'excluded', everActive: true }, { read: UNCLEAR }).status, 'pending_setup');
    });
  });

  describe('rule 5: the read role works', () => {
    it('makes an account active if the action role works too', () => {
      assert.deepEqual(decide(NEW, { read: WORKS, action: WORKS }), {
        rule: 5,
        status: 'active',
        reason: '',
        readRole: 'set',
        actionRole: 'set',
        inconclusive: false,
      });
    });

    it('makes an account active if no action role is configured, and forgets the ARN of one', () => {
      const decision = decide({ ...NEW, status: 'no_access', everActive: true }, { read: WORKS });
      assert.deepEqual([decision.rule, decision.status, decision.reason], [5, 'active', '']);
      assert.equal(decision.actionRole, 'clear');
    });

    it('makes an account active and keeps the ARN of an action role that gave no answer, and says so', () => {
      assert.deepEqual(decide(PENDING, { read: WORKS, action: UNCLEAR }), {
        rule: 5,
        status: 'active',
        reason: 'verification inconclusive: action role: TimeoutError: no answer',
        readRole: 'set',
        actionRole: 'keep',
        inconclusive: true,
      });
    });

    it('brings back an account whose exclusion ended', () => {
      assert.equal(decide({ ...NEW, status: 'excluded' }, { read: WORKS, action: WORKS }).status, 'active');
    });
  });

  it('rule 6: an account whose action role is refused is active, without the ARN, in the words of AWS', () => {
    assert.deepEqual(decide(NEW, { read: WORKS, action: REFUSED }), {
      rule: 6,
      status: 'active',
      reason: 'action role refused: AccessDenied: not authorized to perform sts:AssumeRole',
      readRole: 'set',
      actionRole: 'clear',
      inconclusive: false,
    });
  });

  describe('rule 7: the read role is refused and worked before', () => {
    for (const [what, was] of Object.entries<Before>({
      'was active': { ...NEW, status: 'active' },
      'was no_access': { ...NEW, status: 'no_access' },
      'is pending_setup but was active once': { ...PENDING, everActive: true },
      'was excluded but active once': { ...NEW, status: 'excluded', everActive: true },
    })) {
      it(`an account that ${what} becomes no_access, whatever the StackSet says`, () => {
        assert.equal(wasActive(was), true);
        for (const evidence of [undefined, { found: 'none' } as const, current(ago(0))]) {
          const decision = decide(was, { read: REFUSED, action: REFUSED }, evidence);
          assert.deepEqual([decision.rule, decision.status], [7, 'no_access']);
          assert.equal(decision.reason, `read role refused: ${REFUSED.message}`);
          assert.deepEqual([decision.readRole, decision.actionRole], ['clear', 'clear']);
        }
      });
    }

    it('an account that is new or was only ever pending_setup or excluded has nothing to lose', () => {
      for (const was of [NEW, PENDING, { ...NEW, status: 'excluded' } as const]) {
        assert.equal(wasActive(was), false);
        assert.equal(decide(was, { read: REFUSED }).rule, 9);
      }
    });

    it('a disabled region is just a refusal, in its own words', () => {
      const region: RoleOutcome = { outcome: 'refused', message: 'RegionDisabledException: STS is not activated' };
      assert.equal(
        decide({ ...NEW, status: 'active' }, { read: region }).reason,
        'read role refused: RegionDisabledException: STS is not activated',
      );
    });
  });

  describe('rule 8: the read role is refused although it is deployed', () => {
    it('makes an account no_access once its operation ended over five minutes ago', () => {
      const decision = decide(PENDING, { read: REFUSED, action: REFUSED }, current(ago(SETTLED + 1)));
      assert.deepEqual([decision.rule, decision.status], [8, 'no_access']);
      assert.equal(decision.reason, `read role refused although deployed: ${REFUSED.message}`);
      assert.equal(decision.readRole, 'clear');
    });

    it('makes an account no_access if nobody knows when its operation ended', () => {
      assert.equal(decide(NEW, { read: REFUSED }, current()).rule, 8);
    });

    it('gives IAM five minutes, to the millisecond', () => {
      const decision = decide(PENDING, { read: REFUSED }, current(ago(SETTLED)));
      assert.deepEqual([decision.rule, decision.status, decision.reason], [9, 'pending_setup', 'deploying']);
    });

    it('waits for an operation that still runs on an instance that is current', () => {
      for (const detailedStatus of ['PENDING', 'RUNNING']) {
        const decision = decide(PENDING, { read: REFUSED }, { found: 'instance', status: 'CURRENT', detailedStatus });
        assert.deepEqual([decision.rule, decision.reason], [9, 'deploying']);
      }
    });
  });

  describe('rule 9: the read role is refused and never worked', () => {
    const reasonWith = (evidence: StackEvidence | undefined, was: Before = PENDING): string => {
      const decision = decide(was, { read: REFUSED, action: REFUSED }, evidence);
      assert.deepEqual([decision.rule, decision.status], [9, 'pending_setup']);
      return decision.reason;
    };

    it('without a stack instance, or without a look at it, the roles are not deployed', () => {
      assert.equal(reasonWith({ found: 'none' }), 'roles not deployed');
      assert.equal(reasonWith(undefined, NEW), 'roles not deployed');
    });

    it('a StackSet that cannot be read is named as such', () => {
      assert.equal(
        reasonWith({ found: 'unknown', message: 'AccessDenied' }),
        'roles not deployed (StackSet not readable: AccessDenied)',
      );
    });

    it('an instance that is pending or running is deploying', () => {
      for (const state of ['PENDING', 'RUNNING']) {
        assert.equal(
          reasonWith({ found: 'instance', status: 'OUTDATED', detailedStatus: state, statusReason: 'x' }),
          'deploying',
        );
      }
    });

    it('an instance that failed is a failed deployment, with what CloudFormation says', () => {
      assert.equal(
        reasonWith({ found: 'instance', status: 'OUTDATED', detailedStatus: 'FAILED', statusReason: 'role exists' }),
        'deployment failed: FAILED: role exists',
      );
      assert.equal(
        reasonWith({ found: 'instance', status: 'OUTDATED', detailedStatus: 'CANCELLED' }),
        'deployment failed: CANCELLED',
      );
      assert.equal(reasonWith({ found: 'instance', status: 'INOPERABLE' }), 'deployment failed: INOPERABLE');
    });

    it('the management account needs its stack deployed by hand, for no StackSet reaches it', () => {
      assert.equal(
        reasonWith({ found: 'none' }, { ...NEW, managementAccount: true }),
        'deploy the management stack by hand',
      );
    });
  });

  it('judges the action role on its own when the read role is refused', () => {
    assert.equal(decide(PENDING, { read: REFUSED, action: WORKS }).actionRole, 'set');
    assert.equal(decide(PENDING, { read: REFUSED, action: REFUSED }).actionRole, 'clear');
    assert.equal(decide(PENDING, { read: REFUSED }).actionRole, 'clear');
    const unclear = decide(PENDING, { read: REFUSED, action: UNCLEAR });
    assert.deepEqual([unclear.actionRole, unclear.inconclusive], ['keep', true]);
  });
});

describe('a verification', () => {
  it('is conclusive if every configured role was judged', () => {
    for (const judged of [WORKS, REFUSED]) {
      assert.equal(isConclusive({ read: judged }), true);
      assert.equal(isConclusive({ read: judged, action: REFUSED }), true);
      assert.equal(isConclusive({ read: REFUSED, action: judged }), true);
      assert.equal(isConclusive({ read: judged, action: UNCLEAR }), false);
      assert.equal(isConclusive({ read: UNCLEAR, action: judged }), false);
    }
  });

  it('asks the StackSet about a refusal only where the roles may never have worked', () => {
    for (const status of ['pending_setup', 'no_access', 'excluded'] as const) {
      assert.equal(stackTells({ ...NEW, status }), true, status);
      assert.equal(stackTells({ ...NEW, status, everActive: true }), false, status);
    }
    assert.equal(stackTells(NEW), true);
    assert.equal(stackTells({ ...NEW, status: 'active' }), false);
  });
});

describe('status table as a whole', () => {
  it('decides by exactly one rule, the first one that matches', () => {
    fc.assert(
      fc.property(
        fc.option(exclusion, { nil: undefined }),
        presence,
        before,
        verification,
        stack,
        (exclusion, presence, before, verification, stack) => {
          const state = presence === 'departed' ? undefined : presence.state;
          const { read, action } = verification;
          const instance = stack?.found === 'instance' ? stack : undefined;
          const ended = instance?.operationEndedAt;
          const running = ['PENDING', 'RUNNING'].includes(instance?.detailedStatus ?? '');
          const table: [rule: number, when: boolean][] = [
            [1, exclusion !== undefined && (exclusion.until === undefined || exclusion.until >= ago(0))],
            [2, state !== undefined && ['SUSPENDED', 'CLOSED', 'PENDING_ACTIVATION'].includes(state)],
            [3, presence === 'departed'],
            [4, read.outcome === 'inconclusive'],
            [5, read.outcome === 'works' && action?.outcome !== 'refused'],
            [6, read.outcome === 'works'],
            [7, before.everActive || ['active', 'no_access'].includes(before.status ?? '')],
            [8, instance?.status === 'CURRENT' && !running && (ended === undefined || ended < ago(SETTLED))],
            [9, true],
          ];
          const decision = decideByKnowledge(exclusion, presence, NOW) ?? decide(before, verification, stack);
          assert.equal(decision.rule, table.find(([, when]) => when)?.[0]);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('excludes without ARNs and by rules 1 to 3 only', () => {
    fc.assert(
      fc.property(
        fc.option(exclusion, { nil: undefined }),
        presence,
        before,
        verification,
        stack,
        (exclusion, presence, before, verification, stack) => {
          const decision = decideByKnowledge(exclusion, presence, NOW) ?? decide(before, verification, stack);
          assert.equal(decision.status === 'excluded', decision.rule <= 3);
          if (decision.rule <= 3) assert.deepEqual([decision.readRole, decision.actionRole], ['clear', 'clear']);
        },
      ),
    );
  });

  it('says why whenever an account is not active or not fully judged', () => {
    fc.assert(
      fc.property(before, verification, stack, (before, verification, stack) => {
        const decision = decide(before, verification, stack);
        const allIsWell = decision.status === 'active' && decision.rule === 5 && !decision.inconclusive;
        assert.equal(decision.reason === '', allIsWell);
      }),
    );
  });

  it('sets and clears an ARN only on a final answer about that role', () => {
    const fits = (decided: Decision['readRole'], outcome: RoleOutcome | undefined): boolean =>
      decided === 'keep' || (decided === 'set' ? outcome?.outcome === 'works' : outcome?.outcome !== 'works');
    fc.assert(
      fc.property(before, verification, stack, (before, verification, stack) => {
        const decision = decide(before, verification, stack);
        assert.ok(fits(decision.readRole, verification.read) && fits(decision.actionRole, verification.action));
        for (const [decided, role] of [
          [decision.readRole, verification.read],
          [decision.actionRole, verification.action],
        ] as const) {
          if (role?.outcome === 'inconclusive') assert.equal(decided, 'keep');
        }
      }),
    );
  });

  it('never changes a status on an inconclusive read role, but new and excluded to pending_setup', () => {
    fc.assert(
      fc.property(before, verification, message, stack, (before, verification, message, stack) => {
        const decision = decide(before, { ...verification, read: { outcome: 'inconclusive', message } }, stack);
        const fresh = before.status === undefined || before.status === 'excluded';
        assert.equal(decision.status, fresh ? 'pending_setup' : before.status);
      }),
    );
  });

  it('makes a working read role active, whatever was before and whatever the StackSet says', () => {
    fc.assert(
      fc.property(before, verification, stack, (before, verification, stack) => {
        const decision = decide(before, { ...verification, read: WORKS }, stack);
        assert.deepEqual([decision.status, decision.readRole], ['active', 'set']);
      }),
    );
  });
});

describe('second look', () => {
  const active = {
    polo_status: 'active',
    polo_action_role: 'arn:aws:iam::012345678901:role/polo-action-role',
  } as const;
  const lost = decide({ ...NEW, status: 'active' }, { read: REFUSED, action: WORKS });
  const limited = decide({ ...NEW, status: 'active' }, { read: WORKS, action: REFUSED });

  it('remembers the first refusal of each role until that role works', () => {
    const first = rememberRefusals({}, { read: REFUSED, action: WORKS }, 1);
    assert.deepEqual(first, { read: 1 });
    const second = rememberRefusals(first, { read: REFUSED, action: REFUSED }, 2);
    assert.deepEqual(second, { read: 1, action: 2 });
    assert.deepEqual(rememberRefusals(second, { read: WORKS, action: REFUSED }, 3), { action: 2 });
  });

  it('keeps a refusal in mind over an answer that says nothing', () => {
    assert.deepEqual(rememberRefusals({ read: 1 }, { read: UNCLEAR, action: UNCLEAR }, 2), { read: 1 });
    assert.deepEqual(rememberRefusals({}, { read: UNCLEAR }, 2), {});
  });

  it('is due for the demotion of an active account until the first refusal is 30 seconds old', () => {
    assert.equal(needsSecondLook(active, lost, { read: NOW }, NOW, WAIT), true);
    assert.equal(needsSecondLook(active, lost, { read: NOW - WAIT + 1 }, NOW, WAIT), true);
    assert.equal(needsSecondLook(active, lost, { read: NOW - WAIT }, NOW, WAIT), false);
  });

  it('is due for the action role of an active account likewise', () => {
    assert.equal(needsSecondLook(active, limited, { action: NOW - WAIT + 1 }, NOW, WAIT), true);
    assert.equal(needsSecondLook(active, limited, { action: NOW - WAIT }, NOW, WAIT), false);
  });

  it('is not due where an action role has no ARN to lose', () => {
    assert.equal(needsSecondLook({ ...active, polo_action_role: '' }, limited, { action: NOW }, NOW, WAIT), false);
  });

  it('is not due for an account that is not active or not known', () => {
    for (const polo_status of ['pending_setup', 'no_access', 'excluded'] as const) {
      assert.equal(needsSecondLook({ ...active, polo_status }, lost, { read: NOW, action: NOW }, NOW, WAIT), false);
    }
    assert.equal(needsSecondLook(undefined, lost, { read: NOW }, NOW, WAIT), false);
  });

  it('does not delay an exclusion, a suspension or a departure by a refusal that is still young', () => {
    const young = { read: NOW, action: NOW };
    const exclusion = { by: 'ann', reason: 'sandbox' };
    for (const decision of [
      decideByKnowledge(exclusion, { state: 'ACTIVE' }, NOW),
      decideByKnowledge(undefined, { state: 'SUSPENDED' }, NOW),
      decideByKnowledge(undefined, 'departed', NOW),
    ]) {
      assert.ok(decision);
      assert.equal(needsSecondLook(active, decision, young, NOW, WAIT), false);
    }
  });

  it('keeps an active account active, and its action role, until a refusal stood for the whole wait', () => {
    interface Look {
      verification: Verification;
      after: number;
    }
    const looks = fc.array(fc.record({ verification, after: fc.integer({ min: 1, max: 2 * WAIT }) }), { minLength: 1 });
    fc.assert(
      fc.property(looks, (looks: Look[]) => {
        const row: { polo_status: PoloStatus; polo_action_role: string } = { ...active };
        let refusals: FirstRefusals = {};
        let now = NOW;
        // Told apart from the code under test: since when each role has been refused without having worked.
        const since: { read: number | undefined; action: number | undefined } = { read: undefined, action: undefined };
        for (const { verification, after } of looks) {
          now += after;
          for (const role of ['read', 'action'] as const) {
            const outcome = verification[role]?.outcome;
            if (outcome === 'works') since[role] = undefined;
            if (outcome === 'refused') since[role] ??= now;
          }
          refusals = rememberRefusals(refusals, verification, now);
          const decision = decideByVerification({ ...NEW, status: 'active' }, verification, undefined, now, SETTLED);
          if (needsSecondLook(row, decision, refusals, now, WAIT)) continue;
          if (decision.status !== 'active') assert.ok(now - (since.read ?? now) >= WAIT, 'demoted too early');
          if (decision.actionRole === 'clear' && verification.action !== undefined) {
            assert.ok(now - (since.action ?? now) >= WAIT, 'action role cleared too early');
          }
        }
      }),
    );
  });

  it('lets a refusal that stood for the whole wait through', () => {
    fc.assert(
      fc.property(fc.integer({ min: WAIT, max: 10 * WAIT }), (age) => {
        const refusals = rememberRefusals(
          { read: NOW - age, action: NOW - age },
          { read: REFUSED, action: REFUSED },
          NOW,
        );
        const decision = decide({ ...NEW, status: 'active' }, { read: REFUSED, action: REFUSED });
        assert.equal(needsSecondLook(active, decision, refusals, NOW, WAIT), false);
      }),
    );
  });
});
