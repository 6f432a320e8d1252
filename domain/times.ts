/** Times and durations as people read them. */

/** In milliseconds, as all durations are. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** An age in the largest unit that leaves at least one whole: `6 days`, `25 h`, `4 min`. */
export const age = (milliseconds: number): string => {
  if (milliseconds >= 2 * DAY) return `${String(Math.floor(milliseconds / DAY))} days`;
  if (milliseconds >= HOUR) return `${String(Math.floor(milliseconds / HOUR))} h`;
  return `${String(Math.max(0, Math.floor(milliseconds / MINUTE)))} min`;
};

/** A time (ISO 8601) to the minute: `2026-11-22 09:07`, in UTC as it came. */
export const minute = (time: string): string => time.slice(0, 16).replace('T', ' ');

/** A duration for people: `40 s`, `2 min`, `1 h 5 min`. */
export const spell = (milliseconds: number): string => {
  const seconds = Math.floor(milliseconds / 1_000);
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min`;
  const hours = `${String(Math.floor(minutes / 60))} h`;
  return minutes % 60 === 0 ? hours : `${hours} ${String(minutes % 60)} min`;
};
