/** What one command writes: the next row and node of an account and the events that tell what changed. */
import { label, nextVersion, sameContent, type AccountChange, type AccountRecord } from './account.ts';
import type { AccountCommand } from './commands.ts';
import type { AccountRow, PoloStatus } from './contract.ts';
import { commandIdOf, eventOf, type EventDetails, type Origin } from './events.ts';
import { partitionOf, roleArn } from './names.ts';
import { orgUnitPath, type AccountFacts } from './organization.ts';
import { openFailuresAfter, scanError, scanEvents, scanTime, type ScanOutcome } from './scans.ts';
import type { AccountSettings } from './settings.ts';
import { exclusionHolds, type Decision } from './status.ts';

/** What a command wants to be true of the account. What is absent stays as it is stored. */
export interface Intent {
  facts?: AccountFacts;
  decision?: Decision;
  departed?: boolean;
  tags?: { accountRole?: string; owner?: string };
  /** A collector has ended. */
  scan?: ScanOutcome;
  /** Events of the operator's own act, e.g. `excluded`. */
  acts?: EventDetails[];
}

/** Where and when a command is applied. */
export interface Moment {
  accountId: string;
  commandId: string;
  origin: Origin;
  /** Milliseconds. */
  now: number;
  readRoleName: string;
  actionRoleName?: string;
}

/** Where and when this command is applied; `now` in milliseconds. */
export const momentOf = (
  accountId: string,
  { readRoleName, actionRoleName }: AccountSettings,
  { id, origin }: AccountCommand,
  now: number,
): Moment => ({
  accountId,
  commandId: id,
  origin,
  now,
  readRoleName,
  ...(actionRoleName !== undefined && { actionRoleName }),
});

/** The write that makes the intent true; undefined if the registry already says all of it. */
export const changeOf = (record: AccountRecord, intent: Intent, moment: Moment): AccountChange | undefined => {
  const { accountId, now } = moment;
  const before = record.row;
  // Time stands still within a workflow task; the version doesn't, and so the order of two commands' events is theirs.
  const at = new Date(Number(nextVersion(now, before?._version))).toISOString();
  const row = nextRow(record, intent, moment, at);
  const place = intent.facts?.place;
  const departed = intent.departed ?? (intent.facts ? false : record.departed);
  const node: AccountChange['node'] = {
    node_id: accountId,
    node_type: 'account',
    parent_id: place?.parentId ?? record.node?.parent_id ?? '',
    name: row.account_name,
    path: [...(place?.units ?? record.node?.path?.slice(0, -1) ?? []), row.account_name],
    is_active: !departed,
    updated_at: at,
    _version: nextVersion(now, record.node?._version),
  };
  const details = [
    ...(intent.acts ?? []),
    ...exclusionEnds(record, intent, now),
    ...(departed === record.departed ? [] : [{ kind: departed ? 'departed' : 'returned' } as const]),
    ...(intent.scan ? scanEvents(record, intent.scan) : rowEvents(before, row)),
  ];
  if (details.length === 0 && sameContent(before, row) && sameContent(record.node, node)) return undefined;
  const events = details.map((detail) => eventOf(accountId, moment.commandId, at, moment.origin, detail));
  return { events, node, row };
};

const nextRow = (record: AccountRecord, intent: Intent, moment: Moment, at: string): AccountRow => {
  const { accountId, now } = moment;
  const { facts, decision, tags } = intent;
  const before = record.row;
  const partition = facts?.partition ?? partitionOf(before?.polo_read_role);
  const arn = (want: Decision['readRole'] | undefined, stored: string, roleName: string | undefined): string => {
    if (want === 'set' && roleName !== undefined) return roleArn(partition, accountId, roleName);
    return want === 'clear' ? '' : stored;
  };
  return {
    account_id: accountId,
    account_name: facts?.name ?? before?.account_name ?? '',
    account_email: facts?.email ?? before?.account_email ?? '',
    org_unit: facts?.place ? orgUnitPath(facts.place.units) : (before?.org_unit ?? ''),
    polo_status: decision?.status ?? before?.polo_status ?? 'pending_setup',
    polo_read_role: arn(decision?.readRole, before?.polo_read_role ?? '', moment.readRoleName),
    polo_action_role: arn(decision?.actionRole, before?.polo_action_role ?? '', moment.actionRoleName),
    last_successful_scan: scanTime(record, intent.scan),
    last_scan_error: decision
      ? scanError(decision.reason, record.openScanFailures)
      : scanErrorAfter(record, intent.scan),
    account_role: tags?.accountRole ?? before?.account_role ?? '',
    owner: tags?.owner ?? before?.owner ?? '',
    discovered_at: before?.discovered_at ?? at,
    updated_at: at,
    _version: nextVersion(now, before?._version),
  };
};

/** A scan changes the text only where it tells of scans: a reason of limited access wins, and only verification ends it. */
const scanErrorAfter = ({ row, openScanFailures: open }: AccountRecord, scan: ScanOutcome | undefined): string => {
  const text = row?.last_scan_error ?? '';
  return scan && text === scanError('', open) ? scanError('', openFailuresAfter(open, scan)) : text;
};

/** An exclusion that ran out is recorded once, by the first command that decides anew. */
const exclusionEnds = (record: AccountRecord, intent: Intent, now: number): EventDetails[] =>
  record.exclusion && intent.decision && intent.acts === undefined && !exclusionHolds(record.exclusion, now)
    ? [{ kind: 'exclusion_ended', reason: `excluded until ${record.exclusion.until ?? ''}` }]
    : [];

const rowEvents = (before: AccountRow | undefined, row: AccountRow): EventDetails[] => {
  const status = { from: before?.polo_status ?? '', to: row.polo_status, reason: row.last_scan_error } as const;
  if (before === undefined) return [{ kind: 'discovered', ...status }];
  const events: EventDetails[] = [];
  if (before.account_name !== row.account_name) {
    events.push({ kind: 'renamed', reason: `${before.account_name} is now ${row.account_name}` });
  }
  if (before.org_unit !== row.org_unit) events.push({ kind: 'moved', reason: `${before.org_unit} to ${row.org_unit}` });
  if (before.account_role !== row.account_role || before.owner !== row.owner) {
    events.push({ kind: 'tags_changed', reason: `account role '${row.account_role}', owner '${row.owner}'` });
  }
  if (status.from !== status.to) events.push({ kind: 'status_changed', ...status });
  else if (
    before.last_scan_error !== row.last_scan_error ||
    before.polo_read_role !== row.polo_read_role ||
    before.polo_action_role !== row.polo_action_role
  ) {
    events.push({ kind: 'access_changed', ...status });
  }
  return events;
};

/**
 * True for an exclusion or inclusion that a run before this one has applied: a sender that got no answer sends it again,
 * maybe after a later one, which it must not undo. Events are written first: one later than the row tells of a write that
 * broke off, and is to be made again.
 */
export const isApplied = ({ row, acts = [] }: AccountRecord, commandId: string): boolean =>
  acts.some((act) => act.commandId === commandId && row !== undefined && act.at <= row.updated_at);

/**
 * The status that the command finds, also if it is applied again because nobody knows what came of it: then what it has
 * done already is stored. None for an account that is new.
 */
export const statusFound = ({ row, statusChange }: AccountRecord, commandId: string): PoloStatus | '' =>
  statusChange?.commandId === commandId ? statusChange.from : (row?.polo_status ?? '');

/** What is known of the account once a change is written. */
export const recordAfter = (record: AccountRecord, change: AccountChange): AccountRecord => {
  const excluded = change.events.find((event) => event.kind === 'excluded');
  const over = change.events.some((event) => event.kind === 'included' || event.kind === 'exclusion_ended');
  const { exclusion: stored, ...rest } = record;
  const exclusion = excluded
    ? { by: excluded.actor, reason: excluded.reason, ...(excluded.until !== null && { until: excluded.until }) }
    : over
      ? undefined
      : stored;
  return {
    ...rest,
    ...(exclusion && { exclusion }),
    ...statusChangeAfter(record, change),
    row: change.row,
    node: change.node,
    departed: !change.node.is_active,
    openScanFailures: change.events.reduce(
      (open, { kind, actor, reason }) =>
        kind === 'scan_failed' || kind === 'scan_recovered'
          ? openFailuresAfter(open, {
              workflowType: actor,
              at: change.row.updated_at,
              ...(kind === 'scan_failed' && { failure: reason }),
            })
          : open,
      record.openScanFailures,
    ),
    everActive: record.everActive || change.row.polo_status === 'active',
  };
};

/** A command that registers an account and then verifies it found no status. */
const statusChangeAfter = (
  { row, statusChange }: AccountRecord,
  { events }: AccountChange,
): Pick<AccountRecord, 'statusChange'> => {
  const changed = events.find(({ kind }) => kind === 'discovered' || kind === 'status_changed');
  const commandId = changed && commandIdOf(changed.event_id);
  if (commandId === undefined || commandId === statusChange?.commandId) return {};
  return { statusChange: { commandId, from: row?.polo_status ?? '' } };
};

/** One line for people: what a command did to the account. */
export const outcomeLine = (row: AccountRow, from: PoloStatus | ''): string =>
  `${label(row)}: ${from === row.polo_status || from === '' ? row.polo_status : `${from} -> ${row.polo_status}`}` +
  (row.last_scan_error === '' ? '' : ` (${row.last_scan_error})`);
