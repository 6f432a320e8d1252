/** The StackSet: how it deploys, and that two environments fit into one account. */
import assert from 'node:assert/strict';
import {
  deployedBy,
  PRODUCTION,
  rolesOf,
  STAGING,
  stackSetOf,
  templatesOf,
  type TemplateBody,
} from './environments.ts';

describe('the StackSet', () => {
  let templates: Record<string, TemplateBody>;
  before(() => {
    templates = templatesOf(PRODUCTION, STAGING);
  });

  it('is service-managed, queues operations and deploys to nobody by itself', () => {
    const { TemplateBody, ...stackSet } = stackSetOf(templates['production-polo-stack-set']);
    assert.ok(TemplateBody);
    assert.deepEqual(stackSet, {
      StackSetName: 'production-polo-roles',
      Description: 'Roles of Polo (production)',
      PermissionModel: 'SERVICE_MANAGED',
      CallAs: 'SELF',
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      ManagedExecution: { Active: true },
      OperationPreferences: { FailureTolerancePercentage: 10, MaxConcurrentPercentage: 25 },
      AutoDeployment: { Enabled: false },
    });
  });

  it('deploys to units by itself where it is told to, from one region', () => {
    const stackSet = stackSetOf(templates['staging-polo-stack-set']);
    assert.equal(stackSet['CallAs'], 'DELEGATED_ADMIN');
    assert.deepEqual(stackSet['AutoDeployment'], { Enabled: true, RetainStacksOnAccountRemoval: false });
    assert.deepEqual(stackSet['StackInstancesGroup'], [
      { DeploymentTargets: { OrganizationalUnitIds: ['ou-ab12-cdefghij'] }, Regions: ['us-east-1'] },
    ]);
  });

  it('deploys from the region that it is in', () => {
    const context = { ...STAGING, stackSetRegion: 'eu-central-1' };
    const [group] = stackSetOf(templatesOf(context)['staging-polo-stack-set'])['StackInstancesGroup'] as [object];
    assert.deepEqual(group, {
      DeploymentTargets: { OrganizationalUnitIds: ['ou-ab12-cdefghij'] },
      Regions: ['eu-central-1'],
    });
  });

  it('names nothing as another environment does: StackSets, stacks, roles', () => {
    const names = Object.entries(templates).flatMap(([stack, template]) => {
      const stackSets = Object.values(template.Resources).filter(
        ({ Type }) => Type === 'AWS::CloudFormation::StackSet',
      );
      return [`stack ${stack}`, ...stackSets.map(({ Properties }) => `StackSet ${String(Properties['StackSetName'])}`)];
    });
    assert.equal(names.length, 10);
    assert.equal(new Set(names).size, names.length);
    // One account has them all: those of the hub, of the organization, and both environments' of a member.
    const roles = Object.values(templates)
      .filter(({ Resources }) => Object.values(Resources).some(({ Type }) => Type === 'AWS::IAM::Role'))
      .flatMap((template) => Object.values(rolesOf(template)).map(({ RoleName }) => RoleName));
    assert.deepEqual(roles.sort(), [
      'polo-action-role',
      'production-PoloReadRole',
      'production-polo-organization',
      'production-polo-worker',
      'staging-PoloReadRole',
      'staging-polo-organization',
      'staging-polo-worker',
    ]);
    const carried = ['production', 'staging'].flatMap((env) =>
      Object.values(rolesOf(deployedBy(templates[`${env}-polo-stack-set`]))).map(({ RoleName }) => RoleName),
    );
    assert.deepEqual(carried.sort(), ['polo-action-role', 'production-PoloReadRole', 'staging-PoloReadRole']);
  });

  it('would collide if two environments owned the action role', () => {
    const both = templatesOf(PRODUCTION, { ...STAGING, ownsActionRole: true });
    const carried = ['production', 'staging'].flatMap((env) =>
      Object.values(rolesOf(deployedBy(both[`${env}-polo-stack-set`]))).map(({ RoleName }) => RoleName),
    );
    assert.equal(carried.filter((name) => name === 'polo-action-role').length, 2);
  });

  it('needs no bootstrap, no account id and no parameter, in any stack', () => {
    for (const [stack, template] of Object.entries(templates)) {
      const sections = Object.keys(template).filter((section) => section !== 'Outputs');
      assert.deepEqual(sections, ['Description', 'Resources'], stack);
      assert.ok(!/AWS::AccountId|BootstrapVersion|AssetParameters/.test(JSON.stringify(template)), stack);
    }
  });
});
