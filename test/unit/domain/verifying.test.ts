/** Where one activity may verify an account from beginning to end, and what it writes then. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UNKNOWN_ACCOUNT, type AccountRecord, type Exclusion } from '../../../domain/account.ts';
import { recordAfter, statusFound } from '../../../domain/change.ts';
import type { VerifyCommand } from '../../../domain/commands.ts';
import type { AccountFacts } from '../../../domain/organization.ts';
import type { RoleOutcome, Verification } from '../../../domain/status.ts';
import { plainOutcome, registrationOf, type Verifying } from '../../../domain/verifying.ts';

const ID = '000000000042';
const NOW = Date.parse('2026-11-22T12:00:00.000Z');

const FACTS: AccountFacts = {
  id: ID,
  name: 'payments-prod',
  email: 'payments@example.com',
  state: 'ACTIVE',
  partition: 'aws',
  managementAccount: false,
  place: { parentId: 'ou-prod', units: ['Workloads'] },
};

const verifying = (over: Partial<VerifyCommand> = {}, now = NOW): Verifying => ({
  accountId: ID,
  settings: { secondLook: 30_000, roleSettles: 300_000, readRoleName: 'read', actionRoleName: 'action' },
  command: {
    kind: 'verify',
    id: 'run-1/verify',
    origin: { workflowId: 'discover-accounts', runId: 'run-1', actor: 'discoverAccounts' },
    facts: FACTS,
    ...over,
  },
  now,
});

const WORKS: RoleOutcome = { outcome: 'works' };
const BOTH_WORK: Verification = { read: WORKS, action: WORKS };
const NOT_WORKING: RoleOutcome[] = [
  { outcome: 'refused', message: 'AccessDenied' },
  { outcome: 'inconclusive', message: 'TimeoutError' },
];

/** What is stored once an account is registered, and then was verified so. */
const registered = (): AccountRecord => {
  const registration = registrationOf(verifying());
  assert.ok(registration);
  return recordAfter(UNKNOWN_ACCOUNT, registration);
};
const active = (): AccountRecord => {
  const change = plainOutcome(verifying(), registered(), BOTH_WORK)?.change;
  assert.ok(change);
  return recordAfter(registered(), change);
};

const state = fc.constantFrom('ACTIVE', 'SUSPENDED', 'CLOSED', 'PENDING_CLOSURE', '');
const exclusion: fc.Arbitrary<Exclusion> = fc.record(
  {
    by: fc.string(),
    reason: fc.string(),
    until: fc.constantFrom('2026-11-01T00:00:00.000Z', '2027-01-31T00:00:00.000Z'),
  },
  { requiredKeys: ['by', 'reason'] },
);
const stored: fc.Arbitrary<AccountRecord> = fc
  .tuple(fc.constantFrom(registered, active), fc.option(exclusion, { nil: undefined }))
  .map(([record, held]) => ({ ...record(), ...(held && { exclusion: held }) }));

describe('a verification in one activity', () => {
  it('registers an account that nobody knew, and finds no status in it', () => {
    const registration = registrationOf(verifying());
    assert.equal(registration?.row.polo_status, 'pending_setup');
    assert.equal(statusFound(registered(), 'run-1/verify'), '');
    assert.equal(
      statusFound(active(), 'run-1/verify'),
      '',
      'also once it is written, by an attempt of which nobody knows',
    );
    assert.equal(statusFound(active(), 'run-2/verify'), 'active', 'of another command');
    assert.equal(statusFound(UNKNOWN_ACCOUNT, 'run-1/verify'), '');
  });

  it('registers nothing for a dry run, nor what needs no verification', () => {
    assert.equal(registrationOf(verifying({ dryRun: true })), undefined);
    assert.equal(registrationOf(verifying({ facts: { ...FACTS, state: 'SUSPENDED' } })), undefined);
  });

  it('makes an account active whose roles work', () => {
    const outcome = plainOutcome(verifying(), registered(), BOTH_WORK);
    assert.deepEqual([outcome?.result.from, outcome?.result.to], ['', 'active']);
    assert.equal(outcome?.change?.row, outcome?.result.row);
  });

  it('writes nothing where nothing is new, and answers what is stored', () => {
    const record = active();
    const outcome = plainOutcome(verifying({}, NOW + 60_000), record, BOTH_WORK);
    assert.deepEqual(outcome?.result.row, record.row);
    assert.equal(outcome?.change, undefined);
  });

  it('tells what a dry run would write, and does not write it', () => {
    const outcome = plainOutcome(verifying({ dryRun: true }), UNKNOWN_ACCOUNT, BOTH_WORK);
    assert.deepEqual([outcome?.result.from, outcome?.result.to, outcome?.change], ['', 'active', undefined]);
  });

  it('leaves an account that is to be registered first to the workflow: its discovery is an event of its own', () => {
    const { node } = registered();
    assert.ok(node);
    assert.equal(plainOutcome(verifying(), { ...UNKNOWN_ACCOUNT, node }, BOTH_WORK), undefined);
  });

  it('leaves everything else to the workflow: a role that does not work, whatever is stored', () => {
    fc.assert(
      fc.property(stored, fc.constantFrom(...NOT_WORKING), fc.boolean(), (record, other, ofRead) => {
        const included = { ...record };
        delete included.exclusion;
        const verification = ofRead ? { read: other, action: WORKS } : { read: WORKS, action: other };
        assert.equal(plainOutcome(verifying(), included, verification), undefined);
        assert.equal(plainOutcome(verifying(), included), undefined);
      }),
    );
  });

  it('takes nothing away from an active account but for what AWS or an operator says of it', () => {
    fc.assert(
      fc.property(
        stored,
        state,
        fc.option(fc.constant(BOTH_WORK), { nil: undefined }),
        (record, said, verification) => {
          const facts = { ...FACTS, state: said };
          const outcome = plainOutcome(verifying({ facts }), record, verification);
          if (!outcome || outcome.result.to === 'active') return;
          assert.equal(outcome.result.to, 'excluded');
          assert.match(outcome.result.reason, /^excluded by |^account is /);
        },
      ),
    );
  });

  it('writes newer versions than those it found, by the time it is given and no other clock', () => {
    fc.assert(
      fc.property(stored, fc.integer({ min: -60_000, max: 60_000 }), (record, later) => {
        const { change } = plainOutcome(verifying({}, NOW + later), record, BOTH_WORK) ?? {};
        if (!change) return;
        const found = Number(record.row?._version);
        assert.equal(Number(change.row._version), Math.max(NOW + later, found + 1));
      }),
    );
  });
});
