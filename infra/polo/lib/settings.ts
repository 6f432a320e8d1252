/** What a deployment is told by CDK context, checked: `-c key=value` on the command line, or `context` in cdk.json. */
import { RegionInfo } from 'aws-cdk-lib/region-info';
import * as z from 'zod';
import { ENVIRONMENT, EXTERNAL_ID, STACK_SET_REGION } from '../../../domain/names.ts';

const text = (pattern: RegExp, expectation: string) => z.string(expectation).regex(pattern, expectation);

const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, values.join(', ').replace(/, ([^,]*)$/, ' or $1'));

/** The command line knows text only, cdk.json also has booleans. */
const flag = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean('true or false'),
);

/** The command line separates by commas, cdk.json also has arrays. */
const listOf = (entry: z.ZodString, expectation: string) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').filter((part) => part !== '') : value),
    z.array(entry, expectation),
  );

const roleArns = listOf(
  text(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/, 'ARNs of IAM roles, separated by commas, no wildcards'),
  'ARNs of IAM roles, separated by commas',
);

const TARGETS = "ids of organizational units or of the organization's root, separated by commas";

/** AWS services that can run the worker under a role of the hub account. */
const WORKER_SERVICES = ['ecs-tasks.amazonaws.com', 'ec2.amazonaws.com', 'pods.eks.amazonaws.com'] as const;

/** The keys. Messages complete "expected …". */
const CONTEXT = z.strictObject({
  env: text(ENVIRONMENT, '[a-z][a-z0-9-]{0,30}, such as production'),
  hubAccountId: text(/^\d{12}$/, 'the 12 digits of an AWS account id, as text'),
  organizationId: text(/^o-[a-z0-9]{10,32}$/, 'the id of an organization, such as o-a1b2c3d4e5'),
  externalId: text(EXTERNAL_ID, "2 to 1224 characters of A-Za-z0-9_+=,.@:/-, the worker's POLO_EXTERNAL_ID"),
  formerExternalId: text(EXTERNAL_ID, '2 to 1224 characters of A-Za-z0-9_+=,.@:/-').optional(),
  ownsActionRole: flag.default(false),
  callAs: oneOf(['SELF', 'DELEGATED_ADMIN']).default('SELF'),
  collectorRoleArns: roleArns.default([]),
  executorRoleArns: roleArns.default([]),
  denyDataReads: flag.default(false),
  autoDeployTo: listOf(text(/^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/, TARGETS), TARGETS).default([]),
  stackSetRegion: text(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'an AWS region such as us-east-1').default(STACK_SET_REGION),
  workerService: oneOf(WORKER_SERVICES).default('ecs-tasks.amazonaws.com'),
});

/** The keys of the context that are ours. */
export const CONTEXT_KEYS = Object.keys(CONTEXT.shape) as (keyof z.output<typeof CONTEXT>)[];

/** What is deployed, and for whom. */
export interface Settings extends Readonly<z.output<typeof CONTEXT>> {
  /** `aws`, `aws-us-gov`, `aws-cn`, …: where the region is. */
  readonly partition: string;
}

/** The context can't be used; `problems` has one line for each key: name, expectation, what came. */
export class ContextError extends Error {
  readonly problems: string[];

  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.name = 'ContextError';
    this.problems = problems;
  }
}

/** Reads the settings from everything that CDK's context holds; throws one ContextError with all problems. */
export const readSettings = (context: Record<string, unknown>): Settings => {
  // Feature flags and CDK's own keys contain a sign; what is one word is meant for us, or misspelt.
  const given = Object.fromEntries(Object.entries(context).filter(([key]) => /^[a-z]+$/i.test(key)));
  const parsed = CONTEXT.safeParse(given);
  if (!parsed.success) throw new ContextError(problemsOf(parsed.error, given));
  const partition = RegionInfo.get(parsed.data.stackSetRegion).partition ?? 'aws';
  const settings = { ...parsed.data, partition };
  const problems = contradictions(settings);
  if (problems.length > 0) throw new ContextError(problems);
  return settings;
};

/** Settings that would be without effect: the roles trust nobody outside of the hub account. */
const contradictions = ({ partition, hubAccountId, ...settings }: Settings): string[] => {
  const hub = `arn:${partition}:iam::${hubAccountId}:`;
  const strangers = (['collectorRoleArns', 'executorRoleArns'] as const).flatMap((key) => {
    const arn = settings[key].find((role) => !role.startsWith(hub));
    return arn === undefined ? [] : [`${key}: expected roles of the hub account (${hub}…), got ${shown(key, arn)}`];
  });
  if (settings.ownsActionRole || settings.executorRoleArns.length === 0) return strangers;
  const given = shown('executorRoleArns', settings.executorRoleArns);
  return [...strangers, `executorRoleArns: expected none, because ownsActionRole is false, got ${given}`];
};

const problemsOf = (error: z.ZodError, given: Record<string, unknown>): string[] => {
  const lines = error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => `${key}: expected one of the keys ${CONTEXT_KEYS.join(', ')}, got this one`);
    }
    const key = String(issue.path[0]);
    return [`${key}: expected ${issue.message}, got ${shown(key, given[key])}`];
  });
  return [...new Set(lines)];
};

/** What came, for a message; the external id is nobody's business. */
const shown = (key: string, value: unknown): string => {
  if (value === undefined) return 'nothing';
  return /externalId/i.test(key) ? 'a value that is not shown' : JSON.stringify(value).slice(0, 200);
};
