import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { FAILURES, isFailureCode, runbookAnchor, type FailureCode } from '../../../domain/failures.ts';
import { slugOf } from '../../support/documents.ts';

const CODES = Object.keys(FAILURES) as FailureCode[];

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

const sorted = (items: Iterable<string>): string[] => [...items].sort();

/** The runbook without what stands in code blocks, where a # begins a comment. */
const RUNBOOK = read('operations/failures.md').replace(/^ *```.*?^ *```$/gms, '');

/** Sections by anchor, the title left out. */
const SECTIONS = RUNBOOK.split(/^#{2,6} +/m)
  .slice(1)
  .map((section) => {
    const [heading = '', ...text] = section.split('\n');
    return { anchor: slugOf(heading.trim()), text: text.join('\n') };
  });

/** Anchors of the runbook that the rules themselves name, e.g. as the next step of a gap. */
const NAMED = readdirSync(new URL('../../../domain', import.meta.url)).flatMap((file) =>
  [...read(`domain/${file}`).matchAll(/operations\/failures\.md#([\w-]+)/g)].map(([, anchor = '']) => anchor),
);

describe('failure codes', () => {
  it('are known by their own names only', () => {
    assert.ok(CODES.every(isFailureCode));
    for (const text of ['', 'invalidinput', 'toString', '__proto__', undefined, null, 42]) {
      assert.equal(isFailureCode(text), false);
    }
  });

  it('each tell their meaning in a sentence of their own', () => {
    const meanings = CODES.map((code) => FAILURES[code].meaning);
    for (const meaning of meanings) assert.match(meaning, /^[A-Z].{15,}\.$/);
    assert.equal(new Set(meanings).size, meanings.length);
  });

  it('that only a caller or an operator can mend are never tried again', () => {
    for (const code of CODES) {
      const { fault, retried } = FAILURES[code];
      if (['caller', 'operator', 'polo'].includes(fault)) assert.equal(retried, false, code);
    }
  });

  it('link to the runbook', () => {
    assert.equal(runbookAnchor('HubRefused'), 'operations/failures.md#hub-refused');
  });
});

describe('runbook', () => {
  it('has one heading for each anchor of the codes and of the next steps, and no other', () => {
    assert.deepEqual(
      sorted(SECTIONS.map(({ anchor }) => anchor)),
      sorted(new Set([...CODES.map((code) => FAILURES[code].anchor), ...NAMED])),
    );
  });

  it('has the headings that coverage sends people to', () => {
    assert.deepEqual(sorted(new Set(NAMED)), ['read-role-refused', 'roles-not-deployed']);
  });

  it('repeats of each code what the table says: whose fault it is, and whether it is tried again', () => {
    const spoken = { aws: 'AWS', polo: 'Polo', caller: 'caller', operator: 'operator', platform: 'platform' };
    const said = SECTIONS.flatMap(({ anchor, text }) => {
      const [, codes = '', facts = ''] = /^- Codes: (.*) \((fault: .*)\)$/m.exec(text) ?? [];
      return codes.split(', ').flatMap((code) => (code === '' ? [] : [`${code} ${anchor} ${facts}`]));
    });
    const expected = CODES.map((code) => {
      const { anchor, fault, retried } = FAILURES[code];
      return `\`${code}\` ${anchor} fault: ${spoken[fault]}, tried again: ${retried ? 'yes' : 'no'}`;
    });
    assert.deepEqual(sorted(said), sorted(expected));
  });

  it('says in each section what it means, what you see and what to do', () => {
    for (const { anchor, text } of SECTIONS) {
      const parts = [...text.matchAll(/^\*\*(.+?)\.\*\*/gm)].map(([, part]) => part);
      assert.deepEqual(parts, ['What it means', 'What you see', 'What to do'], anchor);
    }
  });

  it('links to headings that exist', () => {
    const anchors = SECTIONS.map(({ anchor }) => anchor);
    const links = [...RUNBOOK.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
    assert.ok(links.length > 0);
    for (const link of links) assert.ok(anchors.includes(link), link);
  });
});
