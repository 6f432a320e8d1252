import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jsonBytes } from '../../domain/bytes.ts';
import { cutPage, pageRows } from '../../registry/pages.ts';

const cursor = (row: { id: string }) => row.id;

describe('pages', () => {
  it('hold at most the wanted rows and name the last one if more were read', () => {
    const rows = ['a', 'b', 'c'].map((id) => ({ id }));
    assert.deepEqual(cutPage(rows, 2, cursor), { rows: rows.slice(0, 2), next: 'b' });
    assert.deepEqual(cutPage(rows, 3, cursor), { rows });
    assert.deepEqual(cutPage([], 3, cursor), { rows: [] });
  });

  it('stay below the limit in bytes and together hold every row once, whatever the rows hold', () => {
    const row = fc.record({
      text: fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.constant('\u0001"é😀'.repeat(80))),
      list: fc.array(fc.string({ maxLength: 50 }), { maxLength: 20 }),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 20 }), fc.integer({ min: 1, max: 30 }), (values, limit) => {
        const rows = values.map((value, index) => ({ id: String(index).padStart(3, '0'), ...value }));
        const seen: string[] = [];
        for (let after: string | undefined = ''; after !== undefined;) {
          const start: string = after;
          const read = rows.filter(({ id }) => id > start).slice(0, limit + 1);
          const page = cutPage(read, limit, cursor, 600);
          assert.ok(jsonBytes(page.rows) <= 600 + 2, String(jsonBytes(page.rows)));
          assert.ok(page.rows.length > 0 || read.length === 0);
          seen.push(...page.rows.map(cursor));
          after = page.next;
        }
        assert.deepEqual(seen, rows.map(cursor));
      }),
    );
  });

  it('leave rows that fit untouched', () => {
    const rows = [{ id: 'a', text: 'x'.repeat(500) }];
    assert.deepEqual(cutPage(rows, 1, cursor, 600).rows, rows);
  });

  it('refuse a limit that is no whole number from 1, and read no more than 10,000 rows', () => {
    for (const limit of [0, -1, 1.5, Number.NaN]) {
      assert.throws(() => pageRows(limit), {
        code: 'RegistryRejected',
        message: /limit: expected a whole number from 1/,
      });
    }
    assert.equal(pageRows(7), 7);
    assert.equal(pageRows(1_000_000), 10_000);
  });
});
