/** The stacks of one environment. None of them needs a bootstrapped account, a parameter or an account id to be made. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, CfnStackSet, LegacyStackSynthesizer, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnInstanceProfile, CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { organizationRoleName, ROLE_PATH, stackSetName, workerRoleName } from '../../../domain/names.ts';
import { organizationRole, workerRole } from './hubRoles.ts';
import { actionRole, readRole } from './memberRoles.ts';
import type { RoleDefinition } from './policies.ts';
import type { Settings } from './settings.ts';

const addRole = (stack: Stack, id: string, { name, description, trust, permissions }: RoleDefinition): CfnRole =>
  new CfnRole(stack, id, {
    roleName: name,
    path: ROLE_PATH,
    description,
    assumeRolePolicyDocument: trust,
    policies: [{ policyName: 'polo', policyDocument: permissions }],
  });

/** A stack of ours: in the StackSet's region, of any account. */
class PoloStack extends Stack {
  constructor(scope: Construct, id: string, { stackSetRegion }: Settings, props: StackProps) {
    super(scope, id, {
      ...props,
      env: { region: stackSetRegion },
      // Without assets there is nothing to be bootstrapped, and a bootstrap version would be a parameter of the template.
      synthesizer: new LegacyStackSynthesizer(),
      analyticsReporting: false,
    });
  }
}

/** The roles of an account. By the StackSet in every account; as a stack of its own in the management account. */
class MemberRolesStack extends PoloStack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, settings, { description: `Roles of Polo (${settings.env}) in this account` });
    addRole(this, 'ReadRole', readRole(settings));
    if (settings.ownsActionRole) addRole(this, 'ActionRole', actionRole(settings));
  }
}

/**
 * The template that the StackSet deploys. It has no parameters: whoever may create stack instances may override those,
 * and so the worker could make accounts trust somebody else.
 */
const memberTemplate = (settings: Settings): string => {
  const outdir = mkdtempSync(join(tmpdir(), 'polo-member-roles-'));
  try {
    const app = new App({ outdir, analyticsReporting: false, autoSynth: false });
    const stack = new MemberRolesStack(app, 'MemberRoles', settings);
    return JSON.stringify(app.synth().getStackArtifact(stack.artifactId).template, undefined, 2);
  } finally {
    rmSync(outdir, { recursive: true });
  }
};

/** The StackSet. Deployed by the organization's management account, or by a delegated administrator. */
class StackSetStack extends PoloStack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, settings, { description: `StackSet that carries the roles of Polo (${settings.env})` });
    const { env, callAs, autoDeployTo, stackSetRegion } = settings;
    const stackSet = new CfnStackSet(this, 'StackSet', {
      stackSetName: stackSetName(env),
      description: `Roles of Polo (${env})`,
      permissionModel: 'SERVICE_MANAGED',
      callAs,
      capabilities: ['CAPABILITY_NAMED_IAM'],
      managedExecution: { Active: true },
      // How an update goes through the accounts.
      operationPreferences: { failureTolerancePercentage: 10, maxConcurrentPercentage: 25 },
      templateBody: memberTemplate(settings),
      // Otherwise the worker alone decides which accounts get the roles. Roles have one region only: in a second one
      // their names would be taken.
      ...(autoDeployTo.length === 0
        ? { autoDeployment: { enabled: false } }
        : {
            autoDeployment: { enabled: true, retainStacksOnAccountRemoval: false },
            stackInstancesGroup: [
              { deploymentTargets: { organizationalUnitIds: autoDeployTo }, regions: [stackSetRegion] },
            ],
          }),
    });
    new CfnOutput(this, 'StackSetId', { value: stackSet.ref });
  }
}

/** The worker's role, in the hub account. */
class WorkerRoleStack extends PoloStack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, settings, { description: `Role of Polo's worker (${settings.env})` });
    const role = addRole(this, 'WorkerRole', workerRole(settings));
    new CfnOutput(this, 'WorkerRoleArn', { value: role.attrArn });
    if (settings.workerService.startsWith('ec2.')) {
      new CfnInstanceProfile(this, 'InstanceProfile', { instanceProfileName: role.ref, roles: [role.ref] });
    }
  }
}

/** The role for POLO_ORGANIZATION_ROLE_ARN, in the management account or a delegated administrator's. */
class OrganizationRoleStack extends PoloStack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, settings, { description: `Rights that Polo's worker (${settings.env}) borrows` });
    const role = addRole(this, 'OrganizationRole', organizationRole(settings));
    new CfnOutput(this, 'OrganizationRoleArn', { value: role.attrArn });
  }
}

/** Adds the stacks of one environment; each one is deployed where it belongs, with credentials of that account. */
export const addStacks = (app: App, settings: Settings): void => {
  const { env } = settings;
  new WorkerRoleStack(app, `${workerRoleName(env)}-role`, settings);
  new OrganizationRoleStack(app, `${organizationRoleName(env)}-role`, settings);
  new StackSetStack(app, `${env}-polo-stack-set`, settings);
  // The management account, which no StackSet reaches; named as where the StackSet's template is deployed by hand.
  new MemberRolesStack(app, stackSetName(env), settings);
};
