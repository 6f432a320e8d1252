import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { createRegistryActivities } from '../activities/registry.ts';
import type { PoloStatus } from '../domain/contract.ts';
import { openRegistry } from '../registry/registry.ts';
import { at, eventOf, idOf, nodeOf, onEveryPlace, rowOf } from './support/clickhousePlaces.ts';

const ID = idOf(1);

onEveryPlace('registry', (current) => {
  /** Statements of a kind that ClickHouse has run so far. */
  const count = async (event: 'InsertQuery' | 'SelectQuery'): Promise<number> => {
    const own = await current.openDatabase();
    const [found] = await own.read<{ value: number }>(
      'system.events',
      `SELECT value FROM system.events WHERE event = {event:String}`,
      { event },
    );
    return found?.value ?? 0;
  };

  it('knows nothing of an account that was never written', async () => {
    assert.deepEqual(await current.registry.loadAccount(ID), {
      departed: false,
      everActive: false,
      openScanFailures: [],
    });
    assert.equal(await current.registry.readNode(ID), undefined);
    assert.equal(await current.registry.readOrganizationId(), undefined);
    assert.deepEqual(await current.registry.readAccounts({ limit: 10 }), { accounts: [] });
  });

  it('gives back exactly what was written', async () => {
    const texts = [
      `it's "quoted" \\ \`x\``,
      'Zürich 支付 🏦 \u2028',
      'two\nlines\tand\u0000more',
      'n'.repeat(128),
      '{x:String}',
    ];
    for (const [index, text] of texts.entries()) {
      const row = rowOf(idOf(index), {
        account_name: text,
        org_unit: `/${text}`,
        last_scan_error: text,
        owner: text,
        account_role: text,
        last_successful_scan: index === 0 ? null : at(index),
        _version: '18446744073709551615',
      });
      const node = nodeOf(idOf(index), { name: text, path: [text, ''], _version: '9007199254740993' });
      const event = eventOf(idOf(index), 'discovered', 0, {
        reason: text,
        actor: text,
        until: index === 0 ? null : at(1),
      });
      await current.registry.writeAccount({ events: [event], node, row });
      const record = await current.registry.loadAccount(idOf(index));
      assert.deepEqual(record.row, row);
      assert.deepEqual(record.node, node);
      assert.deepEqual((await current.registry.readHistory({ accountId: idOf(index), limit: 10 })).history, [event]);
    }
  });

  it('keeps the row and node of the highest version, in whatever order writes arrive', async () => {
    const write = (version: string, text: string) =>
      current.registry.writeAccount({
        events: [],
        node: nodeOf(ID, { _version: version, name: text }),
        row: rowOf(ID, { _version: version, account_name: text }),
      });
    await write('1770091506790', 'new');
    await write('1770091506789', 'late');
    const { row, node } = await current.registry.loadAccount(ID);
    assert.equal(row?.account_name, 'new');
    assert.equal(node?.name, 'new');
  });

  it('adds nothing when a write is repeated', async () => {
    const change = { events: [eventOf(ID, 'discovered', 0)], node: nodeOf(ID), row: rowOf(ID) };
    await current.registry.writeAccount(change);
    await current.registry.writeAccount(change);
    assert.equal((await current.registry.readHistory({ accountId: ID, limit: 10 })).history.length, 1);
    assert.equal((await current.registry.readAccounts({ limit: 10 })).accounts.length, 1);
  });

  it('writes the history first and the row last, so that no row changes without its story', async () => {
    const own = await current.openDatabase();
    const change = { events: [eventOf(ID, 'discovered', 0)], node: nodeOf(ID), row: rowOf(ID) };
    const writeWithout = async (table: string): Promise<void> => {
      await own.run('setup', `RENAME TABLE ${current.database}.${table} TO ${current.database}.away`);
      await assert.rejects(current.registry.writeAccount(change), { code: 'RegistryRejected' });
      await own.run('setup', `RENAME TABLE ${current.database}.away TO ${current.database}.${table}`);
    };
    await writeWithout('aws_account_events');
    const nothing = { departed: false, everActive: false, openScanFailures: [] };
    assert.deepEqual(await current.registry.loadAccount(ID), nothing);
    await writeWithout('hierarchy_nodes');
    const told = { ...nothing, statusChange: { commandId: `command-0-${ID}`, from: '' } };
    assert.deepEqual(await current.registry.loadAccount(ID), told);
    assert.equal((await current.registry.readHistory({ accountId: ID, limit: 10 })).history.length, 1);
    await writeWithout('aws_accounts');
    assert.deepEqual(await current.registry.loadAccount(ID), { ...told, node: nodeOf(ID) });
  });

  it('writes nothing of a change of which a part is not valid', async () => {
    const event = eventOf(ID, 'discovered', 0);
    const bad = [
      { events: [event], node: nodeOf(ID), row: rowOf('1234') },
      { events: [event], node: nodeOf(ID), row: rowOf(ID, { polo_status: 'gone' as PoloStatus }) },
      { events: [event], node: nodeOf(ID), row: rowOf(ID, { updated_at: '2026-02-03 04:05:06' }) },
      { events: [event], node: nodeOf(ID), row: rowOf(ID, { _version: '18446744073709551616' }) },
      { events: [event], node: nodeOf(''), row: rowOf(ID) },
      { events: [event, { ...event, account_id: 'x' }], node: nodeOf(ID), row: rowOf(ID) },
    ];
    for (const change of bad) {
      await assert.rejects(current.registry.writeAccount(change), {
        code: 'RegistryRejected',
        message: /expected .* got /,
      });
    }
    assert.deepEqual((await current.registry.readHistory({ accountId: ID, limit: 10 })).history, []);
    assert.deepEqual(await current.registry.readAccounts({ limit: 10 }), { accounts: [] });
  });

  it('fails only the caller whose row is not valid', async () => {
    const ids = [idOf(1), 'not an id', idOf(3)];
    const results = await Promise.allSettled(
      ids.map((id) => current.registry.writeAccount({ events: [], node: nodeOf(id), row: rowOf(id) })),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.equal((await current.registry.readAccounts({ limit: 10 })).accounts.length, 2);
  });

  it('writes a text that was cut within a character', async () => {
    const row = rowOf(ID, { last_scan_error: '🏦'.slice(0, 1) });
    await current.registry.writeAccount({ events: [], node: nodeOf(ID), row });
    assert.equal((await current.registry.loadAccount(ID)).row?.last_scan_error, '\uFFFD');
  });

  it('registers an account with its first load, if nothing is stored of it', async () => {
    const row = rowOf(ID, { polo_status: 'pending_setup' });
    const change = { events: [eventOf(ID, 'discovered', 0)], node: nodeOf(ID), row };
    const record = await current.registry.loadAccount(ID, change);
    assert.deepEqual([record.row, record.node], [change.row, change.node]);
    assert.deepEqual(await current.registry.loadAccount(ID), record);

    const other = { ...change, row: rowOf(ID, { account_name: 'other', _version: '1970000000000' }) };
    assert.deepEqual(await current.registry.loadAccount(ID, other), record);
    assert.deepEqual((await current.registry.readHistory({ accountId: ID, limit: 10 })).history, change.events);
  });

  it('leaves to the caller an account of which there is a node, whose version the next one has to exceed', async () => {
    const node = nodeOf(ID, { _version: '1980000000000' });
    await current.registry.writeNodes([node]);
    const change = { events: [eventOf(ID, 'discovered', 0)], node: nodeOf(ID), row: rowOf(ID) };
    const record = await current.registry.loadAccount(ID, change);
    assert.deepEqual([record.row, record.node], [undefined, node]);
    assert.deepEqual((await current.registry.readHistory({ accountId: ID, limit: 10 })).history, []);
  });

  it('sends concurrent writes and loads as few statements', async () => {
    const ids = Array.from({ length: 200 }, (_, index) => idOf(index));
    const inserts = await count('InsertQuery');
    await Promise.all(
      ids.map((id) =>
        current.registry.writeAccount({ events: [eventOf(id, 'discovered', 0)], node: nodeOf(id), row: rowOf(id) }),
      ),
    );
    assert.ok((await count('InsertQuery')) - inserts <= 12);
    const selects = await count('SelectQuery');
    const records = await Promise.all(ids.map((id) => current.registry.loadAccount(id)));
    assert.ok((await count('SelectQuery')) - selects <= 12);
    assert.deepEqual(
      records.map((record) => record.row?.account_id),
      ids,
    );
  });

  it('tells from the latest events whether an account left, is excluded, and what is open', async () => {
    const fold = async (...events: ReturnType<typeof eventOf>[]) => {
      await current.registry.appendEvents(events);
      return current.registry.loadAccount(ID);
    };
    const failed = (type: string, minute: number, reason: string) =>
      eventOf(ID, 'scan_failed', minute, { actor: type, reason });

    const first = await fold(
      eventOf(ID, 'status_changed', 1, { to_status: 'active' }),
      eventOf(ID, 'status_changed', 2, { from_status: 'active', to_status: 'excluded' }),
      eventOf(ID, 'departed', 3),
      eventOf(ID, 'excluded', 4, { actor: 'alice', reason: 'sandbox', until: at(99) }),
      failed('costs', 5, 'old'),
      failed('costs', 6, 'timeout'),
      failed('assets', 7, 'denied'),
      eventOf('000000000002', 'included', 60),
    );
    assert.deepEqual(first, {
      departed: true,
      everActive: true,
      exclusion: { by: 'alice', reason: 'sandbox', until: at(99) },
      acts: [{ commandId: `command-4-${ID}`, at: at(4) }],
      openScanFailures: [
        { workflowType: 'assets', message: 'denied' },
        { workflowType: 'costs', message: 'timeout' },
      ],
      statusChange: { commandId: `command-2-${ID}`, from: 'active' },
    });

    const second = await fold(
      eventOf(ID, 'returned', 10),
      eventOf(ID, 'excluded', 11, { actor: 'bob', reason: 'for good' }),
      eventOf(ID, 'scan_recovered', 13, { actor: 'assets' }),
      failed('assets', 2, 'came late'),
    );
    assert.equal(second.departed, false);
    assert.deepEqual(second.exclusion, { by: 'bob', reason: 'for good' });
    assert.deepEqual(second.openScanFailures, [{ workflowType: 'costs', message: 'timeout' }]);

    for (const [minute, kind] of ['included', 'exclusion_ended'].entries()) {
      await fold(eventOf(ID, 'excluded', 20 + 2 * minute));
      const ended = await fold(eventOf(ID, kind, 21 + 2 * minute));
      assert.equal('exclusion' in ended, false);
      assert.equal(ended.everActive, true);
    }
  });

  it('tells by which commands operators lately excluded and included an account, the newest first', async () => {
    const kinds = Array.from({ length: 14 }, (_, minute) => (minute % 2 === 0 ? 'excluded' : 'included'));
    await current.registry.appendEvents([
      ...kinds.map((kind, minute) => eventOf(ID, kind, minute)),
      eventOf(ID, 'exclusion_ended', 50),
      eventOf(ID, 'status_changed', 51, { to_status: 'excluded' }),
      eventOf('000000000002', 'status_changed', 1, { to_status: 'active' }),
    ]);
    const { acts, everActive } = await current.registry.loadAccount(ID);
    const newest = [13, 12, 11, 10, 9, 8, 7, 6, 5, 4];
    assert.deepEqual(
      acts,
      newest.map((minute) => ({ commandId: `command-${String(minute)}-${ID}`, at: at(minute) })),
    );
    assert.equal(everActive, false);
    const other = await current.registry.loadAccount('000000000002');
    assert.deepEqual([other.everActive, 'acts' in other], [true, false]);
  });

  it('tells which command changed the status last, and what it was before', async () => {
    const byOne = { event_id: 'verify/discovered', from_status: '', to_status: 'pending_setup' };
    const changeOf = async (...events: ReturnType<typeof eventOf>[]) => {
      await current.registry.appendEvents(events);
      return (await current.registry.loadAccount(ID)).statusChange;
    };
    assert.deepEqual(await changeOf(eventOf(ID, 'renamed', 0)), undefined);
    assert.deepEqual(await changeOf(eventOf(ID, 'discovered', 1, byOne)), { commandId: 'verify', from: '' });
    const verified = { event_id: 'verify/status_changed', from_status: 'pending_setup', to_status: 'active' };
    assert.deepEqual(
      await changeOf(eventOf(ID, 'status_changed', 2, verified)),
      { commandId: 'verify', from: '' },
      'of one command that made two changes, before the first',
    );
    const lost = { event_id: 'again/status_changed', from_status: 'active', to_status: 'no_access' };
    assert.deepEqual(await changeOf(eventOf(ID, 'status_changed', 3, lost)), { commandId: 'again', from: 'active' });
  });

  it('answers a ping, and opens again on what is there', async () => {
    await current.registry.ping();
    await current.registry.writeAccount({ events: [], node: nodeOf(ID), row: rowOf(ID) });
    await current.closeAll();
    const again = await current.reopen();
    await again.ping();
    assert.deepEqual((await again.loadAccount(ID)).row, rowOf(ID));
  });

  it('fails an activity with the code as type, without a cause, and lets only what can pass be retried', async () => {
    const activities = createRegistryActivities(current.registry);
    await activities.writeAccount({ events: [], node: nodeOf(ID), row: rowOf(ID) });
    assert.deepEqual((await activities.loadAccount(ID)).row, rowOf(ID));
    const failureOf = async (call: Promise<unknown>): Promise<ApplicationFailure> => {
      const error: unknown = await call.catch((reason: unknown) => reason);
      assert.ok(error instanceof ApplicationFailure, String(error));
      assert.equal(error.cause, undefined);
      return error;
    };
    const rejected = await failureOf(activities.loadAccount('12'));
    assert.equal(rejected.type, 'RegistryRejected');
    assert.equal(rejected.nonRetryable, true);
    assert.equal(rejected.message, 'accountId: expected 12 digits, got "12"');

    const own = await current.openDatabase();
    await own.run('setup', `DROP TABLE ${current.database}.aws_accounts`);
    const dropped = await failureOf(activities.readAccounts({ limit: 1 }));
    assert.equal(dropped.type, 'RegistryRejected');
    assert.match(
      dropped.message,
      new RegExp(`^reading ${current.database}\\.aws_accounts: ClickHouse answered UNKNOWN_TABLE: `),
    );
    assert.ok(dropped.message.length < 600);
  });

  it('refuses a database name that is no plain identifier', async () => {
    for (const bad of ['', 'polo; DROP', '1polo', 'po`lo', 'x'.repeat(64)]) {
      await assert.rejects(openRegistry(current.options(bad)), {
        code: 'RegistryRejected',
        message: /^CLICKHOUSE_DATABASE/,
      });
    }
  });
});
