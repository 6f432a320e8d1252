/** How statuses and counts are told to people. */
import type { PoloStatus } from './contract.ts';

/** A status as people read it: `pending setup`. */
export const statusWords = (status: PoloStatus): string => status.replace('_', ' ');

/** `1 account`, `2 accounts`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${String(count)} ${count === 1 ? one : many}`;
