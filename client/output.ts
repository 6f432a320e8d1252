/** How data is written: tables and lines for people, JSON for programs. Pure functions, nothing is printed here. */
import { minute as toTheMinute } from '../domain/times.ts';

/** Control and format characters, line separators, lone surrogates: names are written by other people (escape sequences, reversed text). */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text that is safe to send to a terminal as part of one line. */
export const clean = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

/** Several lines, each of them clean. */
export const lines = (...texts: string[]): string => texts.map(clean).join('\n');

/** JSON that is also safe to look at: what JSON itself leaves unescaped of the unprintable is escaped. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, undefined, 2).replace(UNPRINTABLE, (character) =>
    character === '\n'
      ? character
      : character
          .split('')
          .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
          .join(''),
  );

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** East Asian wide and emoji: two columns on a terminal. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;

const columnsOf = (grapheme: string): number => (WIDE.test(grapheme) ? 2 : 1);

/** Columns that a text takes on a terminal. */
export const widthOf = (text: string): number =>
  [...graphemes.segment(text)].reduce((sum, { segment }) => sum + columnsOf(segment), 0);

/** The text, cut with an ellipsis where it takes more than `width` columns. */
export const cut = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let left = width - 1;
  for (const { segment } of graphemes.segment(text)) {
    left -= columnsOf(segment);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept}…`;
};

/** The text, cut in its middle where it takes more than `width` columns: its end may be what changes. */
export const cutInside = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  let end = '';
  for (const { segment } of [...graphemes.segment(text)].reverse()) {
    if (widthOf(segment + end) > width / 3) break;
    end = segment + end;
  }
  return cut(text, width - widthOf(end)) + end;
};

/** A table with a header, columns as wide as their content, lines cut to `width` columns. Cells may hold any text. */
export const table = (header: string[], rows: string[][], width = Infinity): string => {
  const cells = [header, ...rows.map((row) => row.map(clean))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  const line = (row: string[]): string =>
    row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell))).join('  ');
  return cells.map((row) => cut(line(row).trimEnd(), width)).join('\n');
};

/** A time for a table: `2026-11-22 17:53Z`; `never` for null. */
export const minute = (time: string | null): string => (time === null ? 'never' : `${toTheMinute(time)}Z`);
