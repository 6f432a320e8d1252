/** The evaluator itself: what IAM's documentation says of the elements that it knows, and that it knows no others. */
import assert from 'node:assert/strict';
import { policyOf, type Conditions, type Statement, type TrustStatement } from '../lib/policies.ts';
import { decisionOn, decisionOnTrust, type Decision } from './policyEvaluator.ts';

const INSTANCE = 'arn:aws:ec2:us-east-1:222222222222:instance/i-0abc';
const TAG = 'aws:ResourceTag/polo:protected';

const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: Conditions): Statement => ({
  Sid: 'A',
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const deny = (Condition: Conditions): Statement => ({
  Sid: 'D',
  Effect: 'Deny',
  Action: '*',
  Resource: '*',
  Condition,
});

const on = (
  statements: Statement[],
  action: string,
  context: Record<string, string> = {},
  resource = INSTANCE,
): Decision => decisionOn(policyOf(...statements), { action, resource, context });

describe('the policy evaluator', () => {
  it('denies what nothing allows, and a Deny wins over every Allow', () => {
    assert.equal(on([], 'ec2:StopInstances'), 'denied');
    assert.equal(on([allow('ec2:StopInstances')], 'ec2:StopInstances'), 'allowed');
    assert.equal(on([allow('ec2:StopInstances')], 'ec2:StartInstances'), 'denied');
    assert.equal(on([deny({}), allow('*')], 'ec2:StopInstances'), 'forbidden');
    assert.equal(on([allow('*'), deny({})], 'ec2:StopInstances'), 'forbidden');
  });

  it('matches actions with wildcards and in any case, and nothing beside them', () => {
    assert.equal(on([allow('s3:Get*')], 's3:GetObject'), 'allowed');
    assert.equal(on([allow('s3:Get*')], 's3:getobject'), 'allowed');
    assert.equal(on([allow('s3:Get*')], 's3:PutObject'), 'denied');
    assert.equal(on([allow('s3:Get*')], 'xs3:GetObject'), 'denied');
    assert.equal(on([allow(['a:B', 's3:GetObjec?'])], 's3:GetObject'), 'allowed');
  });

  it('matches resources with wildcards and in their own case', () => {
    const instances = allow('*', 'arn:aws:ec2:*:*:instance/*');
    assert.equal(on([instances], 'ec2:StopInstances'), 'allowed');
    assert.equal(on([instances], 'ec2:StopInstances', {}, INSTANCE.replace('instance', 'volume')), 'denied');
    assert.equal(on([instances], 'ec2:StopInstances', {}, INSTANCE.replace('instance', 'Instance')), 'denied');
    assert.equal(on([allow('*', 'arn:aws:iam::*:role/a.b')], 'x:Y', {}, 'arn:aws:iam::1:role/a+b'), 'denied');
  });

  for (const [operator, value, decision] of [
    ['StringEquals', 'true', 'forbidden'],
    ['StringEquals', 'True', 'allowed'],
    ['StringEquals', undefined, 'allowed'],
    ['StringEqualsIgnoreCase', 'True', 'forbidden'],
    ['StringEqualsIgnoreCase', 'TRUE', 'forbidden'],
    ['StringEqualsIgnoreCase', 'truer', 'allowed'],
    ['StringEqualsIgnoreCase', undefined, 'allowed'],
    ['StringNotEqualsIgnoreCase', 'TRUE', 'allowed'],
    ['StringNotEqualsIgnoreCase', 'false', 'forbidden'],
    ['StringNotEqualsIgnoreCase', undefined, 'forbidden'],
    ['StringEqualsIfExists', 'true', 'forbidden'],
    ['StringEqualsIfExists', 'false', 'allowed'],
    ['StringEqualsIfExists', undefined, 'forbidden'],
  ] as const) {
    it(`${operator} "true" as a Deny: ${value === undefined ? 'without the key' : `of "${value}"`} ${decision}`, () => {
      const statements = [allow('*'), deny({ [operator]: { [TAG]: 'true' } })];
      assert.equal(on(statements, 'ec2:StopInstances', value === undefined ? {} : { [TAG]: value }), decision);
    });
  }

  it('takes the names of condition keys in any case, one of several values, and all conditions together', () => {
    const conditions = { StringEquals: { 'aws:A': ['1', '2'], 'aws:B': '3' } };
    const statements = [allow('*', '*', conditions)];
    assert.equal(on(statements, 'x:Y', { 'AWS:a': '2', 'aws:B': '3' }), 'allowed');
    assert.equal(on(statements, 'x:Y', { 'aws:A': '2', 'aws:B': '4' }), 'denied');
    assert.equal(on(statements, 'x:Y', { 'aws:A': '2' }), 'denied');
    const twice = { StringEquals: { 'aws:A': '1' }, StringEqualsIgnoreCase: { 'aws:B': 'x' } };
    assert.equal(on([allow('*', '*', twice)], 'x:Y', { 'aws:A': '1', 'aws:B': 'y' }), 'denied');
  });

  it('lets an account as principal stand for all that is in it, unless a condition says otherwise', () => {
    const hub = 'arn:aws:iam::111111111111:role/worker';
    const trust = (AWS: string, Condition?: Conditions): TrustStatement => ({
      Effect: 'Allow',
      Principal: { AWS },
      Action: 'sts:AssumeRole',
      ...(Condition && { Condition }),
    });
    const decision = (statement: TrustStatement, roleArn = hub): Decision =>
      decisionOnTrust(policyOf(statement), { roleArn });
    assert.equal(decision(trust('arn:aws:iam::111111111111:root')), 'allowed');
    assert.equal(decision(trust('arn:aws:iam::333333333333:root')), 'denied');
    assert.equal(decision(trust(hub)), 'allowed');
    const only = trust('arn:aws:iam::111111111111:root', { ArnEquals: { 'aws:PrincipalArn': hub } });
    assert.equal(decision(only), 'allowed');
    assert.equal(decision(only, `${hub}2`), 'denied');
    const service: TrustStatement = { ...only, Principal: { Service: 'ec2.amazonaws.com' } };
    assert.equal(decision(service), 'denied');
  });

  it('fails on what it does not know, instead of taking it for a match or for none', () => {
    assert.throws(() => on([allow('*', '*', { StringLike: { a: 'b' } })], 'x:Y'), /the operator StringLike/);
    const strange = { ...allow('*'), NotResource: 'x' };
    assert.throws(() => on([strange], 'x:Y'), /the element NotResource/);
    assert.throws(() => on([allow('*', 'arn:${aws:PrincipalAccount}')], 'x:Y'), /policy variables/);
    const intrinsic = { 'Fn::Sub': 'x' } as unknown as string;
    assert.throws(() => on([allow('*', intrinsic)], 'x:Y'), /expected text, got \{"Fn::Sub"/);
  });
});
