/**
 * Access over time as a drawing: accounts by access as stacked steps, and those without access once more, enlarged.
 * Across, places are percentages, so that the drawing fits every screen and its letters keep their size.
 */
import type { VNode } from 'preact';
import type { CoverageHistory, HistoryStep, Span } from '../domain/coverageHistory.ts';
import { count } from './words.tsx';

type Drawn = 'active' | 'pending_setup' | 'no_access';

/** A part of the drawing: its statuses from the bottom up, and where it is, in pixels. */
interface Panel {
  words: string;
  statuses: Drawn[];
  top: number;
  height: number;
}

const ALL: Panel = {
  words: 'All accounts but the excluded',
  statuses: ['active', 'pending_setup', 'no_access'],
  top: 36,
  height: 140,
};
const WITHOUT: Panel = {
  words: 'Only those without access, enlarged',
  statuses: ['pending_setup', 'no_access'],
  top: 216,
  height: 80,
};
const BOTTOM = WITHOUT.top + WITHOUT.height;
const HEIGHT = BOTTOM + 24;

/** Marks of lost access that are nearer than this to each other become one. */
const MARKS = 24;

/** Steps in a row with the same accounts, as one; a step in which access was lost stands for itself. */
export const runsOf = (steps: HistoryStep[]): HistoryStep[] => {
  const runs: HistoryStep[] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (last && step.lost === 0 && sameAccounts(last, step)) runs[runs.length - 1] = { ...last, to: step.to };
    else runs.push(step);
  }
  return runs;
};

const sameAccounts = (one: HistoryStep, other: HistoryStep): boolean =>
  JSON.stringify(one.accounts) === JSON.stringify(other.accounts);

/** The end of an axis: the least round number that is not smaller. */
const roundUp = (value: number): number => {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  const fits = (factor: number): boolean => factor * power >= value && Number.isInteger(factor * power);
  return power * ([1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8].find(fits) ?? 10);
};

/** The drawing; `summary` is the same in words. */
export const Picture = ({ history, summary }: { history: CoverageHistory; summary: string }): VNode => {
  const place = (time: number): string =>
    `${((100 * (time - history.from)) / Math.max(1, history.to - history.from)).toFixed(3)}%`;
  const width = (span: Span): string => place(history.from + span.to - span.from);
  const runs = runsOf(history.steps);
  return (
    <svg class="picture" height={HEIGHT} role="img" aria-labelledby="picture-title picture-text">
      <title id="picture-title">Accounts by access over time</title>
      <desc id="picture-text">{summary}</desc>
      <Patterns />
      {[ALL, WITHOUT].map((panel) => (
        <Steps key={panel.top} panel={panel} runs={runs} place={place} width={width} />
      ))}
      {history.listUnknown.flatMap((span) =>
        [ALL, WITHOUT].map(({ top, height }) => (
          <rect
            key={`${span.from} ${top}`}
            class="frame"
            fill="url(#unknown)"
            x={place(span.from)}
            width={width(span)}
            y={top}
            height={height}
          />
        )),
      )}
      {losses(history).map(({ at, lost }) => (
        <svg key={at} class="loss" x={place(at)} y={ALL.top - 14}>
          <path class="line" d={LOSS_LINE} />
          <path class="lost" d="M-6 0H6L0 10Z" />
          <text x="9" y="9">
            −{count(lost)}
          </text>
        </svg>
      ))}
      {quarters(history).map((words, quarter) => (
        <text
          key={quarter}
          class={`quarter-${quarter}`}
          x={`${quarter * 25}%`}
          y={HEIGHT - 4}
          text-anchor={quarter === 0 ? 'start' : quarter === 4 ? 'end' : 'middle'}
        >
          {words}
        </text>
      ))}
    </svg>
  );
};

/** From the mark down through both parts, but not through the words between them. */
const LOSS_LINE = [ALL, WITHOUT]
  .map(({ top, height }) => `M0 ${top - ALL.top + (top === ALL.top ? 10 : 14)}V${top - ALL.top + 14 + height}`)
  .join('');

const Steps = (props: {
  panel: Panel;
  runs: HistoryStep[];
  place: (time: number) => string;
  width: (span: Span) => string;
}): VNode => {
  const { panel, runs, place, width } = props;
  const { statuses, top, height } = panel;
  const bottom = top + height;
  const sum = ({ accounts }: HistoryStep, upTo = statuses.length): number =>
    statuses.slice(0, upTo).reduce((total, status) => total + accounts[status], 0);
  const most = roundUp(Math.max(...runs.map((run) => sum(run))));
  const level = (accounts: number): number => bottom - (height * accounts) / most;
  const lines = most % 2 === 0 ? [0, most / 2, most] : [0, most];
  return (
    <g>
      <text class="panel" y={panel === ALL ? 12 : top - 12}>
        {panel.words}
      </text>
      {lines.map((accounts) => (
        <g key={accounts}>
          <line class="line" x2="100%" y1={level(accounts)} y2={level(accounts)} />
          <text class="amount" x="-8" y={level(accounts) + 4} text-anchor="end">
            {count(accounts)}
          </text>
        </g>
      ))}
      {runs.flatMap((run) =>
        statuses.map(
          (status, index) =>
            run.accounts[status] > 0 && (
              <rect
                key={`${run.from} ${status}`}
                fill={`url(#${status})`}
                shape-rendering="crispEdges"
                x={place(run.from)}
                width={width(run)}
                y={level(sum(run, index + 1)).toFixed(1)}
                height={((height * run.accounts[status]) / most).toFixed(1)}
              />
            ),
        ),
      )}
    </g>
  );
};

/** Where access was lost, near ones together. */
const losses = ({ steps, from, to }: CoverageHistory): { at: number; lost: number }[] => {
  const places = new Map<number, { at: number; lost: number }>();
  for (const step of steps.filter(({ lost }) => lost > 0)) {
    const nearest = Math.floor((MARKS * (step.from - from)) / Math.max(1, to - from));
    const before = places.get(nearest);
    places.set(nearest, { at: before?.at ?? step.from, lost: (before?.lost ?? 0) + step.lost });
  }
  return [...places.values()];
};

/** What stands under the quarters of the drawing: dates, with the time where the whole is shorter than three days; nothing twice. */
const quarters = ({ from, to }: CoverageHistory): string[] => {
  const words = [0, 1, 2, 3].map((quarter) => {
    const date = new Date(from + (quarter / 4) * (to - from));
    const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
    return to - from < 3 * 86_400_000 ? `${day} ${date.toISOString().slice(11, 16)}` : day;
  });
  return [...words.map((word, quarter) => (words.indexOf(word) < quarter ? '' : word)), 'now'];
};

/** What tells the areas apart without colour: plain, striped, dotted; thin lines the other way for an old list. */
const Patterns = (): VNode => (
  <defs>
    <pattern id="active" width="8" height="8" patternUnits="userSpaceOnUse">
      <rect class="ground" width="8" height="8" />
    </pattern>
    <pattern id="pending_setup" width="8" height="8" patternUnits="userSpaceOnUse">
      <rect class="ground" width="8" height="8" />
      <path class="ink" d="M-2 2 2 -2M0 8 8 0M6 10 10 6" />
    </pattern>
    <pattern id="no_access" width="6" height="6" patternUnits="userSpaceOnUse">
      <rect class="ground" width="6" height="6" />
      <circle class="ink" cx="3" cy="3" r="1.1" />
    </pattern>
    <pattern id="unknown" width="6" height="6" patternUnits="userSpaceOnUse">
      <path class="ink" d="M-1 5 1 7M-1 -1 7 7M5 -1 7 1" />
    </pattern>
  </defs>
);
