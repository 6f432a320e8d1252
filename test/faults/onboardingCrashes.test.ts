/** Onboardings while others deploy, while answers get lost and while workers die: one operation for each account, never two. */
import assert from 'node:assert/strict';
import { onboardWorkflowId, type OnboardAccountResult } from '../../domain/contract.ts';
import { randomFrom } from '../../sandbox/random.ts';
import { cloudFormationCalls, startsFor, strikes } from '../support/cloudFormationCalls.ts';
import { inLanes } from '../support/lanes.ts';
import {
  newAccount,
  onboard,
  onboardingEvents,
  operationsOn,
  setStackSet,
  startOnboardingPolo,
} from '../support/onboarding.ts';
import { endOperation } from '../support/onboardingUnderWay.ts';
import type { Polo } from '../support/polo.ts';
import { SCALE, SEED, TIMEOUT } from '../support/scale.ts';
import { statusBreaks } from '../support/statusChain.ts';
import { until, untilCalls } from '../support/waiting.ts';

/** As long as the test likes: it ends such an operation itself. */
const ENDLESS = 3_600;

/** Too few for the generated organization to hold a deployment that never ends. */
const ACCOUNTS = 6;

/** Somebody else's deployment to an account; its id. */
const deployAs = async (polo: Polo, accountId: string): Promise<string> => {
  const body = { accountIds: [accountId], seconds: ENDLESS };
  return (await polo.control<{ operationId: string }>('POST', '/operations', body)).operationId;
};

/** An onboarding that is awaited later. */
const begin = (polo: Polo, accountId: string): Promise<OnboardAccountResult> => {
  const result = onboard(polo, accountId);
  result.catch(() => undefined);
  return result;
};

/** Waits until an operation has been asked for. */
const untilWaitedFor = (polo: Polo, operationId: string): Promise<unknown> =>
  until(async () =>
    (await cloudFormationCalls(polo)).find(
      (call) => call.operation === 'DescribeStackSetOperation' && call.operationId === operationId,
    ),
  );

/** What was deployed to an account: who did it, and how it ended. */
const deploymentsOf = async (polo: Polo, accountId: string): Promise<string[]> =>
  (await operationsOn(polo, accountId)).map(({ by, status }) => `${by} ${status}`);

/** Fails unless the account is active with both roles, its history is whole, and its onboarding was told once. */
const assertOnboarded = async (polo: Polo, accountId: string, result: OnboardAccountResult): Promise<void> => {
  const row = await polo.account(accountId);
  assert.deepEqual(
    [result.outcome, result.poloStatus, row.polo_status, row.last_scan_error],
    ['promoted', 'active', 'active', ''],
    accountId,
  );
  assert.ok(row.polo_read_role !== '' && row.polo_action_role !== '', accountId);
  assert.deepEqual(
    (await onboardingEvents(polo, accountId)).map(({ kind }) => kind),
    ['onboarding_started', 'onboarding_succeeded'],
    accountId,
  );
  assert.deepEqual(statusBreaks(await polo.history(accountId), row), [], accountId);
};

/** Fails unless the account got its roles by exactly one operation, which the onboarding started and names. */
const assertOneOperation = async (polo: Polo, accountId: string, result: OnboardAccountResult): Promise<void> => {
  const operations = await operationsOn(polo, accountId);
  assert.deepEqual(
    operations.map(({ by, status, operationId }) => ({ by, status, operationId })),
    [{ by: 'caller', status: 'SUCCEEDED', operationId: result.operationId }],
    accountId,
  );
};

describe('an onboarding while somebody else deploys', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  before(async () => {
    polo = await startOnboardingPolo({ accounts: ACCOUNTS });
  });
  afterEach(() => setStackSet(polo, { managedExecution: true, queuedSeconds: 0 }));
  after(() => polo.stop());

  for (const [state, stackSet] of [
    ['RUNNING', {}],
    ['PENDING', { queuedSeconds: ENDLESS }],
  ] as const) {
    it(`joins an operation that is ${state} on the account, and starts none`, async () => {
      const accountId = await newAccount(polo);
      await setStackSet(polo, stackSet);
      const theirs = await deployAs(polo, accountId);
      const onboarding = begin(polo, accountId);
      await untilWaitedFor(polo, theirs);
      await endOperation(polo, theirs, 'SUCCEEDED');
      const result = await onboarding;
      await assertOnboarded(polo, accountId, result);
      assert.equal(result.operationId, theirs);
      assert.deepEqual(await deploymentsOf(polo, accountId), ['control SUCCEEDED']);
      assert.deepEqual(await startsFor(polo, accountId), []);
    });
  }

  for (const ending of ['FAILED', 'STOPPED'] as const) {
    it(`starts an operation of its own when the one that it joined has ${ending}`, async () => {
      const accountId = await newAccount(polo);
      const theirs = await deployAs(polo, accountId);
      const onboarding = begin(polo, accountId);
      await untilWaitedFor(polo, theirs);
      assert.deepEqual(await startsFor(polo, accountId), []);
      await endOperation(polo, theirs, ending);
      const result = await onboarding;
      await assertOnboarded(polo, accountId, result);
      assert.deepEqual(await deploymentsOf(polo, accountId), [`control ${ending}`, 'caller SUCCEEDED']);
      assert.notEqual(result.operationId, theirs);
    });
  }

  it('is told five times that another operation is in progress, then starts one', async () => {
    const accountId = await newAccount(polo);
    const refusal = { effect: 'error', code: 'OperationInProgressException', status: 409, times: 5 };
    await polo.faults({ rules: [{ operation: 'CreateStackInstances', accountId, ...refusal }] });
    const result = await onboard(polo, accountId);
    await assertOnboarded(polo, accountId, result);
    await assertOneOperation(polo, accountId, result);
    assert.deepEqual(
      (await startsFor(polo, accountId)).map(({ outcome }) => outcome),
      [...Array<string>(5).fill('OperationInProgressException'), 'ok'],
    );
  });

  it('waits for an operation on other accounts where the StackSet runs one at a time', async () => {
    const [accountId, other] = [await newAccount(polo), await newAccount(polo)];
    await setStackSet(polo, { managedExecution: false });
    const theirs = await deployAs(polo, other);
    const onboarding = begin(polo, accountId);
    await until(async () => (await startsFor(polo, accountId)).length >= 3 || undefined);
    await endOperation(polo, theirs, 'SUCCEEDED');
    const result = await onboarding;
    await assertOnboarded(polo, accountId, result);
    await assertOneOperation(polo, accountId, result);
  });
});

describe('an onboarding whose calls to CloudFormation fail', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  before(async () => {
    polo = await startOnboardingPolo({ accounts: ACCOUNTS });
  });
  after(() => polo.stop());

  /** `times`: the SDK tries four times by itself, and then it is Temporal's turn. */
  const FAULTS = {
    'an answer that gets lost': { effect: 'lose', times: 1 },
    'five answers in a row that get lost': { effect: 'lose', times: 5 },
    'five dropped connections': { effect: 'drop', times: 5 },
    'no answer at all': { effect: 'hang', times: 1 },
    throttling: { effect: 'throttle', times: 6 },
    'an internal failure': { effect: 'error', status: 500, times: 6 },
    'an unavailable service': { effect: 'error', code: 'ServiceUnavailable', times: 6 },
  };

  it('starts exactly one operation, whatever happens to the call that starts it', async () => {
    const planted = await Promise.all(
      Object.entries(FAULTS).map(async ([name, fault]) => ({ name, fault, accountId: await newAccount(polo) })),
    );
    const rules = planted.map(({ fault, accountId }) => ({ operation: 'CreateStackInstances', accountId, ...fault }));
    await polo.faults({ rules });
    await Promise.all(
      planted.map(async ({ name, accountId }) => {
        try {
          const result = await onboard(polo, accountId);
          await assertOnboarded(polo, accountId, result);
          await assertOneOperation(polo, accountId, result);
        } catch (error) {
          throw new Error(name, { cause: error });
        }
      }),
    );
    assert.deepEqual(
      await strikes(polo),
      rules.map(({ times }) => times),
      'all of it did happen',
    );
  });

  it('starts exactly one operation when any of its calls may fail', async () => {
    const accountIds = await Promise.all(Array.from({ length: 10 }, () => newAccount(polo)));
    const effects = [{ effect: 'lose' }, { effect: 'drop' }, { effect: 'throttle' }, { effect: 'error', status: 500 }];
    await polo.faults({
      rules: effects.map((fault) => ({ service: 'cloudformation', probability: 0.1, ...fault })),
    });
    await Promise.all(
      accountIds.map(async (accountId) => {
        const result = await onboard(polo, accountId);
        await assertOnboarded(polo, accountId, result);
        await assertOneOperation(polo, accountId, result);
      }),
    );
    assert.ok((await strikes(polo)).every((struck) => struck > 0));
  });
});

describe(`onboardings whose worker is killed, seed ${String(SEED)} (POLO_TEST_SEED)`, function () {
  this.timeout(2 * TIMEOUT);
  const random = randomFrom(SEED);

  /** What a dead worker had begun is given up after half a minute: calls need more time for their next attempt than tests usually grant. */
  const env = { POLO_TIME_SCALE: '0.1' };

  /** Runs a test with a Polo that has one worker. */
  const withPolo = async (test: (polo: Polo, kill: () => Promise<void>) => Promise<void>): Promise<void> => {
    const polo = await startOnboardingPolo({ accounts: ACCOUNTS, env, worker: false });
    try {
      const worker = await polo.startWorker();
      await test(polo, async () => {
        await worker.signal('SIGKILL');
      });
    } finally {
      await polo.stop();
    }
  };

  it('know an operation again that was started when nobody heard of it any more', () =>
    withPolo(async (polo, kill) => {
      const accountId = await newAccount(polo);
      const operation = 'CreateStackInstances';
      // The first answer is lost, and the SDK's second try waits until the worker dies.
      await polo.faults({
        rules: [
          { operation, effect: 'lose', times: 1 },
          { operation, effect: 'hang', after: 1 },
        ],
      });
      const onboarding = begin(polo, accountId);
      await untilCalls(polo, `cloudformation.${operation}`, 2);
      await kill();
      const [made, ...others] = await operationsOn(polo, accountId);
      assert.deepEqual([made?.by, others], ['caller', []]);
      await polo.faults({});
      await polo.startWorker();
      const result = await onboarding;
      await assertOnboarded(polo, accountId, result);
      await assertOneOperation(polo, accountId, result);
      assert.equal(result.operationId, made?.operationId);
      const outcomes = (await startsFor(polo, accountId)).map(({ outcome }) => outcome);
      assert.deepEqual(
        [outcomes[0], ...outcomes.filter((outcome) => outcome !== 'lost' && outcome !== 'aborted')],
        ['lost', 'OperationIdAlreadyExistsException'],
      );
    }));

  it('go on after any moment, once a worker is there again', async () => {
    const rounds = Array.from({ length: SCALE.kills }, (_, round) => {
      const calls = 1 + Math.floor(random() * CALLS_OF_A_ROUND);
      return () =>
        withPolo(async (polo, kill) => {
          const accountIds = await Promise.all(Array.from({ length: ACCOUNTS_OF_A_ROUND }, () => newAccount(polo)));
          const onboardings = accountIds.map((accountId) => begin(polo, accountId));
          await untilCallsOrEnd(polo, calls, accountIds);
          await kill();
          await polo.startWorker();
          for (const [index, accountId] of accountIds.entries()) {
            const result = await onboardings[index];
            assert.ok(result);
            await assertOnboarded(polo, accountId, result);
            await assertOneOperation(polo, accountId, result);
          }
        }).catch((error: unknown) => {
          throw new Error(`round ${String(round)}, killed after ${String(calls)} calls to AWS`, { cause: error });
        });
    });
    await inLanes(SCALE.killsAtOnce, rounds);
  });
});

const ACCOUNTS_OF_A_ROUND = 4;

/** An onboarding makes about 16 calls to AWS. */
const CALLS_OF_A_ROUND = 16 * ACCOUNTS_OF_A_ROUND;

/** Waits until AWS was called so many times in all; no longer than the onboardings run. */
const untilCallsOrEnd = async (polo: Polo, calls: number, accountIds: string[]): Promise<void> => {
  await until(async () => {
    const { total } = await polo.control<{ total: number }>('GET', '/calls?recent=0');
    if (total >= calls) return true;
    const states = await Promise.all(
      accountIds.map((id) =>
        polo.client.workflow
          .getHandle(onboardWorkflowId(id))
          .describe()
          .then(
            ({ status }) => status.name,
            () => 'RUNNING',
          ),
      ),
    );
    return states.includes('RUNNING') ? undefined : true;
  });
};

describe('an onboarding that CloudFormation shows late', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  before(async () => {
    // An operation may be unknown for twelve seconds: two looks on a busy machine fit in.
    polo = await startOnboardingPolo({ accounts: ACCOUNTS, env: { POLO_TIME_SCALE: '0.2' } });
  });
  after(() => polo.stop());

  /** CloudFormation is eventually consistent: at first it doesn't show what there is. The verification before it looks once, too. */
  const unseen = (operation: string, code: string, times: number): object => ({
    ...{ operation, effect: 'error', code, status: 404, times },
  });
  const noInstance = unseen('DescribeStackInstance', 'StackInstanceNotFoundException', 4);

  it('goes on looking for an operation that it has started, and that CloudFormation does not show yet', async () => {
    const accountId = await newAccount(polo);
    await polo.faults({
      rules: [noInstance, unseen('DescribeStackSetOperation', 'OperationNotFoundException', 2)],
    });
    const result = await onboard(polo, accountId);
    await assertOnboarded(polo, accountId, result);
    await assertOneOperation(polo, accountId, result);
    assert.deepEqual(await strikes(polo), [4, 2], 'all of it did happen');
  });

  it('looks again at an account that does not show yet what its operation has done', async () => {
    const accountId = await newAccount(polo);
    await polo.faults({ rules: [noInstance] });
    const result = await onboard(polo, accountId);
    await assertOnboarded(polo, accountId, result);
    await assertOneOperation(polo, accountId, result);
    assert.deepEqual(await strikes(polo), [4], 'all of it did happen');
  });
});
