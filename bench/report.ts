/** The figures, for people and for programs. */
import { cpuRatio, medianOf, NAMES, type Name, type Rounds } from './contest.ts';
import type { Cost } from './cost.ts';

/** What `--json` prints: medians, of each contestant what applies. */
export type Report = { benchmark: string; accounts: number; rounds: number } & Partial<
  Record<Name, Omit<Cost, 'seconds'>>
> & { ratios: { cpuToFloor?: number; cpuToNaive?: number; cpuToBare?: number; wallToLimit?: number } };

const rounded = (cost: Cost): Cost =>
  Object.fromEntries(
    Object.entries(cost).map(([name, value]) => [name, Number(Number(value).toPrecision(4))]),
  ) as never;

/** `limitSeconds` is the time that nobody can beat, where one was measured. */
export const reportOf = (benchmark: string, accounts: number, rounds: Rounds, limitSeconds?: number): Report => {
  const medians = Object.fromEntries(
    NAMES.flatMap((name) => (rounds[name] ? [[name, rounded(medianOf(rounds[name]))]] : [])),
  ) as Partial<Record<Name, Cost>>;
  const ratio = (name: string, value: number | undefined) =>
    value === undefined ? {} : { [name]: Number(value.toFixed(2)) };
  return {
    benchmark,
    accounts,
    rounds: rounds.ours?.length ?? 0,
    ...medians,
    ratios: {
      ...ratio('cpuToFloor', cpuRatio(rounds, 'floor')),
      ...ratio('cpuToNaive', cpuRatio(rounds, 'naive')),
      ...ratio('cpuToBare', cpuRatio(rounds, 'bare')),
      ...ratio('wallToLimit', limitSeconds && medians.ours && medians.ours.seconds / limitSeconds),
    },
  };
};

const FIGURES: [keyof Cost, string][] = [
  ['seconds', 'seconds'],
  ['accountsPerSecond', 'accounts per second'],
  ['cpuMsPerAccount', 'CPU ms per account'],
  ['workerCpuMsPerAccount', '… of the worker'],
  ['serverCpuMsPerAccount', '… of the Temporal server'],
  ['peakMemoryMiB', 'peak memory of the worker, MiB'],
  ['workerStartSeconds', 'seconds until the worker polls'],
  ['historyEvents', 'history events'],
  ['historyBytes', 'history bytes'],
  ['longestHistory', 'events of the longest history'],
  ['largestPayloadKiB', 'largest payload, KiB'],
  ['cloudActionsPerAccount', 'Temporal Cloud actions per account'],
  ['clickhouseInserts', 'ClickHouse inserts'],
  ['clickhouseSelects', 'ClickHouse selects'],
  ['clickhouseParts', 'ClickHouse parts at the end'],
];

const shown = (value: number): string => String(Number(value.toPrecision(3)));

/** The figures of one run, a line each. */
export const costText = (cost: Cost): string =>
  FIGURES.flatMap(([figure, title]) => {
    const value = cost[figure];
    return value === undefined ? [] : [`${title}: ${shown(value)}`];
  }).join('\n');

const cell = (costs: Cost[] | undefined, figure: keyof Cost): string => {
  const values = (costs ?? []).flatMap((cost) => cost[figure] ?? []).sort((a, b) => a - b);
  if (!costs || values.length === 0) return '';
  const middle = shown(medianOf(costs)[figure] ?? 0);
  return values.length === 1 ? middle : `${middle} (${shown(values[0] ?? 0)}–${shown(values.at(-1) ?? 0)})`;
};

/** A table in Markdown: median, least and most of each figure. */
export const reportText = (report: Report, rounds: Rounds): string => {
  const names = NAMES.filter((name) => rounds[name]);
  const rows = FIGURES.map(([figure, title]) => [title, ...names.map((name) => cell(rounds[name], figure))]).filter(
    ([, ...cells]) => cells.some((text) => text !== ''),
  );
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line([`${report.benchmark}, ${String(report.accounts)} accounts`, ...names]),
    line(['---', ...names.map(() => '---:')]),
    ...rows.map(line),
    '',
    `Ratios: ${Object.entries(report.ratios)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', ')}`,
  ].join('\n');
};
