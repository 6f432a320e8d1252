/** Access over time, told from the events: what the page draws (design 6). Times are in milliseconds. */
import { POLO_STATUSES, type PoloStatus } from './contract.ts';
import { DISCOVERY_VALID } from './coverage.ts';
import { isLoss } from './status.ts';
import { DAY, HOUR, MINUTE } from './times.ts';

/** How far back the picture goes. */
const LONGEST = 30 * DAY;

/** Steps that a window may have, and how many of them at most: more could not be told apart on a screen. */
const STEPS = [MINUTE, 10 * MINUTE, HOUR, 6 * HOUR];
const MOST_STEPS = 120;

/** A stretch of time. */
export interface Span {
  from: number;
  to: number;
}

/** What the picture shows: from a whole step until now, so that the last step may be shorter. */
export interface HistoryWindow extends Span {
  step: number;
}

/** How many accounts went from one status to another within a step; steps are numbered from 0, `from` is empty for new accounts. */
export interface StatusMove {
  step: number;
  from: PoloStatus | '';
  to: PoloStatus;
  accounts: number;
}

/** What the events tell of a window. */
export interface CoverageChanges {
  window: HistoryWindow;
  moves: StatusMove[];
  /** Ends of complete discoveries, oldest first; those of the last 26 hours before the window as well. */
  discoveries: number[];
}

/** A step of the picture. */
export interface HistoryStep extends Span {
  /** How many accounts had each status at its end. */
  accounts: Record<PoloStatus, number>;
  /** How many were lost within it. */
  lost: number;
}

/** The picture. */
export interface CoverageHistory extends Span {
  steps: HistoryStep[];
  /** When the latest complete discovery was over 26 hours old, or none had ended yet: accounts may have been missing. */
  listUnknown: Span[];
}

/** The last 30 days, or the time since the first event if that is shorter, in at most 121 steps. */
export const historyWindow = (firstEvent: number, now: number): HistoryWindow => {
  const from = Math.min(now, Math.max(firstEvent, now - LONGEST));
  const step = STEPS.find((candidate) => now - from <= candidate * MOST_STEPS) ?? 6 * HOUR;
  return { from: Math.floor(from / step) * step, to: now, step };
};

/** Works backwards from how many accounts have each status now, so that older events need not be read. */
export const coverageHistory = (changes: CoverageChanges, now: Record<PoloStatus, number>): CoverageHistory => {
  const { window, moves, discoveries } = changes;
  const last = Math.max(0, Math.ceil((window.to - window.from) / window.step) - 1);
  const counts = { ...now };
  const steps: HistoryStep[] = [];
  for (let index = last; index >= 0; index -= 1) {
    const inStep = moves.filter((move) => Math.min(move.step, last) === index);
    const from = window.from + index * window.step;
    steps.unshift({
      from,
      to: Math.min(from + window.step, window.to),
      accounts: notNegative(counts),
      lost: inStep.filter(isLoss).reduce((sum, move) => sum + move.accounts, 0),
    });
    for (const { from: before, to: after, accounts } of inStep) {
      counts[after] -= accounts;
      if (before !== '') counts[before] += accounts;
    }
  }
  return { from: window.from, to: window.to, steps, listUnknown: unknownSpans(window, discoveries) };
};

/** An event is written before its row: a moment later they agree again. */
const notNegative = (counts: Record<PoloStatus, number>): Record<PoloStatus, number> =>
  Object.fromEntries(POLO_STATUSES.map((status) => [status, Math.max(0, counts[status])])) as Record<
    PoloStatus,
    number
  >;

const unknownSpans = (window: Span, discoveries: number[]): Span[] => {
  const spans: Span[] = [];
  let knownUntil = window.from;
  for (const at of [...discoveries, window.to]) {
    const to = Math.min(at, window.to);
    if (knownUntil < to) spans.push({ from: knownUntil, to });
    knownUntil = Math.max(knownUntil, at + DISCOVERY_VALID);
  }
  return spans;
};
