/** Rules of a discovery: batches, who departed, whose tags are due, and how the results add up. */
import { labelOf, withoutLabel } from './account.ts';
import { jsonBytes } from './bytes.ts';
import { POLO_STATUSES, type AccountRow, type DiscoverAccountsResult, type PoloStatus } from './contract.ts';
import type { AccountFacts } from './organization.ts';
import { DAY } from './times.ts';
import { counted, statusWords } from './words.ts';

/**
 * An account that a batch has to handle: with fresh facts from the listing; named by the caller; or missing from a
 * complete listing. For the latter two the batch asks DescribeAccount first.
 */
export type BatchEntry = { facts: AccountFacts } | { named: string } | { missing: string };

/** An account whose AWS tags should be read, with what the row says now; absent = nothing, as for every new account. */
export interface TagsDue {
  accountId: string;
  accountRole?: string;
  owner?: string;
}

/** What a batch, or a whole discovery, has counted so far. */
export type Tally = Omit<DiscoverAccountsResult, 'complete' | 'startedAt' | 'finishedAt'>;

/** Entries that lists in results may still take. */
export interface Room {
  changes: number;
  failures: number;
}

/** Lists in results are cut to this length; the counts always say the whole. */
export const MAX_LISTED = 100;

/** Nothing counted yet. */
export const emptyTally = (): Tally => ({
  listed: 0,
  new: 0,
  active: 0,
  pendingSetup: 0,
  noAccess: 0,
  excluded: 0,
  failed: 0,
  inconclusive: 0,
  departed: 0,
  changes: [],
  failures: [],
});

const COUNTED = [
  'listed',
  'new',
  'active',
  'pendingSetup',
  'noAccess',
  'excluded',
  'failed',
  'inconclusive',
  'departed',
] as const;

/** Adds `part` to `total`, in place. */
export const addTally = (total: Tally, part: Tally): void => {
  for (const count of COUNTED) total[count] += part[count];
  total.changes = [...total.changes, ...part.changes].slice(0, MAX_LISTED);
  total.failures = [...total.failures, ...part.failures].slice(0, MAX_LISTED);
};

/** How many changes and failures a tally can still name. */
export const roomIn = ({ changes, failures }: Pick<Tally, 'changes' | 'failures'>): Room => ({
  changes: MAX_LISTED - changes.length,
  failures: MAX_LISTED - failures.length,
});

/** The tally with no more changes and failures than there is room for. */
export const withinRoom = (tally: Tally, room: Room): Tally => ({
  ...tally,
  changes: tally.changes.slice(0, room.changes),
  failures: tally.failures.slice(0, room.failures),
});

/** The counter that an account with this status belongs to. */
export const COUNTER: Record<PoloStatus, 'active' | 'pendingSetup' | 'noAccess' | 'excluded'> = {
  active: 'active',
  pending_setup: 'pendingSetup',
  no_access: 'noAccess',
  excluded: 'excluded',
};

/** The tally in words, for the Temporal UI and the command line. */
export const tallyLine = (tally: Tally): string =>
  [
    `${counted(tally.listed, 'account')} handled`,
    ...POLO_STATUSES.map((status) => `${String(tally[COUNTER[status]])} ${statusWords(status)}`),
    ...(tally.new > 0 ? [`${String(tally.new)} new`] : []),
    ...(tally.departed > 0 ? [`${String(tally.departed)} departed`] : []),
    ...(tally.inconclusive > 0 ? [`${String(tally.inconclusive)} inconclusive`] : []),
    ...(tally.failed > 0 ? [`${String(tally.failed)} failed`] : []),
  ].join(', ');

/** The first failures by name, a line each, for the Temporal UI. */
export const failureLines = ({ failures }: Pick<Tally, 'failures'>): string[] =>
  failures.slice(0, 10).map(({ code, message, ...account }) => {
    if (account.accountId === '') return `- ${code}: ${message}`;
    const who = labelOf(account);
    return `- ${code} ${who}: ${withoutLabel(message, who)}`;
  });

/** Most accounts of one batch workflow: its history stays under a thousand events, or 2,500 if ClickHouse is away for long. */
export const BATCH_SIZE = 100;

/** Most bytes of accounts in one batch: names may be long, a payload may not (256 KiB, design 5). */
const BATCH_BYTES = 120_000;

/** Cuts entries into batches by number and by size. */
export const intoBatches = (entries: BatchEntry[]): BatchEntry[][] => {
  const batches: BatchEntry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = jsonBytes(entry);
    const last = batches.at(-1);
    if (last && last.length < BATCH_SIZE && bytes + size <= BATCH_BYTES) {
      last.push(entry);
      bytes += size;
    } else {
      batches.push([entry]);
      bytes = size;
    }
  }
  return batches;
};

/** Known accounts that a complete listing doesn't name. */
export const missingAccounts = (known: Iterable<string>, listed: ReadonlySet<string>): string[] =>
  [...known].filter((accountId) => !listed.has(accountId));

/**
 * Never-shrink (design 4): true if so many of the known accounts are missing that the listing is not believed,
 * unless an operator accepts exactly this number.
 */
export const listingShrunk = (known: number, missing: number, accepted: number | undefined): boolean =>
  missing > known / 2 && missing !== accepted;

/** Every account's tags are read once in this many days. */
const TAG_CYCLE_DAYS = 7;

/** True on the account's day of the week-long cycle; the last digits of AWS account ids are spread evenly. `now` in milliseconds. */
export const tagsDueToday = (accountId: string, now: number): boolean =>
  Number(accountId.slice(-6)) % TAG_CYCLE_DAYS === Math.floor(now / DAY) % TAG_CYCLE_DAYS;

/** What has to be read of an account, and what its row says now. */
export const tagsDueOf = ({ account_id, account_role, owner }: AccountRow): TagsDue => ({
  accountId: account_id,
  ...(account_role !== '' && { accountRole: account_role }),
  ...(owner !== '' && { owner }),
});

/** A sample of formerly active accounts decides from this size on (design 4). */
const SAMPLE_DECIDES_FROM = 5;

/** Most accounts of the sample. */
export const SAMPLE_SIZE = 20;

/** Not our own fault first: true if every account of a telling sample was refused. */
export const hubIsRefused = (outcomes: string[]): boolean =>
  outcomes.length >= SAMPLE_DECIDES_FROM && outcomes.every((outcome) => outcome === 'refused');
