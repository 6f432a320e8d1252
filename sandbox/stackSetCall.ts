/** What CloudFormation calls have in common: their parameters, and the StackSet that they name. */
import type { Caller } from './credentials.ts';
import { AwsError, text } from './protocol.ts';
import type { AwsCall } from './protocol.ts';
import { entitlement } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';
import type { StackSet } from './stackSet.ts';

/** The error for parameters that CloudFormation doesn't take. */
export const invalid = (message: string): AwsError => new AwsError('ValidationError', 400, message);

/** The error for one parameter that breaks a rule of the service's model. */
export const constraint = (value: string, member: string, rule: string): AwsError =>
  invalid(
    `1 validation error detected: Value ${value} at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );

/** A parameter that must be there. */
export const required = (call: AwsCall, name: string): string => {
  const value = text(call, name);
  if (value !== undefined && value !== '') return value;
  throw constraint('null', name.charAt(0).toLowerCase() + name.slice(1), 'not be null');
};

/**
 * The StackSet as this caller sees it: service-managed ones are visible to the management account as SELF and to a
 * delegated administrator as DELEGATED_ADMIN, each in one region.
 */
export const readStackSet = (sandbox: Sandbox, call: AwsCall, caller: Caller): StackSet => {
  const name = required(call, 'StackSetName');
  const callAs = text(call, 'CallAs') ?? 'SELF';
  const entitledTo = entitlement(sandbox, caller.accountId);
  if (callAs !== 'SELF' && callAs !== 'DELEGATED_ADMIN') {
    throw constraint(`'${callAs}'`, 'callAs', 'satisfy enum value set: [SELF, DELEGATED_ADMIN]');
  }
  if (callAs === 'DELEGATED_ADMIN' && entitledTo !== callAs) {
    throw invalid('Account used is not a delegated administrator');
  }
  const { stackSet } = sandbox;
  const visible = stackSet.exists && entitledTo === callAs && call.region === stackSet.region;
  if (visible && (name === stackSet.name || name === stackSet.id)) return stackSet;
  throw new AwsError('StackSetNotFoundException', 404, `StackSet ${name} not found`);
};

/** The filters of a call by name; AWS allows each once. */
export const readFilters = (call: AwsCall, known: readonly string[]): Record<string, string | undefined> => {
  const filters: Record<string, string | undefined> = {};
  for (let place = 1; ; place++) {
    const name = text(call, `Filters.member.${place}.Name`);
    if (name === undefined) return filters;
    if (!known.includes(name)) throw invalid(`Unknown filter ${name}`);
    filters[name] = text(call, `Filters.member.${place}.Values`);
  }
};
