/**
 * Decides as IAM does, for the few elements and operators that our policies use; everything else is an error, so that no
 * statement counts as evaluated that wasn't understood. What it knows of IAM is tested in policyEvaluator.test.ts.
 */
import type { Conditions, Policy, Statement, TrustStatement } from '../lib/policies.ts';

/** `denied` means that nothing allows it, `forbidden` that a Deny matches. */
export type Decision = 'allowed' | 'denied' | 'forbidden';

/** A request, with just those condition keys that AWS tells for it. */
export interface Request {
  action: string;
  resource: string;
  context?: Record<string, string>;
}

/** Who asks to assume a role: what AWS knows of the caller. */
export interface Caller {
  /** ARN of the caller's role. */
  roleArn: string;
  /** Absent for an account that is in no organization. */
  organizationId?: string;
  /** What the call gives. */
  externalId?: string;
}

const ELEMENTS = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Principal', 'Condition']);

/** `*` stands for any text, `?` for one character. */
const matches = (pattern: string, text: string): boolean => {
  if (pattern.includes('${')) throw new Error(`policy variables are not evaluated: ${pattern}`);
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(text);
};

const textsOf = (value: unknown): string[] => {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.map((text) => {
    if (typeof text !== 'string') throw new Error(`expected text, got ${JSON.stringify(text)}`);
    return text;
  });
};

const same = (wanted: string, value: string): boolean => wanted === value;
const sameButCase = (wanted: string, value: string): boolean => wanted.toLowerCase() === value.toLowerCase();

/** Each operator: how it compares, and what it says of a key that the request doesn't have. */
const OPERATORS: Record<string, { test: (wanted: string[], value: string) => boolean; absent: boolean }> = {
  ArnEquals: { test: (wanted, value) => wanted.some((arn) => matches(arn, value)), absent: false },
  StringEquals: { test: (wanted, value) => wanted.some((text) => same(text, value)), absent: false },
  StringEqualsIfExists: { test: (wanted, value) => wanted.some((text) => same(text, value)), absent: true },
  StringEqualsIgnoreCase: { test: (wanted, value) => wanted.some((text) => sameButCase(text, value)), absent: false },
  StringNotEqualsIgnoreCase: {
    test: (wanted, value) => !wanted.some((text) => sameButCase(text, value)),
    absent: true,
  },
};

/** All operators and all keys have to hold. The names of keys are not case-sensitive. */
const holds = (conditions: Conditions, context: Record<string, string>): boolean => {
  const known = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(conditions).every(([name, keys]) => {
    const operator = OPERATORS[name];
    if (!operator) throw new Error(`the operator ${name} is not evaluated`);
    return Object.entries(keys).every(([key, wanted]) => {
      const value = known.get(key.toLowerCase());
      return value === undefined ? operator.absent : operator.test(textsOf(wanted), value);
    });
  });
};

const understood = (statement: object): void => {
  const stranger = Object.keys(statement).find((element) => !ELEMENTS.has(element));
  if (stranger !== undefined) throw new Error(`the element ${stranger} is not evaluated`);
};

const applies = (
  { Action, Condition }: Pick<Statement, 'Action' | 'Condition'>,
  { action, context = {} }: Omit<Request, 'resource'>,
): boolean =>
  textsOf(Action).some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
  holds(Condition ?? {}, context);

const decide = (effects: string[]): Decision => {
  if (effects.includes('Deny')) return 'forbidden';
  return effects.includes('Allow') ? 'allowed' : 'denied';
};

/** What the policies of a role say of a request. */
export const decisionOn = (policy: Policy<Statement>, request: Request): Decision =>
  decide(
    policy.Statement.filter((statement) => {
      understood(statement);
      return (
        applies(statement, request) && textsOf(statement.Resource).some((pattern) => matches(pattern, request.resource))
      );
    }).map(({ Effect }) => Effect),
  );

const accountOf = (arn: string): string => arn.split(':')[4] ?? '';

/** What a role's trust policy says of somebody who wants to assume it. */
export const decisionOnTrust = (policy: Policy<TrustStatement>, caller: Caller): Decision => {
  const { roleArn, organizationId, externalId } = caller;
  const context = {
    'aws:PrincipalArn': roleArn,
    ...(organizationId !== undefined && { 'aws:PrincipalOrgID': organizationId }),
    ...(externalId !== undefined && { 'sts:ExternalId': externalId }),
  };
  const effects = policy.Statement.filter((statement) => {
    understood(statement);
    const principal = 'AWS' in statement.Principal ? statement.Principal.AWS : '';
    // An account as principal stands for all that is in it and may do so.
    const named = principal === roleArn || principal === `arn:aws:iam::${accountOf(roleArn)}:root`;
    return named && applies(statement, { action: 'sts:AssumeRole', context });
  });
  return decide(effects.map(({ Effect }) => Effect));
};
