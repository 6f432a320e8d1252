/** A discovery at AWS's own pace, beside the limits that no discovery can beat, each measured alone. */
import { contest, medianOf, type Rounds } from './contest.ts';
import type { Cost } from './cost.ts';
import { discovery, floor } from './discovery.ts';
import { awsEnvironment, type Stand } from './stand.ts';

/** How long an AssumeRole takes, in milliseconds. */
const LATENCY = 150;

/** The defaults of POLO_ORGANIZATIONS_RATE and POLO_STS_RATE, calls a second. */
const RATES = { organizations: 3, sts: 50 };

const PACE = { POLO_ORGANIZATIONS_RATE: String(RATES.organizations), POLO_STS_RATE: String(RATES.sts) };

/** Times alone of a paced part, from a process of its own. */
const limitOf = (stand: Stand, part: 'listing' | 'verifying'): Promise<Pick<Cost, 'seconds'>> =>
  stand.runScript('pacedPart.ts', { ...awsEnvironment(stand), PART: part, RATES: JSON.stringify(RATES) });

/** Ours with the worker's default rates, and the largest of three limits: the listing, two AssumeRole an account, the floor. */
export const pacedContest = async (
  stand: Stand,
  accounts: number,
  rounds: number,
  tell: (line: string) => void,
): Promise<{ results: Rounds; limitSeconds: number }> => {
  await stand.faults({ rules: [{ service: 'sts', operation: 'AssumeRole', effect: 'latency', ms: LATENCY }] });
  const results = await contest({ ours: discovery({ pace: PACE }), floor }, stand, accounts, rounds, tell);
  const limits = {
    listing: (await limitOf(stand, 'listing')).seconds,
    verifying: (await limitOf(stand, 'verifying')).seconds,
    'the floor': medianOf(results.floor ?? []).seconds,
  };
  for (const [part, seconds] of Object.entries(limits)) tell(`${part} alone: ${seconds.toFixed(1)} s`);
  return { results, limitSeconds: Math.max(...Object.values(limits)) };
};
