/** How much the tests of faults do: little in `npm test`, much more in `npm run test:faults`. */
export const long = process.env['POLO_TEST_LONG'] === '1';

export const SCALE = long
  ? { races: 5, killedAccounts: 300, sharedAccounts: 300, kills: 10, killsAtOnce: 3, workerStarts: 10 }
  : { races: 1, killedAccounts: 100, sharedAccounts: 50, kills: 2, killsAtOnce: 2, workerStarts: 2 };

/** For `this.timeout`: generous, since a machine may be busy and nothing here is about speed. */
export const TIMEOUT = long ? 3_600_000 : 240_000;

/** What chance begins with in this run; POLO_TEST_SEED repeats an earlier one. */
export const SEED = Number(process.env['POLO_TEST_SEED'] ?? Date.now() % 1_000_000);
