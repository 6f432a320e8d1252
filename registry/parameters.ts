/** Lists on their way into a query. ClickHouse allows 128 KiB for a parameter, so a longer list travels as several. */
import { jsonBytes, within } from '../domain/bytes.ts';

/** Most bytes of a list in one parameter, as JSON: ClickHouse's own way to write it may take two for a quote that takes one there. */
const LIST_BYTES = 64 * 1024;

/** The same query with every `{name:Array(String)}` of a long list put together from parameters that are short enough. */
export const inParts = (
  query: string,
  params: Record<string, unknown>,
): { query: string; params: Record<string, unknown> } => {
  const sent: Record<string, unknown> = {};
  let text = query;
  for (const [name, value] of Object.entries(params)) {
    if (!Array.isArray(value) || jsonBytes(value) <= LIST_BYTES) {
      sent[name] = value;
      continue;
    }
    const parts = cut(value).map((part, index) => {
      sent[`${name}_${String(index)}`] = part;
      return `{${name}_${String(index)}:Array(String)}`;
    });
    text = text.replaceAll(`{${name}:Array(String)}`, `arrayConcat(${parts.join(', ')})`);
  }
  return { query: text, params: sent };
};

/** The list in pieces that fit; an entry that doesn't fit by itself is a piece of its own. */
const cut = (list: unknown[]): unknown[][] => {
  const pieces: unknown[][] = [];
  for (let left = list; left.length > 0;) {
    const piece = left.slice(0, Math.max(1, within(left, LIST_BYTES).length));
    pieces.push(piece);
    left = left.slice(piece.length);
  }
  return pieces;
};
