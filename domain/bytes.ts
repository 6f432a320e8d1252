/** What fits where only so many bytes do, as in a payload of Temporal. */

/** Bytes of a value as JSON in UTF-8. */
export const jsonBytes = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

/** The first entries of a list that fit into so many bytes. */
export const within = <T>(list: T[], bytes: number): T[] => {
  let left = bytes;
  const end = list.findIndex((entry) => (left -= jsonBytes(entry) + 1) < 0);
  return end < 0 ? list : list.slice(0, end);
};
