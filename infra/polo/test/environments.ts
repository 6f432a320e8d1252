/** Two environments of one organization, and what CDK makes of them. */
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Policy, Statement, TrustStatement } from '../lib/policies.ts';
import { readSettings } from '../lib/settings.ts';
import { addStacks } from '../lib/stacks.ts';

export const HUB = '111122223333';
export const ORGANIZATION = 'o-a1b2c3d4e5';
export const EXTERNAL_ID = 'polo-7f3c9a';
export const COLLECTOR = `arn:aws:iam::${HUB}:role/collectors/usage-collector`;
export const EXECUTOR = `arn:aws:iam::${HUB}:role/polo-executor`;

/** Production owns the action role. */
export const PRODUCTION = {
  env: 'production',
  hubAccountId: HUB,
  organizationId: ORGANIZATION,
  externalId: EXTERNAL_ID,
  ownsActionRole: 'true',
  collectorRoleArns: COLLECTOR,
  executorRoleArns: EXECUTOR,
};

/** Staging doesn't, belongs to a delegated administrator and deploys to a unit by itself. */
export const STAGING = {
  env: 'staging',
  hubAccountId: HUB,
  organizationId: ORGANIZATION,
  externalId: EXTERNAL_ID,
  callAs: 'DELEGATED_ADMIN',
  denyDataReads: 'true',
  autoDeployTo: 'ou-ab12-cdefghij',
};

/** A role as a template holds it. */
export interface RoleProperties {
  RoleName: string;
  Path: string;
  AssumeRolePolicyDocument: Policy<TrustStatement>;
  Policies: { PolicyName: string; PolicyDocument: Policy<Statement> }[];
}

/** A template, as far as tests read it. */
export interface TemplateBody {
  Description: string;
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

/** The templates of all stacks by the stack's name. */
export const templatesOf = (...contexts: Record<string, unknown>[]): Record<string, TemplateBody> => {
  const app = new App({ analyticsReporting: false });
  for (const context of contexts) addStacks(app, readSettings(context));
  return Object.fromEntries(app.synth().stacks.map((stack) => [stack.stackName, stack.template as TemplateBody]));
};

/** Of a stack of that name its resources of a type, by logical id. Fails where there is none. */
export const resourcesOf = (template: TemplateBody | undefined, type: string): Record<string, unknown> => {
  if (!template) throw new Error(`there is no such stack for ${type}`);
  const found = Template.fromJSON(template).findResources(type);
  if (Object.keys(found).length === 0) throw new Error(`the template has no ${type}`);
  return Object.fromEntries(Object.entries(found).map(([id, { Properties }]) => [id, Properties as unknown]));
};

/** The roles of a template by logical id. */
export const rolesOf = (template: TemplateBody | undefined): Record<string, RoleProperties> =>
  resourcesOf(template, 'AWS::IAM::Role') as Record<string, RoleProperties>;

/** The StackSet of a template. */
export const stackSetOf = (template: TemplateBody | undefined): Record<string, unknown> => {
  const [stackSet, ...others] = Object.values(resourcesOf(template, 'AWS::CloudFormation::StackSet'));
  if (!stackSet || others.length > 0) throw new Error('expected one StackSet');
  return stackSet as Record<string, unknown>;
};

/** The template that a StackSet deploys, as CloudFormation gets it. */
export const deployedBy = (template: TemplateBody | undefined): TemplateBody =>
  JSON.parse(String(stackSetOf(template)['TemplateBody'])) as TemplateBody;

/** The one policy of a role. */
export const policyOfRole = ({ Policies }: RoleProperties): Policy<Statement> => {
  const [policy, ...others] = Policies;
  if (!policy || others.length > 0) throw new Error('expected one policy');
  return policy.PolicyDocument;
};
