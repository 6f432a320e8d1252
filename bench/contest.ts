/** Contestants run in turn, round by round, so that a machine that grows slower meanwhile is slower for all of them. */
import { stopTemporalServer } from '../test/support/temporalServer.ts';
import type { Cost } from './cost.ts';
import type { Stand } from './stand.ts';

export const NAMES = ['ours', 'floor', 'naive', 'bare'] as const;
export type Name = (typeof NAMES)[number];

/** Who takes part, and how. */
export type Contestants = Partial<Record<Name, (stand: Stand, accounts: number) => Promise<Cost>>>;

/** Each contestant's costs, one per round. */
export type Rounds = Partial<Record<Name, Cost[]>>;

/** Middle value; of an even number the mean of the two in the middle. */
const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? NaN;
  return (at(Math.floor((sorted.length - 1) / 2)) + at(Math.ceil((sorted.length - 1) / 2))) / 2;
};

/** Runs everybody `rounds` times; `tell` hears each result. Each run has a Temporal server of its own. */
export const contest = async (
  contestants: Contestants,
  stand: Stand,
  accounts: number,
  rounds: number,
  tell: (line: string) => void,
): Promise<Rounds> => {
  const results: Rounds = {};
  for (let round = 1; round <= rounds; round++) {
    for (const name of NAMES) {
      const run = contestants[name];
      if (!run) continue;
      const cost = await run(stand, accounts);
      await stopTemporalServer();
      (results[name] ??= []).push(cost);
      tell(
        `round ${String(round)} of ${String(rounds)}, ${name}: ${cost.seconds.toFixed(1)} s, ${cost.cpuMsPerAccount.toFixed(1)} CPU ms per account`,
      );
    }
  }
  return results;
};

/** The median round of a contestant, figure by figure. */
export const medianOf = (costs: Cost[]): Cost =>
  Object.fromEntries(
    Object.keys(costs[0] ?? {}).map((figure) => [figure, median(costs.map((cost) => cost[figure as keyof Cost] ?? 0))]),
  ) as never;

/** Median over the rounds of ours divided by another one's of the same round, in CPU. */
export const cpuRatio = (rounds: Rounds, other: Name): number | undefined => {
  const [ours, others] = [rounds.ours, rounds[other]];
  if (!ours || !others) return undefined;
  return median(ours.map((cost, round) => cost.cpuMsPerAccount / (others[round]?.cpuMsPerAccount ?? NaN)));
};
