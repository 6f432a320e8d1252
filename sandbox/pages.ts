/** Pages of a long list, each but the last with a token for the next one. */

/** Where in a list a page begins. `gap` is the index before which one empty page is served, as AWS sometimes does. */
export interface Position {
  at: number;
  page: number;
  gap?: number;
}

/** A page, and where the next one begins if there is one. */
export interface Page<T> {
  items: T[];
  next?: Position;
}

/** Turns a position into a token that only the same `list` takes back. */
export const encodeToken = (list: string, position: Position): string =>
  Buffer.from(JSON.stringify({ list, ...position })).toString('base64');

/** The position in a token; undefined if it is none of this list's. */
export const decodeToken = (list: string, token: string): Position | undefined => {
  try {
    const parsed = JSON.parse(Buffer.from(token, 'base64').toString()) as Position & { list: string };
    return parsed.list === list && Number.isInteger(parsed.at) ? parsed : undefined;
  } catch {
    return undefined;
  }
};

/** Up to `limit` elements from `position` on that `keep` accepts; elements from `end` on don't exist. */
export const takePage = <T>(
  list: readonly T[],
  { at, page, gap }: Position,
  limit: number,
  keep: (item: T) => boolean = () => true,
  end = list.length,
): Page<T> => {
  const items: T[] = [];
  if (at === gap) return at < end ? { items, next: { at, page: page + 1 } } : { items };
  const stop = Math.min(end, gap ?? end);
  let index = at;
  for (; index < stop && items.length < limit; index++) {
    const item = list[index];
    if (item !== undefined && keep(item)) items.push(item);
  }
  if (index >= end && index !== gap) return { items };
  return { items, next: { at: index, page: page + 1, ...(gap !== undefined && { gap }) } };
};

/** Where the empty page of a list belongs: about the middle, between two full pages if it has so many. */
export const middle = (length: number, limit: number): number =>
  length > limit ? Math.ceil(length / 2 / limit) * limit : Math.ceil(length / 2);
