/** What fits where only so many bytes do. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cutText, jsonBytes, within } from '../../../domain/bytes.ts';

describe('the size of a value', () => {
  it('is that of its JSON in UTF-8', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => assert.equal(jsonBytes(value), Buffer.byteLength(JSON.stringify(value)))),
    );
  });
});

describe('a list within a number of bytes', () => {
  it('is its longest beginning that fits, as JSON in UTF-8', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.nat({ max: 300 }), (list, bytes) => {
        const kept = within(list, bytes);
        assert.deepEqual(kept, list.slice(0, kept.length));
        const cost = (part: string[]): number => part.reduce((sum, entry) => sum + jsonBytes(entry) + 1, 0);
        assert.ok(cost(kept) <= bytes);
        if (kept.length < list.length) assert.ok(cost(list.slice(0, kept.length + 1)) > bytes);
      }),
    );
  });
});

describe('text that is cut', () => {
  const text = fc.string({ unit: 'grapheme', size: 'medium' });
  const limit = fc.integer({ min: 3, max: 60 });

  it('never has more bytes than the limit', () => {
    fc.assert(fc.property(text, limit, (text, limit) => assert.ok(Buffer.byteLength(cutText(text, limit)) <= limit)));
  });

  it('is left alone within the limit, which is 500 bytes', () => {
    fc.assert(fc.property(text, (text) => assert.equal(cutText(text, Buffer.byteLength(text)), text)));
    assert.equal(cutText('x'.repeat(500)), 'x'.repeat(500));
    assert.equal(cutText('x'.repeat(501)), `${'x'.repeat(497)}…`);
  });

  it('is a beginning of the text and an ellipsis, and no character is split or left out without need', () => {
    fc.assert(
      fc.property(text, limit, (text, limit) => {
        const cut = cutText(text, limit);
        if (cut === text) return;
        assert.ok(cut.endsWith('…'));
        const kept = cut.slice(0, -1);
        assert.ok(text.startsWith(kept));
        assert.doesNotMatch(kept, /\p{Surrogate}/u);
        const next = String.fromCodePoint(text.codePointAt(kept.length) ?? 0);
        assert.ok(Buffer.byteLength(kept + next) + 3 > limit, 'the next character had no room');
      }),
    );
  });
});
