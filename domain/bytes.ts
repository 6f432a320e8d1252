/** What fits where only so many bytes do, as in a payload of Temporal. */

/** Bytes of a value as JSON in UTF-8. */
export const jsonBytes = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

/** The first entries of a list that fit into so many bytes. */
export const within = <T>(list: T[], bytes: number): T[] => {
  let left = bytes;
  const end = list.findIndex((entry) => (left -= jsonBytes(entry) + 1) < 0);
  return end < 0 ? list : list.slice(0, end);
};

/** A text of at most `limit` UTF-8 bytes, at least 3, cut between characters; what AWS or a collector says may be of any length. */
export const cutText = (text: string, limit = 500): string => {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= limit) return text;
  // The ellipsis takes 3 bytes. A byte 10xxxxxx goes on with a character that began before it.
  let end = limit - 3;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, end))}…`;
};
