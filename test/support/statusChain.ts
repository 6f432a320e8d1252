import type { AccountEvent, AccountRow } from '../../domain/contract.ts';

/** Where an event of an account doesn't begin with the status that the one before ended with, or the row doesn't end the chain. */
export const statusBreaks = (history: AccountEvent[], row: AccountRow | undefined): string[] => {
  const steps = history.filter(({ to_status }) => to_status !== '').sort((a, b) => a.at.localeCompare(b.at));
  const ends = ['', ...steps.map(({ to_status }) => to_status)];
  const begins = [...steps.map(({ from_status }) => from_status), row?.polo_status ?? ''];
  return begins.flatMap((begin, index) =>
    begin === ends[index] ? [] : [`status: ${begin} follows ${String(ends[index])}`],
  );
};
