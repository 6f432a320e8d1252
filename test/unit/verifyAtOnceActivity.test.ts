/** How a ClickHouse that answers late changes what is asked of STS (design 3). */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { createVerifyAtOnce, type Seen } from '../../activities/verifyAtOnce.ts';
import type { CommandResult } from '../../domain/commands.ts';
import { recordAfter } from '../../domain/change.ts';
import { UNKNOWN_ACCOUNT } from '../../domain/account.ts';
import { LIMITS } from '../../domain/durations.ts';
import { registrationOf, type Verifying } from '../../domain/verifying.ts';

const ID = '000000000042';

const verifyingOf = (state: string): Verifying => ({
  accountId: ID,
  settings: { secondLook: 30_000, roleSettles: 300_000, readRoleName: 'read', actionRoleName: 'action' },
  command: {
    ...{ kind: 'verify', id: 'run-1/verify' },
    origin: { workflowId: 'discover-accounts', runId: 'run-1', actor: 'discoverAccounts' },
    facts: { ...{ id: ID, name: 'payments-prod', email: '', state, partition: 'aws' }, managementAccount: false },
  },
  now: Date.parse('2026-11-22T12:00:00.000Z'),
});

describe('an account whose record ClickHouse takes long to tell', () => {
  beforeEach(() => mock.timers.enable({ apis: ['Date'] }));
  afterEach(() => mock.timers.reset());

  /** What comes of it, and how often its roles were asked for. */
  const verified = async (loadTakes: number, state = 'ACTIVE'): Promise<[{ result: CommandResult } | Seen, number]> => {
    const verifying = verifyingOf(state);
    const registration = registrationOf(verifyingOf('ACTIVE'));
    assert.ok(registration);
    let looks = 0;
    const { verifyAtOnce } = createVerifyAtOnce(
      {
        loadAccount: () => {
          mock.timers.tick(loadTakes);
          return Promise.resolve(recordAfter(UNKNOWN_ACCOUNT, registration));
        },
        writeAccount: () => Promise.resolve(),
      },
      {
        verifyRoles: () => {
          looks += 1;
          return Promise.resolve({ read: { outcome: 'works' }, action: { outcome: 'works' } });
        },
      },
    );
    return [await verifyAtOnce(verifying), looks];
  };

  it('is asked for its roles while there is time for the answer', async () => {
    const [verification, looks] = await verified(LIMITS.atOnceLoaded);
    assert.equal('result' in verification && verification.result.row.polo_status, 'active');
    assert.equal(looks, 1);
    assert.ok(LIMITS.atOnceLoaded + LIMITS.glance < LIMITS.atOnce, 'the time limit cuts no look off');
  });

  it('is left to its workflow afterwards, with what was loaded and without a look that would be had again', async () => {
    const [seen, looks] = await verified(LIMITS.atOnceLoaded + 1);
    assert.deepEqual(Object.keys(seen), ['record']);
    assert.equal(looks, 0);
  });

  it('is answered for at any time where no look is needed', async () => {
    const [verification] = await verified(LIMITS.atOnceLoaded + 1, 'SUSPENDED');
    assert.equal('result' in verification && verification.result.row.polo_status, 'excluded');
  });
});
