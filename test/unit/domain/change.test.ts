import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AccountChange, AccountRecord, Exclusion } from '../../../domain/account.ts';
import {
  changeOf,
  isApplied,
  outcomeLine,
  recordAfter,
  statusFound,
  type Intent,
  type Moment,
} from '../../../domain/change.ts';
import { commandIdOf } from '../../../domain/events.ts';
import { scanError, type ScanOutcome } from '../../../domain/scans.ts';
import type { AccountEvent, AccountRow, PoloStatus } from '../../../domain/contract.ts';
import type { AccountFacts } from '../../../domain/organization.ts';
import {
  decideByKnowledge,
  decideByVerification,
  type Decision,
  type RoleOutcome,
  type Verification,
} from '../../../domain/status.ts';

const ID = '000000000042';
const READ_ARN = `arn:aws:iam::${ID}:role/production-PoloReadRole`;
const ACTION_ARN = `arn:aws:iam::${ID}:role/polo-action-role`;
const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const AT = '2026-11-22T12:00:00.000Z';
const EARLIER = '2026-11-01T00:00:00.000Z';

const moment = (over: Partial<Moment> = {}): Moment => ({
  accountId: ID,
  commandId: 'command-1',
  origin: { workflowId: 'discover-accounts', runId: 'run-1', actor: 'discoverAccounts' },
  now: NOW,
  readRoleName: 'production-PoloReadRole',
  actionRoleName: 'polo-action-role',
  ...over,
});

const FACTS: AccountFacts = {
  id: ID,
  name: 'payments-prod',
  email: 'payments@example.com',
  state: 'ACTIVE',
  partition: 'aws',
  managementAccount: false,
  place: { parentId: 'ou-prod', units: ['Workloads', 'Production'] },
};

const UNKNOWN: AccountRecord = { departed: false, everActive: false, openScanFailures: [] };

const row = (over: Partial<AccountRow> = {}): AccountRow => ({
  account_id: ID,
  account_name: 'payments-prod',
  account_email: 'payments@example.com',
  org_unit: '/Workloads/Production',
  polo_status: 'active',
  polo_read_role: READ_ARN,
  polo_action_role: ACTION_ARN,
  last_successful_scan: '2026-11-21T08:00:00.000Z',
  last_scan_error: '',
  account_role: 'production',
  owner: 'team-payments',
  discovered_at: EARLIER,
  updated_at: EARLIER,
  _version: String(Date.parse(EARLIER)),
  ...over,
});

/** What is stored of an account that stands where FACTS say. */
const stored = (over: Partial<AccountRecord> = {}): AccountRecord => ({
  row: row(),
  node: {
    node_id: ID,
    node_type: 'account',
    parent_id: 'ou-prod',
    name: 'payments-prod',
    path: ['Workloads', 'Production', 'payments-prod'],
    is_active: true,
    updated_at: EARLIER,
    _version: String(Date.parse(EARLIER)),
  },
  departed: false,
  everActive: true,
  openScanFailures: [],
  ...over,
});

const WORKS: RoleOutcome = { outcome: 'works' };
const REFUSED: RoleOutcome = { outcome: 'refused', message: 'AccessDenied' };
const UNCLEAR: RoleOutcome = { outcome: 'inconclusive', message: 'TimeoutError' };

const verified = (verification: Verification, status?: PoloStatus): Decision =>
  decideByVerification(
    { ...(status && { status }), everActive: status === 'active', managementAccount: false },
    verification,
    undefined,
    NOW,
    300_000,
  );
const ACTIVE = verified({ read: WORKS, action: WORKS });
const LOST = verified({ read: REFUSED, action: REFUSED }, 'active');
const EXCLUDED = decideByKnowledge({ by: 'ann', reason: 'sandbox' }, 'departed', NOW);
const DEPARTED = decideByKnowledge(undefined, 'departed', NOW);
assert.ok(EXCLUDED && DEPARTED);

const changed = (record: AccountRecord, intent: Intent, at: Moment = moment()): AccountChange => {
  const change = changeOf(record, intent, at);
  assert.ok(change, 'something is written');
  return change;
};

const kinds = (change: AccountChange): string[] => change.events.map((event) => event.kind);

const eventOf = (change: AccountChange, kind: string): AccountEvent => {
  const event = change.events.find((candidate) => candidate.kind === kind);
  assert.ok(event, `there is an event ${kind}`);
  return event;
};

const outcome = fc.constantFrom(WORKS, REFUSED, UNCLEAR, { outcome: 'refused', message: 'RegionDisabled' } as const);
const exclusion: fc.Arbitrary<Exclusion> = fc.record(
  { by: fc.string(), reason: fc.string(), until: fc.constantFrom(EARLIER, AT, '2027-01-31T23:59:59.999Z') },
  { requiredKeys: ['by', 'reason'] },
);
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const facts: fc.Arbitrary<AccountFacts> = fc.record(
  {
    id: fc.constant(ID),
    name: text,
    email: text,
    state: fc.constantFrom('ACTIVE', 'SUSPENDED', ''),
    partition: fc.constantFrom('aws', 'aws-us-gov', 'aws-cn'),
    managementAccount: fc.boolean(),
    place: fc.record({ parentId: fc.constantFrom('o-1', 'ou-1', 'ou-2'), units: fc.array(text, { maxLength: 3 }) }),
  },
  { requiredKeys: ['id', 'name', 'email', 'state', 'partition', 'managementAccount'] },
);
const scan = fc.record(
  { workflowType: fc.constantFrom('collectAssets', 'collectCosts'), failure: fc.constantFrom('no table', 'no role') },
  { requiredKeys: ['workflowType'] },
);
const tags = fc.record({ accountRole: text, owner: text }, { requiredKeys: [] });

/** A command as the account workflow applies it, still to be decided by what is stored. */
interface Command {
  facts?: AccountFacts;
  roles?: Verification;
  departs?: boolean;
  excludes?: Exclusion;
  includes?: boolean;
  tags?: { accountRole?: string; owner?: string };
  scan?: Omit<ScanOutcome, 'at'>;
}
const roles: fc.Arbitrary<Verification> = fc.record({ read: outcome, action: outcome }, { requiredKeys: ['read'] });
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ facts, roles }),
  fc.record({ facts, roles, includes: fc.constant(true) }),
  fc.record({ facts }),
  fc.record({ departs: fc.constant(true) }),
  fc.record({ excludes: exclusion }),
  fc.record({ tags }),
  fc.record({ scan }),
);

/** The intent of a command, by the status table. */
const intentOf = (record: AccountRecord, command: Command, now: number): Intent => {
  const { facts, roles } = command;
  if (command.tags) return { tags: command.tags };
  // No collector runs on an account that is not registered.
  if (command.scan && record.row) return { scan: { ...command.scan, at: new Date(now).toISOString() } };
  if (command.departs) {
    const decision = decideByKnowledge(record.exclusion, 'departed', now);
    return { departed: true, ...(decision && { decision }) };
  }
  if (command.excludes) {
    const { by, ...rest } = command.excludes;
    const decision = decideByKnowledge(command.excludes, record.departed ? 'departed' : { state: 'ACTIVE' }, now);
    return { acts: [{ kind: 'excluded', actor: by, ...rest }], ...(decision && { decision }) };
  }
  if (!facts || !roles) return facts ? { facts } : {};
  const { exclusion } = command.includes ? {} : record;
  const decision =
    decideByKnowledge(exclusion, facts, now) ??
    decideByVerification(
      {
        ...(record.row && { status: record.row.polo_status }),
        everActive: record.everActive,
        managementAccount: false,
      },
      roles,
      { found: 'none' },
      now,
      300_000,
    );
  return { facts, decision, ...(command.includes && { acts: [{ kind: 'included' }] }) };
};

/** What is stored after some commands, as the workflow would leave it. */
const history = fc.array(
  // The next worker's clock may be behind.
  fc.record({ command, after: fc.oneof(fc.nat({ max: 5_000_000_000 }), fc.integer({ min: -60_000, max: 0 })) }),
  { maxLength: 8 },
);
const replay = (
  steps: { command: Command; after: number }[],
  look: (before: AccountRecord, change: AccountChange) => void = () => undefined,
): { record: AccountRecord; now: number } => {
  let record = UNKNOWN;
  let now = NOW;
  for (const [index, { command, after }] of steps.entries()) {
    now += after;
    const change = changeOf(record, intentOf(record, command, now), moment({ now, commandId: `c-${String(index)}` }));
    if (!change) continue;
    look(record, change);
    record = recordAfter(record, change);
  }
  return { record, now };
};

describe('change of an account', () => {
  describe('that is new', () => {
    it('registers it as pending_setup, never scanned, in its place', () => {
      const { row, node, events } = changed(UNKNOWN, { facts: FACTS });
      assert.deepEqual(row, {
        account_id: ID,
        account_name: 'payments-prod',
        account_email: 'payments@example.com',
        org_unit: '/Workloads/Production',
        polo_status: 'pending_setup',
        polo_read_role: '',
        polo_action_role: '',
        last_successful_scan: null,
        last_scan_error: '',
        account_role: '',
        owner: '',
        discovered_at: AT,
        updated_at: AT,
        _version: String(NOW),
      });
      assert.deepEqual(node, {
        node_id: ID,
        node_type: 'account',
        parent_id: 'ou-prod',
        name: 'payments-prod',
        path: ['Workloads', 'Production', 'payments-prod'],
        is_active: true,
        updated_at: AT,
        _version: String(NOW),
      });
      assert.deepEqual(events, [
        {
          event_id: 'command-1/discovered',
          account_id: ID,
          at: AT,
          kind: 'discovered',
          from_status: '',
          to_status: 'pending_setup',
          reason: '',
          actor: 'discoverAccounts',
          until: null,
          workflow_id: 'discover-accounts',
          run_id: 'run-1',
        },
      ]);
    });

    it('then tells the status that its roles gave it as a change', () => {
      const registered = recordAfter(UNKNOWN, changed(UNKNOWN, { facts: FACTS }));
      const change = changed(registered, { facts: FACTS, decision: ACTIVE });
      assert.deepEqual([change.row.polo_read_role, change.row.polo_action_role], [READ_ARN, ACTION_ARN]);
      const { from_status, to_status } = eventOf(change, 'status_changed');
      assert.deepEqual([from_status, to_status], ['pending_setup', 'active']);
    });

    it('places it at the root as a child of the organization', () => {
      const { row, node } = changed(UNKNOWN, { facts: { ...FACTS, place: { parentId: 'o-1', units: [] } } });
      assert.equal(row.org_unit, '/');
      assert.deepEqual([node.parent_id, node.path], ['o-1', ['payments-prod']]);
    });
  });

  describe('that is known', () => {
    it('is nothing if the registry already says all of it', () => {
      assert.equal(changeOf(stored(), { facts: FACTS, decision: ACTIVE }, moment()), undefined);
    });

    it('is nothing if all that the table of the nodes has columns for is stored already', () => {
      const { node_id, node_type, parent_id, name } = changed(UNKNOWN, { facts: FACTS }).node;
      const narrow = stored({ node: { node_id, node_type, parent_id, name } });
      assert.equal(changeOf(narrow, { facts: FACTS, decision: ACTIVE }, moment()), undefined);
      const place = { parentId: 'ou-other', units: ['Workloads', 'Production'] };
      assert.equal(changed(narrow, { facts: { ...FACTS, place }, decision: ACTIVE }).node.parent_id, 'ou-other');
    });

    it('writes a missing node, and a new e-mail address, without an event', () => {
      const withoutNode = stored();
      delete withoutNode.node;
      assert.deepEqual(kinds(changed(withoutNode, { facts: FACTS })), []);
      const change = changed(stored(), { facts: { ...FACTS, email: 'new@example.com' } });
      assert.deepEqual([change.row.account_email, kinds(change)], ['new@example.com', []]);
    });

    it('tells a loss of access with the reason, and clears the ARNs', () => {
      const change = changed(stored(), { facts: FACTS, decision: LOST });
      assert.deepEqual([change.row.polo_read_role, change.row.polo_action_role], ['', '']);
      assert.equal(change.row.last_scan_error, 'read role refused: AccessDenied');
      const { from_status, to_status, reason } = eventOf(change, 'status_changed');
      assert.deepEqual([from_status, to_status, reason], ['active', 'no_access', 'read role refused: AccessDenied']);
    });

    it('tells lost actions as a change of access, not of status', () => {
      const change = changed(stored(), { decision: verified({ read: WORKS, action: REFUSED }, 'active') });
      assert.deepEqual(kinds(change), ['access_changed']);
      assert.deepEqual([change.row.polo_read_role, change.row.polo_action_role], [READ_ARN, '']);
    });

    it('keeps status and ARNs when nothing could be verified, and says so', () => {
      const change = changed(stored(), { facts: FACTS, decision: verified({ read: UNCLEAR }, 'active') });
      const { polo_status, polo_read_role, polo_action_role, last_scan_error } = change.row;
      assert.deepEqual([polo_status, polo_read_role, polo_action_role], ['active', READ_ARN, ACTION_ARN]);
      assert.equal(last_scan_error, 'verification inconclusive: TimeoutError');
    });

    it('follows a new name in row and node, and tells both names', () => {
      const change = changed(stored(), { facts: { ...FACTS, name: '決済-prod' } });
      assert.equal(change.row.account_name, '決済-prod');
      assert.deepEqual([change.node.name, change.node.path.at(-1)], ['決済-prod', '決済-prod']);
      assert.equal(eventOf(change, 'renamed').reason, 'payments-prod is now 決済-prod');
    });

    it('follows a move, and tells from where to where', () => {
      const change = changed(stored(), { facts: { ...FACTS, place: { parentId: 'ou-sand', units: ['Sandbox'] } } });
      assert.equal(change.row.org_unit, '/Sandbox');
      assert.deepEqual([change.node.parent_id, change.node.path], ['ou-sand', ['Sandbox', 'payments-prod']]);
      assert.equal(eventOf(change, 'moved').reason, '/Workloads/Production to /Sandbox');
    });

    it('follows a unit of the same name under another id, which moves the node only', () => {
      const place = { parentId: 'ou-other', units: ['Workloads', 'Production'] };
      const change = changed(stored(), { facts: { ...FACTS, place } });
      assert.deepEqual([change.node.parent_id, kinds(change)], ['ou-other', []]);
    });

    it('stays where it was stored if its place is unknown, under its new name', () => {
      const placeless = { ...FACTS, name: 'renamed' };
      delete placeless.place;
      const change = changed(stored(), { facts: placeless });
      assert.equal(change.row.org_unit, '/Workloads/Production');
      assert.deepEqual(change.node.path, ['Workloads', 'Production', 'renamed']);
      assert.equal(change.node.parent_id, 'ou-prod');
    });

    it('takes the partition from AWS, else from the ARN that it has', () => {
      const govFacts = { ...FACTS, partition: 'aws-us-gov' };
      const gov = recordAfter(stored(), changed(stored(), { facts: govFacts, decision: ACTIVE }));
      assert.equal(gov.row?.polo_read_role, `arn:aws-us-gov:iam::${ID}:role/production-PoloReadRole`);
      const noAction = recordAfter(gov, changed(gov, { decision: verified({ read: WORKS, action: REFUSED }) }));
      assert.equal(
        changed(noAction, { decision: ACTIVE }).row.polo_action_role,
        `arn:aws-us-gov:iam::${ID}:role/polo-action-role`,
      );
    });
  });

  describe('by tags', () => {
    it('takes what was found and keeps what is missing', () => {
      const { row } = changed(stored(), { tags: { owner: 'team-new' } });
      assert.deepEqual([row.account_role, row.owner], ['production', 'team-new']);
      assert.equal(changed(stored(), { tags: { accountRole: 'sandbox' } }).row.owner, 'team-payments');
    });

    it('takes an empty tag for a value', () => {
      assert.equal(changed(stored(), { tags: { owner: '' } }).row.owner, '');
    });

    it('tells both values', () => {
      const change = changed(stored(), { tags: { accountRole: 'staging' } });
      assert.equal(eventOf(change, 'tags_changed').reason, "account role 'staging', owner 'team-payments'");
      assert.deepEqual(kinds(change), ['tags_changed']);
    });

    it('is nothing if no tag was found, or the same ones', () => {
      assert.equal(changeOf(stored(), { tags: {} }, moment()), undefined);
      assert.equal(changeOf(stored(), { tags: { owner: 'team-payments' } }, moment()), undefined);
    });
  });

  describe('by a departure', () => {
    it('excludes the account and its node, and deletes nothing', () => {
      const change = changed(stored(), { departed: true, decision: DEPARTED });
      assert.deepEqual([change.row.polo_status, change.row.last_scan_error], ['excluded', 'left the organization']);
      assert.deepEqual([change.node.is_active, change.node.parent_id], [false, 'ou-prod']);
      assert.deepEqual(
        [change.row.account_name, change.row.last_successful_scan, change.row.owner],
        ['payments-prod', '2026-11-21T08:00:00.000Z', 'team-payments'],
      );
      assert.deepEqual(kinds(change), ['departed', 'status_changed']);
    });

    it('is told once', () => {
      const gone = recordAfter(stored(), changed(stored(), { departed: true, decision: DEPARTED }));
      assert.equal(changeOf(gone, { departed: true, decision: DEPARTED }, moment({ commandId: 'next' })), undefined);
    });

    it('is taken back when AWS names the account again, at its old discovery date', () => {
      const gone = recordAfter(stored(), changed(stored(), { departed: true, decision: DEPARTED }));
      const back = changed(gone, { facts: FACTS, decision: ACTIVE });
      assert.equal(back.node.is_active, true);
      assert.deepEqual(kinds(back), ['returned', 'status_changed']);
      assert.equal(back.row.discovered_at, EARLIER);
      assert.equal(recordAfter(gone, back).departed, false);
    });

    it('stands while only its tags or an exclusion change', () => {
      const gone = recordAfter(stored(), changed(stored(), { departed: true, decision: DEPARTED }));
      assert.equal(changed(gone, { tags: { owner: 'x' } }).node.is_active, false);
      const excluded = changed(gone, { acts: [{ kind: 'excluded', reason: 'x' }], decision: EXCLUDED });
      assert.equal(excluded.node.is_active, false);
    });
  });

  describe('by an operator', () => {
    const until = '2027-01-31T23:59:59.999Z';
    const exclude = {
      acts: [{ kind: 'excluded', actor: 'ann', reason: 'sandbox', until }],
      decision: EXCLUDED,
    } as const;

    it('records who excluded the account, why and until when', () => {
      const change = changed(stored(), { ...exclude, acts: [...exclude.acts] });
      const { actor, reason, until: told } = eventOf(change, 'excluded');
      assert.deepEqual([actor, reason, told], ['ann', 'sandbox', until]);
      assert.equal(change.row.last_scan_error, 'excluded by ann: sandbox');
      assert.deepEqual(recordAfter(stored(), change).exclusion, { by: 'ann', reason: 'sandbox', until });
    });

    it('takes the acting workflow for the operator where none is named, and no end where none is given', () => {
      const change = changed(stored(), { acts: [{ kind: 'excluded', reason: 'sandbox' }], decision: EXCLUDED });
      assert.equal(eventOf(change, 'excluded').until, null);
      assert.deepEqual(recordAfter(stored(), change).exclusion, { by: 'discoverAccounts', reason: 'sandbox' });
    });

    it('replaces an exclusion by a later one', () => {
      const record = stored({ exclusion: { by: 'bob', reason: 'old', until } });
      const change = changed(record, { acts: [{ kind: 'excluded', actor: 'ann', reason: 'new' }], decision: EXCLUDED });
      assert.deepEqual(recordAfter(record, change).exclusion, { by: 'ann', reason: 'new' });
    });

    it('is applied already if its event is there and the row was written with it or later', () => {
      const told = (at: string) => stored({ acts: [{ commandId: 'command-1', at }] });
      assert.equal(isApplied(told(EARLIER), 'command-1'), true);
      assert.equal(isApplied(told(EARLIER), 'command-2'), false);
      assert.equal(isApplied(told(AT), 'command-1'), false, 'the write broke off after the event');
      assert.equal(isApplied(stored(), 'command-1'), false, 'no operator has done anything');
      const change = changed(stored(), { acts: [{ kind: 'excluded', reason: 'sandbox' }], decision: EXCLUDED });
      const { at } = eventOf(change, 'excluded');
      assert.equal(
        isApplied({ ...recordAfter(stored(), change), acts: [{ commandId: 'command-1', at }] }, 'command-1'),
        true,
      );
    });

    it('ends an exclusion by including', () => {
      const record = stored({ exclusion: { by: 'bob', reason: 'old' } });
      const change = changed(record, { acts: [{ kind: 'included', actor: 'ann' }], facts: FACTS, decision: ACTIVE });
      assert.deepEqual(kinds(change), ['included']);
      assert.equal(recordAfter(record, change).exclusion, undefined);
    });

    it('keeps an exclusion over what others do', () => {
      const record = stored({ exclusion: { by: 'bob', reason: 'old' } });
      const change = changed(record, { tags: { owner: 'x' } });
      assert.deepEqual(recordAfter(record, change).exclusion, { by: 'bob', reason: 'old' });
    });
  });

  describe('after an exclusion that ran out', () => {
    const expired = stored({
      row: row({
        polo_status: 'excluded',
        polo_read_role: '',
        polo_action_role: '',
        last_scan_error: 'excluded by x: y',
      }),
      exclusion: { by: 'x', reason: 'y', until: EARLIER },
    });

    it('is told once, by the first decision', () => {
      const change = changed(expired, { facts: FACTS, decision: ACTIVE });
      assert.deepEqual(kinds(change), ['exclusion_ended', 'status_changed']);
      assert.equal(eventOf(change, 'exclusion_ended').reason, `excluded until ${EARLIER}`);
      const after = recordAfter(expired, change);
      assert.equal(after.exclusion, undefined);
      assert.deepEqual(kinds(changed(after, { facts: FACTS, decision: LOST })), ['status_changed']);
    });

    it('is not told when an operator excludes the account anew', () => {
      const acts: Intent['acts'] = [{ kind: 'excluded', actor: 'ann', reason: 'sandbox' }];
      const change = changed(expired, { acts, decision: EXCLUDED });
      assert.deepEqual(kinds(change), ['excluded', 'access_changed']);
      assert.deepEqual(recordAfter(expired, change).exclusion, { by: 'ann', reason: 'sandbox' });
    });

    it('is not told by what decides nothing', () => {
      assert.deepEqual(kinds(changed(expired, { tags: { owner: 'x' } })), ['tags_changed']);
    });

    it('is not told while it holds', () => {
      const holds = { ...expired, exclusion: { by: 'x', reason: 'y', until: AT } };
      assert.deepEqual(kinds(changed(holds, { facts: FACTS, decision: ACTIVE })), ['status_changed']);
    });
  });

  describe('with open scan failures', () => {
    const failures = [
      { workflowType: 'collectCosts', message: 'no table' },
      { workflowType: 'collectAssets', message: 'timed out' },
    ];

    it('tells all of them, joined, when access is fine', () => {
      assert.equal(scanError('', failures), 'scan collectCosts: no table; scan collectAssets: timed out');
      assert.equal(scanError('', []), '');
    });

    it('tells the access reason alone when there is one', () => {
      assert.equal(scanError('read role refused: AccessDenied', failures), 'read role refused: AccessDenied');
    });

    it('puts the failures back once access is fine again', () => {
      const record = stored({ openScanFailures: failures, row: row({ last_scan_error: 'read role refused: x' }) });
      assert.equal(
        changed(record, { decision: ACTIVE }).row.last_scan_error,
        'scan collectCosts: no table; scan collectAssets: timed out',
      );
    });

    it('leaves the text alone where access was not decided', () => {
      const record = stored({ row: row({ last_scan_error: 'scan collectCosts: no table' }) });
      assert.equal(changed(record, { tags: { owner: 'x' } }).row.last_scan_error, 'scan collectCosts: no table');
    });
  });

  describe('by a collector', () => {
    const scan = (over: Partial<ScanOutcome> = {}): Intent => ({
      scan: { workflowType: 'collectCosts', at: AT, ...over },
    });
    const failed = scan({ failure: 'no table' });

    it('notes when it succeeded, without an event', () => {
      const change = changed(stored(), scan());
      assert.deepEqual([change.row.last_successful_scan, change.row.last_scan_error, kinds(change)], [AT, '', []]);
      assert.equal(change.row.polo_status, 'active');
    });

    it('is nothing if it succeeded within the hour before', () => {
      const record = stored({ row: row({ last_successful_scan: '2026-11-22T11:00:00.001Z' }) });
      assert.equal(changeOf(record, scan(), moment()), undefined);
    });

    it('notes that and why it failed, and leaves everything else', () => {
      const change = changed(stored(), failed);
      assert.deepEqual(
        { ...change.row, updated_at: EARLIER, _version: row()._version },
        row({ last_scan_error: 'scan collectCosts: no table' }),
      );
      const { actor, reason, from_status, to_status } = eventOf(change, 'scan_failed');
      assert.deepEqual([actor, reason, from_status, to_status], ['collectCosts', 'no table', '', '']);
      assert.deepEqual(kinds(change), ['scan_failed']);
    });

    it('is nothing if it fails again in the same words', () => {
      const after = recordAfter(stored(), changed(stored(), failed));
      assert.deepEqual(after.openScanFailures, [{ workflowType: 'collectCosts', message: 'no table' }]);
      assert.equal(changeOf(after, failed, moment({ commandId: 'next' })), undefined);
    });

    it('ends its own failure only, also within the hour', () => {
      const costs = recordAfter(stored(), changed(stored(), failed));
      const assets = changed(costs, scan({ workflowType: 'collectAssets', failure: 'no role' }));
      assert.equal(assets.row.last_scan_error, 'scan collectAssets: no role; scan collectCosts: no table');
      const both = recordAfter(costs, assets);
      const change = changed(both, scan());
      assert.equal(change.row.last_scan_error, 'scan collectAssets: no role');
      assert.equal(eventOf(change, 'scan_recovered').reason, 'was: no table');
      assert.deepEqual(recordAfter(both, change).openScanFailures, [
        { workflowType: 'collectAssets', message: 'no role' },
      ]);
    });

    it('leaves the reason of limited access, and is told when that is gone', () => {
      const limited = changed(stored(), { decision: verified({ read: WORKS, action: REFUSED }, 'active') });
      const record = recordAfter(stored(), limited);
      const change = changed(record, failed);
      assert.equal(change.row.last_scan_error, 'action role refused: AccessDenied');
      assert.deepEqual(kinds(change), ['scan_failed']);
      const after = recordAfter(record, change);
      assert.equal(changed(after, { decision: ACTIVE }).row.last_scan_error, 'scan collectCosts: no table');
      const recovered = recordAfter(after, changed(after, scan({ at: '2026-11-22T13:00:00.000Z' })));
      assert.equal(recovered.row?.last_scan_error, 'action role refused: AccessDenied');
      assert.equal(changed(recovered, { decision: ACTIVE }).row.last_scan_error, '');
    });
  });

  describe('over any history of commands', () => {
    const versionOf = (record: { _version?: string } | undefined): bigint => BigInt(record?._version ?? -1);

    it('is written once: the same facts and decision again change nothing', () => {
      fc.assert(
        fc.property(history, facts, roles, tags, (steps, facts, roles, tags) => {
          const { record, now } = replay(steps);
          const { decision } = intentOf(record, { facts, roles }, now);
          const intent: Intent = { facts, tags, ...(decision && { decision }) };
          const change = changeOf(record, intent, moment({ now }));
          const after = change ? recordAfter(record, change) : record;
          assert.equal(changeOf(after, intent, moment({ now, commandId: 'again' })), undefined);
        }),
      );
    });

    it('raises the versions of row and node at every write', () => {
      fc.assert(
        fc.property(history, (steps) => {
          replay(steps, (before, { row, node }) => {
            assert.ok(versionOf(row) > versionOf(before.row));
            assert.ok(versionOf(node) > versionOf(before.node));
          });
        }),
      );
    });

    it('tells what happens later at a later time, also within the same millisecond', () => {
      fc.assert(
        fc.property(history, (steps) => {
          let last = '';
          replay(steps, (_, { events, row }) => {
            for (const { at } of events) assert.equal(at, row.updated_at);
            assert.ok(row.updated_at > last, `${row.updated_at} is not after ${last}`);
            last = row.updated_at;
          });
        }),
      );
    });

    it('keeps the discovery date and the id, and the last scan never goes back', () => {
      fc.assert(
        fc.property(history, (steps) => {
          replay(steps, (before, { row, node }) => {
            if (before.row) assert.equal(row.discovered_at, before.row.discovered_at);
            const last = before.row?.last_successful_scan ?? null;
            if (last !== null) assert.ok(row.last_successful_scan !== null && row.last_successful_scan >= last);
            assert.deepEqual([row.account_id, node.node_id], [ID, ID]);
          });
        }),
      );
    });

    it('tells of every failure that is open, unless access itself is limited', () => {
      fc.assert(
        fc.property(history, (steps) => {
          const { record } = replay(steps);
          const text = record.row?.last_scan_error ?? '';
          if (text === '' || text.startsWith('scan ')) assert.equal(text, scanError('', record.openScanFailures));
        }),
      );
    });

    it('gives each event an id of its own, from command and kind', () => {
      fc.assert(
        fc.property(history, (steps) => {
          const ids: string[] = [];
          replay(steps, (_, { events }) => {
            for (const event of events) {
              assert.match(event.event_id, new RegExp(`^c-\\d+/${event.kind}$`));
              ids.push(event.event_id);
            }
          });
          assert.equal(new Set(ids).size, ids.length);
        }),
      );
    });

    it('never has a role of an excluded account', () => {
      fc.assert(
        fc.property(history, (steps) => {
          replay(steps, (_, { row }) => {
            if (row.polo_status === 'excluded') assert.deepEqual([row.polo_read_role, row.polo_action_role], ['', '']);
          });
        }),
      );
    });

    it('tells every change of status in exactly one event, from what was to what is', () => {
      fc.assert(
        fc.property(history, (steps) => {
          replay(steps, (before, { row, events }) => {
            const told = events.filter(({ kind }) => kind === 'status_changed' || kind === 'discovered');
            const was = before.row?.polo_status ?? '';
            const expected = was === row.polo_status ? [] : [[was, row.polo_status]];
            assert.deepEqual(
              told.map(({ from_status, to_status }) => [from_status, to_status]),
              expected,
            );
          });
        }),
      );
    });

    it('tells departures and returns in turn, and the node agrees', () => {
      fc.assert(
        fc.property(history, (steps) => {
          const told: string[] = [];
          replay(steps, (_, { events, node }) => {
            told.push(...events.map(({ kind }) => kind).filter((kind) => kind === 'departed' || kind === 'returned'));
            assert.equal(node.is_active, told.at(-1) !== 'departed');
          });
          for (const [index, kind] of told.entries()) assert.equal(kind, index % 2 === 0 ? 'departed' : 'returned');
        }),
      );
    });

    it('tells a command what it found, also once it is written, and every other one what is stored', () => {
      fc.assert(
        fc.property(history, (steps) => {
          replay(steps, (before, change) => {
            const commandId = change.events.map(({ event_id }) => commandIdOf(event_id))[0] ?? '';
            const after = recordAfter(before, change);
            assert.equal(statusFound(before, commandId), before.row?.polo_status ?? '');
            assert.equal(statusFound(after, commandId), before.row?.polo_status ?? '');
            assert.equal(statusFound(after, 'another'), change.row.polo_status);
          });
        }),
      );
    });

    it('never forgets that an account was active', () => {
      fc.assert(
        fc.property(history, (steps) => {
          let wasActive = false;
          const { record } = replay(steps, (_, { row }) => {
            wasActive ||= row.polo_status === 'active';
          });
          assert.equal(record.everActive, wasActive);
        }),
      );
    });

    it('keeps row and node in step, every character of every name as AWS gave it', () => {
      fc.assert(
        fc.property(history, facts, (steps, facts) => {
          const { record, now } = replay(steps);
          const change = changeOf(record, { facts }, moment({ now }));
          const after = change ? recordAfter(record, change) : record;
          assert.equal(after.row?.account_name, facts.name);
          assert.equal(after.node?.path?.at(-1), facts.name);
          if (!facts.place) return;
          assert.deepEqual(after.node.path, [...facts.place.units, facts.name]);
          assert.equal(after.row.org_unit, `/${facts.place.units.join('/')}`);
        }),
      );
    });
  });
});

describe('outcome of a command', () => {
  it('is told as a change of status with its reason', () => {
    assert.equal(
      outcomeLine(row({ polo_status: 'no_access', last_scan_error: 'read role refused: AccessDenied' }), 'active'),
      `payments-prod (${ID}): active -> no_access (read role refused: AccessDenied)`,
    );
  });

  it('is told as the status alone where it is the first one or stays', () => {
    assert.equal(outcomeLine(row(), ''), `payments-prod (${ID}): active`);
    assert.equal(outcomeLine(row(), 'active'), `payments-prod (${ID}): active`);
  });
});
