/** IAM policies as plain data: what the stacks deploy is what the tests read. */

/** Values by condition key, by operator. */
export type Conditions = Record<string, Record<string, string | string[]>>;

/** A statement of an identity policy. */
export interface Statement {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: string | string[];
  Condition?: Conditions;
}

/** A statement of a trust policy: who may assume the role. */
export interface TrustStatement {
  Effect: 'Allow';
  Principal: { AWS: string } | { Service: string };
  Action: string | string[];
  Condition?: Conditions;
}

/** A policy as IAM takes it. */
export interface Policy<S> {
  Version: '2012-10-17';
  Statement: S[];
}

/** A role with all that makes it: whom it trusts, and what it may do. */
export interface RoleDefinition {
  name: string;
  description: string;
  trust: Policy<TrustStatement>;
  permissions: Policy<Statement>;
}

/** A policy of these statements. */
export const policyOf = <S>(...statements: S[]): Policy<S> => ({ Version: '2012-10-17', Statement: statements });
