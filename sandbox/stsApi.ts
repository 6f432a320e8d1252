/** AWS STS: AssumeRole as strict as AWS, and GetCallerIdentity. */
import { readRoleName, roleArn } from '../domain/names.ts';
import { assumedRole, issueCredentials } from './credentials.ts';
import type { Caller } from './credentials.ts';
import type { Operation } from './gateway.ts';
import { isUsable } from './organization.ts';
import type { SandboxAccount, SandboxRole } from './organization.ts';
import { AwsError, number, text } from './protocol.ts';
import type { AwsCall } from './protocol.ts';
import { accessDenied } from './refusals.ts';
import { hubAccountId } from './sandbox.ts';
import type { Sandbox, Settings } from './sandbox.ts';

/** The longest session of a role that sets no other; role chaining allows no more either. */
const MAX_DURATION = 3600;
const ROLE_ARN = /^arn:[a-z-]+:iam::(\d{12}):role\/(?:[!-~]+\/)?([\w+=,.@-]{1,64})$/;

/** The account and the name of the role that a call is about; undefined if its ARN is malformed. */
export const roleOf = (call: AwsCall): { accountId: string; roleName: string } | undefined => {
  const arn = call.input['RoleArn'];
  const [, accountId, roleName] = (typeof arn === 'string' ? ROLE_ARN.exec(arn) : undefined) ?? [];
  return accountId !== undefined && roleName !== undefined ? { accountId, roleName } : undefined;
};

/** What the roles of an account demand; undefined = no external id. */
export const demandedExternalId = (settings: Settings, account: SandboxAccount): string | undefined =>
  account.externalId === undefined ? settings.externalId : (account.externalId ?? undefined);

const invalid = (message: string): AwsError => new AwsError('ValidationError', 400, message);

const constrained = (call: AwsCall, name: string, pattern: RegExp, constraint: string): string | undefined => {
  const value = text(call, name);
  if (value === undefined || pattern.test(value)) return value;
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  throw invalid(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${constraint}`,
  );
};

const readDuration = (call: AwsCall): number => {
  const seconds = number(call, 'DurationSeconds') ?? MAX_DURATION;
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43200) {
    const bound = seconds < 900 ? 'greater than or equal to 900' : 'less than or equal to 43200';
    throw invalid(
      `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value ${bound}`,
    );
  }
  if (seconds > MAX_DURATION) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  return seconds;
};

/** True for a session policy that takes all power from the credentials. */
const isPowerless = (policy: string | undefined): boolean => {
  if (policy === undefined) return false;
  if (policy.length > 2048)
    throw invalid(
      `1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048`,
    );
  const statements = readStatements(policy);
  const deniesAll = statements.some(({ Effect, Action }) => Effect === 'Deny' && [Action].flat().includes('*'));
  return deniesAll || !statements.some(({ Effect }) => Effect === 'Allow');
};

const readStatements = (policy: string): { Effect?: string; Action?: string | string[] }[] => {
  const malformed = new AwsError('MalformedPolicyDocument', 400, 'Syntax errors in policy.');
  try {
    const { Version, Statement } = JSON.parse(policy) as { Version?: string; Statement?: object | object[] };
    if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17') throw malformed;
    if (Statement === undefined) throw malformed;
    return [Statement].flat();
  } catch {
    throw malformed;
  }
};

/** Trust policies name the hub's account, and the configured roles, which are other ways for Polo to come in. */
const isTrusted = (sandbox: Sandbox, caller: Caller): boolean =>
  !caller.powerless &&
  (caller.accountId === hubAccountId(sandbox) ||
    (caller.roleArn !== undefined && caller.roleArn in sandbox.settings.roles));

const letsIn = (sandbox: Sandbox, role: SandboxRole): boolean =>
  role.condition === 'works' && Date.now() >= role.since + (sandbox.faults.iamLagSeconds ?? 0) * 1000;

const mayAssume = (sandbox: Sandbox, arn: string, externalId: string | undefined): boolean => {
  const { settings, organization } = sandbox;
  const configured = settings.roles[arn];
  if (configured !== undefined) return configured === 'works';
  const account = organization.accountsById.get(arn.slice('arn:aws:iam::'.length).slice(0, 12));
  if (!account || !isUsable(account)) return false;
  const demanded = demandedExternalId(settings, account);
  if (demanded !== undefined && demanded !== externalId) return false;
  const named = (name: string): boolean => arn === roleArn('aws', account.id, name);
  if (named(readRoleName(settings.env))) return letsIn(sandbox, account.roles.read);
  return settings.actionRole !== undefined && named(settings.actionRole) && letsIn(sandbox, account.roles.action);
};

const assumeRole: Operation = (sandbox, call, caller) => {
  const arn = text(call, 'RoleArn');
  const sessionName = constrained(
    call,
    'RoleSessionName',
    /^[\w+=,.@-]{2,64}$/,
    'satisfy regular expression pattern: [\\w+=,.@-]{2,64}',
  );
  if (arn === undefined || sessionName === undefined) {
    const missing = arn === undefined ? 'roleArn' : 'roleSessionName';
    throw invalid(
      `1 validation error detected: Value null at '${missing}' failed to satisfy constraint: Member must not be null`,
    );
  }
  if (!roleOf(call)) throw invalid(`${arn} is invalid`);
  const externalId = constrained(
    call,
    'ExternalId',
    /^[\w+=,.@:/-]{2,1224}$/,
    'satisfy regular expression pattern: [\\w+=,.@:\\/-]{2,1224}',
  );
  const seconds = readDuration(call);
  const powerless = isPowerless(text(call, 'Policy'));
  if (!isTrusted(sandbox, caller) || !mayAssume(sandbox, arn, externalId)) throw accessDenied(call, caller, arn);
  const identity = assumedRole(arn, sessionName);
  return {
    Credentials: issueCredentials(arn, sessionName, seconds, powerless),
    AssumedRoleUser: { AssumedRoleId: identity.userId, Arn: identity.arn },
  };
};

const getCallerIdentity: Operation = (_sandbox, _call, caller) => ({
  UserId: caller.userId,
  Account: caller.accountId,
  Arn: caller.arn,
});

/** The operations by name. */
export const stsApi: Record<string, Operation> = { AssumeRole: assumeRole, GetCallerIdentity: getCallerIdentity };
