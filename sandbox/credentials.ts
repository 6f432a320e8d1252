/** Who calls, and the temporary credentials that AssumeRole hands out. */
import { randomBytes } from 'node:crypto';
import { roleArn, workerRoleName } from '../domain/names.ts';
import type { AwsCall } from './protocol.ts';
import { expiredCredentials, invalidCredentials, missingCredentials } from './refusals.ts';
import { hubAccountId } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';

/**
 * What every secret access key from here begins with; access keys begin with `ASIASANDBOX` and tokens with
 * `SANDBOXTOKEN`, so that a text search finds a leak.
 */
export const SECRET_MARKER = 'SANDBOXSECRET';
const ACCESS_KEY_MARKER = 'ASIASANDBOX';
const TOKEN_MARKER = 'SANDBOXTOKEN';

/** The principal behind a call. */
export interface Caller {
  /** As GetCallerIdentity tells it. */
  arn: string;
  userId: string;
  accountId: string;
  /** The role behind temporary credentials; absent for the hub's own. */
  roleArn?: string;
  /** The session policy allows nothing. */
  powerless: boolean;
}

/** What a session token says; the sandbox keeps no list of what it handed out. */
interface Grant {
  accessKeyId: string;
  roleArn: string;
  name: string;
  expires: number;
  powerless: boolean;
}

/** Temporary credentials as AssumeRole returns them. */
export interface Credentials {
  AccessKeyId: string;
  SecretAccessKey: string;
  SessionToken: string;
  Expiration: Date;
}

const characters = (length: number): string => randomBytes(length).toString('hex').slice(0, length).toUpperCase();

/** Credentials for a role, good for `seconds`. */
export const issueCredentials = (roleArn: string, name: string, seconds: number, powerless: boolean): Credentials => {
  const expires = Date.now() + seconds * 1000;
  const accessKeyId = ACCESS_KEY_MARKER + characters(20 - ACCESS_KEY_MARKER.length);
  const grant: Grant = { accessKeyId, roleArn, name, expires, powerless };
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: SECRET_MARKER + characters(40 - SECRET_MARKER.length),
    SessionToken: TOKEN_MARKER + Buffer.from(JSON.stringify(grant)).toString('base64'),
    Expiration: new Date(expires),
  };
};

/** The identity of a role under a name that its user chose. */
export const assumedRole = (roleArn: string, name: string): { arn: string; userId: string; accountId: string } => {
  const [, partition = '', , , accountId = '', resource = ''] = roleArn.split(':');
  const roleName = resource.slice(resource.lastIndexOf('/') + 1);
  return {
    arn: `arn:${partition}:sts::${accountId}:assumed-role/${roleName}/${name}`,
    userId: `AROA${accountId}SANDBX:${name}`,
    accountId,
  };
};

/** Whoever signed the call. Any key that the sandbox didn't hand out itself is the hub's; signatures aren't checked. */
export const identifyCaller = (sandbox: Sandbox, call: AwsCall): Caller => {
  if (call.accessKeyId === '') throw missingCredentials(call.service);
  if (!call.accessKeyId.startsWith(ACCESS_KEY_MARKER)) {
    if (sandbox.faults.hubCredentials === 'invalid') throw invalidCredentials(call.service);
    if (sandbox.faults.hubCredentials === 'expired') throw expiredCredentials(call.service);
    const worker = roleArn('aws', hubAccountId(sandbox), workerRoleName(sandbox.settings.env));
    return { ...assumedRole(worker, 'sandbox'), powerless: false };
  }
  const grant = readGrant(call.sessionToken);
  if (grant?.accessKeyId !== call.accessKeyId) throw invalidCredentials(call.service);
  if (grant.expires < Date.now()) throw expiredCredentials(call.service);
  return { ...assumedRole(grant.roleArn, grant.name), roleArn: grant.roleArn, powerless: grant.powerless };
};

const readGrant = (token: string): Grant | undefined => {
  try {
    return JSON.parse(Buffer.from(token.slice(TOKEN_MARKER.length), 'base64').toString()) as Grant;
  } catch {
    return undefined;
  }
};
