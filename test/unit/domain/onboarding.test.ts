import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CommandResult } from '../../../domain/commands.ts';
import { POLO_STATUSES, type AccountRow } from '../../../domain/contract.ts';
import {
  failureOfDeployment,
  isOnboarded,
  isOver,
  isUnconfirmed,
  MORE_OPERATIONS,
  operationIdOf,
  refusalCode,
  takenRole,
  type Deployment,
} from '../../../domain/onboarding.ts';
import {
  isDeployed,
  isOperating,
  isUnderWay,
  type StackInstance,
  type StackSetOperation,
} from '../../../domain/stackSet.ts';
import type { RoleOutcome, Verification } from '../../../domain/status.ts';

const ID = '000000000042';
const OURS = 'onboard-000000000042-run-1';
const THEIRS = 'somebody-elses';

const WORKS: RoleOutcome = { outcome: 'works' };
const REFUSED: RoleOutcome = { outcome: 'refused', message: 'AccessDenied: not authorized to perform sts:AssumeRole' };
const UNCLEAR: RoleOutcome = { outcome: 'inconclusive', message: 'TimeoutError: no answer' };

const instance = (status: string, detailedStatus: string, over: Partial<StackInstance> = {}): StackInstance => ({
  status,
  detailedStatus,
  operationId: OURS,
  ...over,
});

const CURRENT = instance('CURRENT', 'SUCCEEDED');
const FAILED = instance('OUTDATED', 'FAILED');

/** A deployment that ended without a deployed instance, for this reason. */
const failedBecause = (statusReason: string): Deployment => ({
  operation: { status: 'FAILED' },
  instance: { ...FAILED, statusReason },
});

const UNENDED = ['QUEUED', 'RUNNING', 'STOPPING'];
const ENDED = ['SUCCEEDED', 'FAILED', 'STOPPED'];
const UNDER_WAY = ['PENDING', 'RUNNING'];
const SETTLED = ['', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'INOPERABLE', 'SKIPPED_SUSPENDED_ACCOUNT', 'FAILED_IMPORT'];

const text = fc.string({ unit: 'grapheme' });
const operationId = fc.constantFrom(undefined, OURS, THEIRS);
const anyOperation: fc.Arbitrary<StackSetOperation> = fc.record(
  { status: fc.constantFrom(...UNENDED, ...ENDED), statusReason: text },
  { requiredKeys: ['status'] },
);
const anyInstance: fc.Arbitrary<StackInstance> = fc.record(
  {
    status: fc.constantFrom('CURRENT', 'OUTDATED', 'INOPERABLE'),
    detailedStatus: fc.constantFrom(...UNDER_WAY, ...SETTLED),
    statusReason: text,
    operationId: fc.constantFrom(OURS, THEIRS),
  },
  { requiredKeys: ['status', 'detailedStatus'] },
);
const anyDeployment: fc.Arbitrary<Deployment> = fc.record(
  {
    operation: anyOperation,
    instance: anyInstance,
    result: fc.record({ status: fc.constantFrom('FAILED', 'CANCELLED'), reason: text }, { requiredKeys: ['status'] }),
  },
  { requiredKeys: [] },
);

describe('a StackSet operation', () => {
  it('goes on until CloudFormation says that it succeeded, failed or was stopped', () => {
    assert.ok(UNENDED.every((status) => isOperating({ status })));
    assert.ok(!ENDED.some((status) => isOperating({ status })));
  });

  it('is over when it has ended and no longer works on the account', () => {
    for (const status of ENDED) {
      for (const detailedStatus of SETTLED) {
        assert.ok(isOver({ operation: { status }, instance: instance('OUTDATED', detailedStatus) }, OURS));
      }
      assert.ok(isOver({ operation: { status } }, OURS), 'it left no instance behind');
    }
  });

  it('is not over while it queues, runs or stops, whatever the instance shows', () => {
    fc.assert(
      fc.property(anyDeployment, fc.constantFrom(...UNENDED), operationId, (deployment, status, id) => {
        assert.equal(isOver({ ...deployment, operation: { status } }, id), false);
      }),
    );
  });

  it('is not over while the instance still shows its work, though it is said to have ended', () => {
    for (const detailedStatus of UNDER_WAY) {
      const late = instance('OUTDATED', detailedStatus);
      assert.equal(isOver({ operation: { status: 'SUCCEEDED' }, instance: late }, OURS), false);
      assert.equal(isOver({ instance: late }, OURS), false, 'nor if CloudFormation has forgotten it');
    }
  });

  it('is over once another operation has taken the account over', () => {
    const taken = instance('OUTDATED', 'RUNNING', { operationId: THEIRS });
    assert.equal(isOver({ operation: { status: 'FAILED' }, instance: taken }, OURS), true);
    assert.equal(isOver({ operation: { status: 'RUNNING' }, instance: taken }, OURS), false);
  });

  it('that nobody names is followed by the instance alone', () => {
    const unnamed = { status: 'OUTDATED', detailedStatus: 'RUNNING' };
    assert.equal(isOver({ instance: unnamed }, undefined), false);
    assert.equal(isOver({ instance: { ...unnamed, detailedStatus: 'FAILED' } }, undefined), true);
    assert.equal(isOver({ instance: unnamed }, OURS), false, 'an instance may not say whose work it is');
  });

  it('is unconfirmed as long as it succeeded and the instance shows an earlier one, or is not there', () => {
    const operation = { status: 'SUCCEEDED' };
    const before = instance('OUTDATED', 'FAILED', { operationId: THEIRS });
    assert.equal(isUnconfirmed({ operation }, OURS), true);
    assert.equal(isUnconfirmed({ operation, instance: before }, OURS), true);
    assert.equal(isUnconfirmed({ operation, instance: CURRENT }, OURS), false);
    assert.equal(isUnconfirmed({ operation, instance: FAILED }, OURS), false);
  });

  it('that failed, runs or is forgotten needs no confirmation, nor one whose account another one works on', () => {
    fc.assert(
      fc.property(anyDeployment, operationId, (deployment, id) => {
        if (!isUnconfirmed(deployment, id)) return;
        assert.equal(deployment.operation?.status, 'SUCCEEDED');
        assert.equal(isUnderWay(deployment.instance), false);
        assert.ok(isOver(deployment, id), 'only what is over can be unconfirmed');
      }),
    );
  });
});

describe('a stack instance', () => {
  it('is deployed only where it is CURRENT and nothing works on it', () => {
    fc.assert(
      fc.property(fc.option(anyInstance, { nil: undefined }), (any) => {
        const expected = any?.status === 'CURRENT' && !UNDER_WAY.includes(any.detailedStatus);
        assert.equal(isDeployed(any), expected);
      }),
    );
    assert.equal(isDeployed(CURRENT), true);
    assert.equal(isDeployed({ status: 'CURRENT', detailedStatus: '' }), true, 'CloudFormation may say no more');
  });

  it('is not deployed by an operation that succeeded without the account', () => {
    const skipped = instance('OUTDATED', 'SKIPPED_SUSPENDED_ACCOUNT');
    assert.equal(isDeployed(skipped), false);
    assert.deepEqual(
      failureOfDeployment({ operation: { status: 'SUCCEEDED' }, instance: skipped, result: { status: 'SUCCEEDED' } }),
      {
        code: 'OperationFailed',
        words: 'the operation ended SUCCEEDED, this account: SKIPPED_SUSPENDED_ACCOUNT',
        transient: false,
      },
    );
  });
});

describe('a failed deployment', () => {
  for (const [what, reason] of Object.entries({
    'a new account whose execution role is not there yet': `Account ${ID} should have 'stacksets-exec-0123456789abcdef' role with trust relationship to Role 'aws-service-role/member.org.stacksets.cloudformation.amazonaws.com/AWSServiceRoleForCloudFormationStackSetsOrgMember'.`,
    'an execution role that cannot be assumed yet':
      'User: arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForCloudFormationStackSetsOrgMember/x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::000000000042:role/AWSControlTowerExecution (Service: Sts, Status Code: 403)',
    throttling:
      'ResourceLogicalId:ReadRole, ResourceType:AWS::IAM::Role, ResourceStatusReason:Rate exceeded (Service: Iam, Status Code: 400).',
    'throttling by its name': 'ThrottlingException: Too Many Requests',
    'trouble inside of AWS': 'ResourceLogicalId:ReadRole, ResourceStatusReason:Internal Failure.',
    'a service that is down': 'ServiceUnavailable (Service: Iam, Status Code: 503)',
    'a service that does not answer': 'Read timed out.',
  })) {
    it(`may be mended by another operation after ${what}`, () => {
      const { code, transient, words } = failureOfDeployment(failedBecause(reason));
      assert.deepEqual([code, transient], ['OperationFailed', true]);
      assert.equal(words, `the operation ended FAILED, this account: FAILED: ${reason}`);
    });
  }

  for (const [what, reason] of Object.entries({
    'a policy of the organization':
      'User: arn:aws:sts::000000000042:assumed-role/stacksets-exec-0123456789abcdef/x is not authorized to perform: iam:CreateRole on resource: role demo-PoloReadRole with an explicit deny in a service control policy',
    'a quota of the account': 'Cannot exceed quota for RolesPerAccount: 1000 (Service: Iam, Status Code: 409)',
    'a limit that sounds like throttling': 'Limit exceeded for this account. Rate exceeded.',
    'a broken template': 'Template error: instance of Fn::GetAtt references undefined resource Nothing',
    'something that is there already, other than a role': 'Stack with id X already exists',
  })) {
    it(`stays failed after ${what}`, () => {
      const { code, transient } = failureOfDeployment(failedBecause(reason));
      assert.deepEqual([code, transient], ['OperationFailed', false]);
    });
  }

  it('stays failed where nobody says why', () => {
    assert.deepEqual(
      failureOfDeployment({ operation: { status: 'STOPPED' }, instance: instance('OUTDATED', 'CANCELLED') }),
      {
        code: 'OperationFailed',
        words: 'the operation ended STOPPED, this account: CANCELLED',
        transient: false,
      },
    );
    assert.deepEqual(failureOfDeployment({}), {
      code: 'OperationFailed',
      words: 'CloudFormation has forgotten the operation, this account: no stack instance',
      transient: false,
    });
  });

  for (const [what, reason] of Object.entries({
    'the words of IAM':
      'ResourceLogicalId:ReadRole, ResourceType:AWS::IAM::Role, ResourceStatusReason:Resource handler returned message: ' +
      '"Role with name demo-PoloReadRole already exists. (Service: Iam, Status Code: 409, Request ID: 1)" ' +
      '(RequestToken: 2, HandlerErrorCode: AlreadyExists).',
    'the words of CloudFormation':
      "Resource of type 'AWS::IAM::Role' with identifier 'demo-PoloReadRole' already exists.",
    'words that come with throttling': 'Rate exceeded, then: Role with name demo-PoloReadRole already exists.',
  })) {
    it(`is a name that is taken, in ${what}: another operation can't mend it`, () => {
      const { code, transient } = failureOfDeployment(failedBecause(reason));
      assert.deepEqual([code, transient], ['RoleNameTaken', false]);
    });
  }

  it('of an inoperable instance is final whatever the reason sounds like, and says nothing of an operation', () => {
    const inoperable = instance('INOPERABLE', 'INOPERABLE', { statusReason: 'Rate exceeded' });
    const expected = { code: 'InstanceInoperable', words: 'this account: INOPERABLE: Rate exceeded', transient: false };
    assert.deepEqual(failureOfDeployment({ instance: inoperable }), expected);
    assert.deepEqual(failureOfDeployment({ instance: inoperable, operation: { status: 'FAILED' } }), expected);
  });

  it("is explained by the instance, else by the operation's result for the account, else by the operation", () => {
    const operation = { status: 'FAILED', statusReason: 'of the operation' };
    const result = { status: 'FAILED', reason: 'of the result' };
    const words = (deployment: Deployment): string => failureOfDeployment(deployment).words;
    assert.match(
      words({ operation, result, instance: { ...FAILED, statusReason: 'of the instance' } }),
      /: of the instance$/,
    );
    assert.match(words({ operation, result, instance: FAILED }), /: of the result$/);
    assert.match(words({ operation, instance: FAILED }), /: of the operation$/);
  });

  it('is not the last word while another operation works on the account', () => {
    for (const detailedStatus of UNDER_WAY) {
      const taken = instance('OUTDATED', detailedStatus, { operationId: THEIRS });
      assert.equal(failureOfDeployment({ operation: { status: 'FAILED' }, instance: taken }).transient, true);
    }
  });

  it('always has words that fit a failure, and is transient with the code OperationFailed only', () => {
    fc.assert(
      fc.property(anyDeployment, fc.integer({ min: 0, max: 5_000 }), (deployment, length) => {
        const statusReason = 'é'.repeat(length);
        const long = { ...deployment, instance: { ...FAILED, ...deployment.instance, statusReason } };
        for (const failed of [deployment, long]) {
          const { code, words, transient } = failureOfDeployment(failed);
          assert.ok(Buffer.byteLength(words) < 700);
          assert.match(words, /this account: ./);
          if (transient) assert.equal(code, 'OperationFailed');
        }
      }),
    );
  });
});

describe('the role whose name is taken', () => {
  const OUR_ROLES = ['demo-PoloReadRole', 'polo-action-role'];

  it('is the one that AWS names, without the end of the sentence', () => {
    assert.equal(takenRole('Role with name demo-PoloReadRole already exists.', OUR_ROLES), 'demo-PoloReadRole');
    assert.equal(takenRole('EntityAlreadyExists: Role with name polo-action-role.', OUR_ROLES), 'polo-action-role');
    assert.equal(takenRole('role with name a+b=c,d.e@f-g_h already exists', OUR_ROLES), 'a+b=c,d.e@f-g_h');
  });

  it('is the one of ours that is in the words, where AWS puts them differently', () => {
    const words = "Resource of type 'AWS::IAM::Role' with identifier 'polo-action-role' already exists.";
    assert.equal(takenRole(words, OUR_ROLES), 'polo-action-role');
  });

  it('is any of ours where AWS names none', () => {
    const words = 'a role with this name already exists (EntityAlreadyExists).';
    assert.equal(takenRole(words, OUR_ROLES), 'demo-PoloReadRole or polo-action-role');
    assert.equal(takenRole(words, ['demo-PoloReadRole']), 'demo-PoloReadRole');
  });
});

describe('the id of an operation', () => {
  const attempt = fc.integer({ min: 1, max: MORE_OPERATIONS + 1 });

  it('is one that CloudFormation takes', () => {
    fc.assert(
      fc.property(fc.uuid(), attempt, (runId, attempt) => {
        const id = operationIdOf(ID, runId, attempt);
        assert.match(id, /^[a-zA-Z0-9][-a-zA-Z0-9]*$/);
        assert.ok(id.length <= 128);
        assert.ok(id.includes(ID), 'it tells whose it is');
      }),
    );
  });

  it('is the same however often a start is repeated, and another one for each attempt, run and account', () => {
    const start = fc.tuple(fc.constantFrom(ID, '123456789012'), fc.uuid(), attempt);
    fc.assert(
      fc.property(start, start, (one, other) => {
        assert.equal(operationIdOf(...one) === operationIdOf(...other), one.join() === other.join());
        assert.equal(operationIdOf(...one), operationIdOf(...one));
      }),
    );
  });
});

describe('an account after its verification', () => {
  const ROW: AccountRow = {
    account_id: ID,
    account_name: 'payments-prod',
    account_email: '',
    org_unit: '/',
    polo_status: 'active',
    polo_read_role: 'arn:aws:iam::000000000042:role/demo-PoloReadRole',
    polo_action_role: 'arn:aws:iam::000000000042:role/polo-action-role',
    last_successful_scan: null,
    last_scan_error: '',
    account_role: '',
    owner: '',
    discovered_at: '2026-11-22T00:00:00.000Z',
    updated_at: '2026-11-22T00:00:00.000Z',
    _version: '1',
  };

  const verified = (row: Partial<AccountRow>, inconclusive = false): CommandResult => ({
    row: { ...ROW, ...row },
    from: 'pending_setup',
    to: row.polo_status ?? 'active',
    reason: '',
    inconclusive,
  });

  const outcome = fc.constantFrom(WORKS, REFUSED, UNCLEAR);
  const tried: fc.Arbitrary<Verification> = fc.record({ read: outcome, action: outcome }, { requiredKeys: ['read'] });
  const anyResult = fc
    .tuple(fc.constantFrom(...POLO_STATUSES), fc.constantFrom('', ROW.polo_action_role), fc.boolean())
    .map(([polo_status, polo_action_role, inconclusive]) => verified({ polo_status, polo_action_role }, inconclusive));

  it('is onboarded when it is active with every configured role', () => {
    assert.equal(isOnboarded(verified({}), true), true);
    assert.equal(isOnboarded(verified({ polo_action_role: '' }), true), false);
    assert.equal(isOnboarded(verified({ polo_action_role: '' }), false), true, 'no action role is configured');
  });

  it('is not onboarded by a verification that could not judge every role, though the row still has their ARNs', () => {
    assert.equal(isOnboarded(verified({}, true), true), false);
    assert.equal(isOnboarded(verified({}, true), false), false);
  });

  it('is never onboarded in another status than active', () => {
    fc.assert(
      fc.property(anyResult, fc.boolean(), (result, configured) => {
        if (isOnboarded(result, configured)) assert.equal(result.row.polo_status, 'active');
      }),
    );
  });

  for (const [code, what, tried, result] of [
    ['RolesUnverified', 'could not be judged', { read: WORKS, action: UNCLEAR }, verified({}, true)],
    [
      'ActionRoleRefused',
      'lacks the action role only',
      { read: WORKS, action: REFUSED },
      verified({ polo_action_role: '' }),
    ],
    ['DeployedButRefused', 'refused all the time', { read: REFUSED }, verified({ polo_status: 'no_access' })],
    ['DeployedButRefused', 'is pending all the time', { read: REFUSED }, verified({ polo_status: 'pending_setup' })],
    [
      'VerificationRefused',
      'refused after its roles had worked',
      { read: WORKS },
      verified({ polo_status: 'no_access' }),
    ],
  ] as const) {
    it(`fails its onboarding with ${code} if it ${what}`, () => {
      assert.equal(refusalCode(tried, result), code);
    });
  }

  it('is never said to be refused where it could not be judged', () => {
    fc.assert(
      fc.property(tried, anyResult, (tried, result) => {
        const code = refusalCode(tried, result);
        const { polo_status } = result.row;
        assert.equal(code === 'RolesUnverified', result.inconclusive);
        assert.equal(code === 'ActionRoleRefused', polo_status === 'active' && !result.inconclusive);
      }),
    );
  });
});
