/** What goes wrong on purpose: rules for single calls, and switches for the whole organization. */
import { z } from 'zod';
import { instanceFaultSchema } from './instanceFaults.ts';
import type { InstanceFaults } from './instanceFaults.ts';
import type { SandboxAccount } from './organization.ts';
import { AwsError, SERVICES } from './protocol.ts';
import type { Service } from './protocol.ts';
import { randomFrom } from './random.ts';
import type { Random } from './random.ts';
import { expiredCredentials, throttled } from './refusals.ts';

const EFFECTS = ['throttle', 'error', 'drop', 'lose', 'hang', 'latency', 'expire_token'] as const;

const damageShape = {
  effect: z.enum(EFFECTS),
  /** Of an `error`. */
  code: z.string().min(1).exactOptional(),
  status: z.int().min(400).max(599).exactOptional(),
  message: z.string().exactOptional(),
  /** Of a `latency`. */
  ms: z.int().min(0).exactOptional(),
};

const hasDelay = ({ effect, ms }: { effect: string; ms?: number }): boolean => effect !== 'latency' || ms !== undefined;
const damageSchema = z.strictObject(damageShape).refine(hasDelay, 'latency needs ms');

const ruleSchema = z
  .strictObject({
    ...damageShape,
    service: z.enum(SERVICES).exactOptional(),
    operation: z.string().exactOptional(),
    accountId: z.string().exactOptional(),
    roleName: z.string().exactOptional(),
    every: z.int().min(1).exactOptional(),
    probability: z.number().min(0).max(1).exactOptional(),
    after: z.int().min(0).exactOptional(),
    times: z.int().min(0).exactOptional(),
  })
  .refine(hasDelay, 'latency needs ms');

/** How AssumeRole into one account misbehaves: an effect, `regionDisabled`, an error's name, or all of it spelled out. */
export const accountFaultSchema = z.union([z.string().min(1), damageSchema]);
export type AccountFault = z.infer<typeof accountFaultSchema>;

/** The body of `PUT /_sandbox/faults`, which replaces all faults. */
export const faultsSchema = z.strictObject({
  rules: z.array(ruleSchema).exactOptional(),
  hubCredentials: z.enum(['ok', 'invalid', 'expired']).exactOptional(),
  /** Another organization answers. */
  organizationId: z
    .string()
    .regex(/^o-[a-z0-9]{10,32}$/)
    .exactOptional(),
  listing: z
    .strictObject({
      empty: z.boolean().exactOptional(),
      /** Share of the accounts, the oldest ones, that ListAccounts still tells. */
      keep: z.number().min(0).max(1).exactOptional(),
      /** Number of the page, the first is 1, that always fails. */
      failAtPage: z.int().min(1).exactOptional(),
    })
    .exactOptional(),
  /** Deployments that come to something else. */
  instances: z.array(instanceFaultSchema).exactOptional(),
  /** How long a role refuses after it came to work. */
  iamLagSeconds: z.number().min(0).exactOptional(),
  /** Whether accounts and units carry their path: yes, no, or accounts only without their own id at its end. */
  paths: z.union([z.boolean(), z.literal('withoutAccount')]).exactOptional(),
});

type Damage = z.infer<typeof damageSchema>;
type Rule = z.infer<typeof ruleSchema>;

/** The faults in force, and how often each rule has matched and struck. */
export interface Faults extends Omit<z.infer<typeof faultsSchema>, 'rules' | 'instances'> {
  instances: InstanceFaults;
  rules: { rule: Rule; matched: number; struck: number }[];
  random: Random;
}

/** What a call is matched by. */
export interface Target {
  service: Service;
  operation: string;
  accountId?: string;
  roleName?: string;
}

/** What happens to a call: `lose` does the work and then loses the answer. */
export interface Strike {
  delayMs: number;
  effect?: AwsError | 'drop' | 'lose' | 'hang';
}

/** Nothing goes wrong. */
export const noFaults = (seed: number): Faults => ({ rules: [], instances: [], random: randomFrom(seed) });

/** Faults as a request describes them; counting and chance begin anew. */
export const replaceFaults = (faults: z.infer<typeof faultsSchema>, seed: number): Faults => ({
  ...noFaults(seed),
  ...faults,
  rules: (faults.rules ?? []).map((rule) => ({ rule, matched: 0, struck: 0 })),
  instances: (faults.instances ?? []).map((fault) => ({ fault, struck: 0 })),
});

/** Decides what happens to a call. Delays add up; of the other effects the first one counts, an account's own before all rules. */
export const strike = (faults: Faults, target: Target, account: SandboxAccount | undefined): Strike => {
  const damages: Damage[] = [];
  if (account?.assumeRole !== undefined && target.operation === 'AssumeRole')
    damages.push(spellOut(account.assumeRole));
  for (const state of faults.rules) if (strikes(state, target, faults.random)) damages.push(state.rule);
  const outcome: Strike = { delayMs: damages.reduce((sum, { ms = 0 }) => sum + ms, 0) };
  const worst = damages.find(({ effect }) => effect !== 'latency');
  if (worst) outcome.effect = effectOf(worst, target.service);
  return outcome;
};

const strikes = (state: Faults['rules'][number], target: Target, random: Random): boolean => {
  const { every = 1, probability = 1, after = 0, times = Infinity, ...rule } = state.rule;
  for (const key of ['service', 'operation', 'accountId', 'roleName'] as const) {
    if (rule[key] !== undefined && rule[key] !== target[key]) return false;
  }
  state.matched++;
  const turn = state.matched - after;
  if (turn < 1 || turn % every !== 0 || state.struck >= times || random() >= probability) return false;
  state.struck++;
  return true;
};

const spellOut = (fault: AccountFault): Damage => {
  if (typeof fault !== 'string') return fault;
  const effect = EFFECTS.find((name) => name === fault);
  if (effect) return { effect };
  if (fault !== 'regionDisabled') return { effect: 'error', code: fault };
  return {
    effect: 'error',
    code: 'RegionDisabledException',
    message:
      'STS is not activated in this region for the account. Its administrator can activate it in the IAM console.',
  };
};

const STATUSES: Record<string, number> = {
  AccessDenied: 403,
  RegionDisabledException: 403,
  InvalidClientTokenId: 403,
  ExpiredToken: 403,
  SignatureDoesNotMatch: 403,
  InternalFailure: 500,
  ServiceException: 500,
  ServiceUnavailable: 503,
};

const effectOf = (damage: Damage, service: Service): NonNullable<Strike['effect']> => {
  switch (damage.effect) {
    case 'throttle':
      return throttled(service);
    case 'expire_token':
      return expiredCredentials(service);
    case 'drop':
    case 'lose':
    case 'hang':
      return damage.effect;
    case 'error':
    case 'latency': {
      const code = damage.code ?? (service === 'organizations' ? 'ServiceException' : 'InternalFailure');
      const status = damage.status ?? STATUSES[code] ?? (damage.code === undefined ? 500 : 400);
      return new AwsError(code, status, damage.message ?? 'The sandbox was told to fail this call.');
    }
  }
};

/** Whether an account's own fault leaves open, refuses or hardly touches an AssumeRole. */
export const verdictOf = (fault: AccountFault | undefined): 'none' | 'refused' | 'inconclusive' => {
  const damage = fault === undefined ? undefined : spellOut(fault);
  if (damage === undefined || damage.effect === 'latency') return 'none';
  return ['AccessDenied', 'RegionDisabledException'].includes(damage.code ?? '') ? 'refused' : 'inconclusive';
};
