/** The three tables as this code needs them (design 2). The SQL files create them, `shape.ts` compares. */
import type { HierarchyNode } from '../domain/account.ts';
import { type AccountEvent, type AccountRow, POLO_STATUSES } from '../domain/contract.ts';
import {
  anyString,
  type Column,
  type Columns,
  flag,
  lowCardinality,
  oneOf,
  text,
  textLike,
  texts,
  time,
  timeOrNull,
  version,
} from './columns.ts';

/** A table: what it must look like and what its rows hold. */
export interface Table {
  name: string;
  /** Sorting key, which is the identity of a row. */
  key: string;
  /** Version column of its engine; undefined = none is asked for. */
  version?: string;
  columns: Columns;
  /** Columns that may not be there; they count only if their type fits. */
  optional: readonly string[];
  /** A write replaces the whole row, so an unknown column would be wiped: such a table is refused. */
  exact: boolean;
}

const accountId = textLike('12 digits', /^\d{12}$/);
const someText = textLike('a text that is not empty', /./s);

/** `aws_accounts`, exactly as the seed has it. */
export const ACCOUNTS: Table = {
  name: 'aws_accounts',
  key: 'account_id',
  version: '_version',
  columns: {
    account_id: accountId,
    account_name: text,
    account_email: text,
    org_unit: text,
    polo_status: oneOf(POLO_STATUSES),
    polo_read_role: text,
    polo_action_role: text,
    last_successful_scan: timeOrNull,
    last_scan_error: text,
    account_role: lowCardinality,
    owner: text,
    discovered_at: time,
    updated_at: time,
    _version: version,
  } satisfies Record<keyof AccountRow, Column>,
  optional: [],
  exact: true,
};

/** `hierarchy_nodes`, which may belong to another team: four columns suffice, and theirs are kept. */
export const NODES: Table = {
  name: 'hierarchy_nodes',
  key: 'node_id',
  columns: {
    node_id: anyString(someText),
    node_type: anyString(oneOf(['organization', 'organizational_unit', 'account'])),
    parent_id: anyString(text),
    name: anyString(text),
    path: texts,
    is_active: flag,
    updated_at: time,
    _version: version,
  } satisfies Record<keyof HierarchyNode, Column>,
  optional: ['path', 'is_active', 'updated_at', '_version'],
  exact: false,
};

/** `aws_account_events`, to which is only appended. */
export const EVENTS: Table = {
  name: 'aws_account_events',
  key: 'account_id,event_id',
  columns: {
    event_id: someText,
    account_id: textLike('12 digits, or empty for the whole organization', /^(\d{12})?$/),
    at: time,
    kind: { ...lowCardinality, expected: someText.expected, accepts: someText.accepts },
    from_status: lowCardinality,
    to_status: lowCardinality,
    reason: text,
    actor: text,
    until: timeOrNull,
    workflow_id: text,
    run_id: text,
  } satisfies Record<keyof AccountEvent, Column>,
  optional: [],
  exact: false,
};
