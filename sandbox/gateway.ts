/** Answers the calls of the three AWS services: log, faults, credentials, then the operation itself. */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { beginCall } from './calls.ts';
import type { LoggedCall } from './calls.ts';
import { namedAccounts } from './createStackInstances.ts';
import { identifyCaller } from './credentials.ts';
import type { Caller } from './credentials.ts';
import { strike } from './faults.ts';
import type { Strike, Target } from './faults.ts';
import { organizationsApi } from './organizationsApi.ts';
import { AwsError, encodeError, encodeResult, readCall } from './protocol.ts';
import type { AwsCall, Reply, Service } from './protocol.ts';
import { accessDenied } from './refusals.ts';
import type { Sandbox } from './sandbox.ts';
import { stackSetsApi } from './stackSetsApi.ts';
import { roleOf, stsApi } from './stsApi.ts';

/** One operation: its result, or an AwsError thrown. */
export type Operation = (sandbox: Sandbox, call: AwsCall, caller: Caller) => object;

const APIS: Record<Service, Record<string, Operation>> = {
  organizations: organizationsApi,
  sts: stsApi,
  cloudformation: stackSetsApi,
};

/** Parameters that name the account that a call is about, the first one given counts. */
const SUBJECTS = ['AccountId', 'ChildId', 'ResourceId', 'StackInstanceAccount'];

/** How many accounts of one call the log tells at most. */
const LOGGED_ACCOUNTS = 20;

/**
 * The answer to a request; undefined = none, the connection is to be destroyed. `gone` fires when the caller gives up.
 */
export const answer = async (
  sandbox: Sandbox,
  headers: IncomingHttpHeaders,
  body: string,
  gone: AbortSignal,
): Promise<Reply | undefined> => {
  const requestId = randomUUID();
  const call = readAnyCall(headers, body);
  if (call instanceof AwsError) return encodeError('organizations', call, requestId);
  const target = targetOf(call);
  const account = target.accountId === undefined ? undefined : sandbox.organization.accountsById.get(target.accountId);
  const end = beginCall(sandbox.calls, describeCall(call, target));
  const { delayMs, effect } = strike(sandbox.faults, target, account);
  if (!(await outlasts(gone, delayMs, effect))) {
    end('aborted');
    return undefined;
  }
  if (effect === 'drop') {
    end('dropped');
    return undefined;
  }
  const { reply, outcome } = perform(sandbox, call, requestId, effect);
  end(effect === 'lose' ? 'lost' : outcome);
  return effect === 'lose' ? undefined : reply;
};

const readAnyCall = (headers: IncomingHttpHeaders, body: string): AwsCall | AwsError => {
  try {
    const unknown = new AwsError('UnknownOperationException', 400, 'The sandbox plays no such service.');
    return readCall(headers, body) ?? unknown;
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
};

/** Waits as long as the faults demand; false if the caller gave up meanwhile, as it must on a call that hangs. */
const outlasts = async (gone: AbortSignal, delayMs: number, effect: Strike['effect']): Promise<boolean> => {
  if (delayMs === 0 && effect !== 'hang') return true;
  const limit = effect === 'hang' ? 2 ** 31 - 1 : delayMs;
  return delay(limit, effect !== 'hang', { signal: gone, ref: false }).catch(() => false);
};

const perform = (
  sandbox: Sandbox,
  call: AwsCall,
  requestId: string,
  effect: Strike['effect'],
): { reply: Reply; outcome: string } => {
  try {
    if (effect instanceof AwsError) throw effect;
    return { reply: encodeResult(call, result(sandbox, call), requestId), outcome: 'ok' };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { reply: encodeError(call.service, error, requestId), outcome: error.code };
  }
};

const result = (sandbox: Sandbox, call: AwsCall): object => {
  const caller = identifyCaller(sandbox, call);
  const api = APIS[call.service];
  const operation = Object.hasOwn(api, call.operation) ? api[call.operation] : undefined;
  if (!operation) {
    const code = call.service === 'organizations' ? 'UnknownOperationException' : 'InvalidAction';
    throw new AwsError(code, 400, `The sandbox doesn't play ${call.service}:${call.operation}.`);
  }
  if (caller.powerless && call.service !== 'sts') throw accessDenied(call, caller, '*');
  return operation(sandbox, call, caller);
};

const targetOf = (call: AwsCall): Target => {
  const { service, operation, input } = call;
  const role = roleOf(call);
  if (role) return { service, operation, ...role };
  const [named, ...others] = namedAccounts(call);
  const subject = SUBJECTS.map((name) => input[name]).find((value) => typeof value === 'string');
  const accountId = subject ?? (others.length === 0 ? named : undefined);
  return accountId === undefined ? { service, operation } : { service, operation, accountId };
};

const describeCall = (call: AwsCall, target: Target): Omit<LoggedCall, 'at' | 'outcome'> => {
  const { CallAs: callAs, RoleSessionName: sessionName, OperationId: operationId } = call.input;
  const accountIds = namedAccounts(call);
  return {
    ...target,
    accessKeyId: call.accessKeyId,
    region: call.region,
    ...(typeof callAs === 'string' && { callAs }),
    ...(typeof sessionName === 'string' && { sessionName }),
    ...(typeof operationId === 'string' && { operationId }),
    ...(accountIds.length > 0 && accountIds.length <= LOGGED_ACCOUNTS && { accountIds }),
    ...(call.operation === 'AssumeRole' && {
      externalIdGiven: call.input['ExternalId'] !== undefined,
      policyGiven: call.input['Policy'] !== undefined,
    }),
  };
};
