/** The log of what the sandbox was asked, and what it answered. */
import type { Service } from './protocol.ts';

/** How many calls the log remembers one by one; the counts go on for ever. */
const CAPACITY = 10_000;

/** One call. */
export interface LoggedCall {
  at: string;
  service: Service;
  operation: string;
  /** Empty before the signature is read, or without one. */
  accessKeyId: string;
  region: string;
  accountId?: string;
  roleName?: string;
  callAs?: string;
  sessionName?: string;
  /** Of an operation on the StackSet. */
  operationId?: string;
  /** The accounts that a deployment is meant for, if they are few. */
  accountIds?: string[];
  /** Of AssumeRole only. */
  externalIdGiven?: boolean;
  policyGiven?: boolean;
  /** `pending`, then `ok`, an error's code, or what became of it without an answer: `dropped`, `lost`, `aborted`. */
  outcome: string;
  durationMs?: number;
}

/** Counts since the last reset, and the latest calls. */
export interface CallLog {
  total: number;
  operations: Record<string, number>;
  errors: Record<string, number>;
  inFlight: Partial<Record<Service, number>>;
  maxInFlight: Partial<Record<Service, number>>;
  recent: LoggedCall[];
  /** Where in `recent` the next call goes, once it is full. */
  next: number;
}

/** A log without calls. */
export const emptyCallLog = (): CallLog => ({
  total: 0,
  operations: {},
  errors: {},
  inFlight: {},
  maxInFlight: {},
  recent: [],
  next: 0,
});

/** Notes that a call came in; the function that it returns notes how it ended. */
export const beginCall = (log: CallLog, call: Omit<LoggedCall, 'at' | 'outcome'>): ((outcome: string) => void) => {
  const started = performance.now();
  const entry: LoggedCall = { at: new Date().toISOString(), ...call, outcome: 'pending' };
  const { service } = call;
  count(log.operations, `${service}.${call.operation}`);
  log.total++;
  log.inFlight[service] = (log.inFlight[service] ?? 0) + 1;
  log.maxInFlight[service] = Math.max(log.maxInFlight[service] ?? 0, log.inFlight[service]);
  log.recent[log.next] = entry;
  log.next = (log.next + 1) % CAPACITY;
  return (outcome) => {
    entry.outcome = outcome;
    entry.durationMs = Math.round(performance.now() - started);
    log.inFlight[service] = (log.inFlight[service] ?? 1) - 1;
    if (outcome !== 'ok') count(log.errors, outcome);
  };
};

const count = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};

/** The log as control requests read it: the latest `limit` calls, oldest first. */
export const readCalls = (log: CallLog, limit: number): Omit<CallLog, 'next'> => {
  const { next, recent, ...counts } = log;
  const ordered = recent.length < CAPACITY ? recent : [...recent.slice(next), ...recent.slice(0, next)];
  return { ...counts, recent: limit === 0 ? [] : ordered.slice(-limit) };
};

/** Forgets all calls but those still in flight. */
export const resetCalls = (log: CallLog): void => {
  Object.assign(log, { ...emptyCallLog(), inFlight: log.inFlight, maxInFlight: { ...log.inFlight } });
};
