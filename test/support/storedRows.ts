/** The rows of a registry that no worker tells: of a database, or of the embedded one of a worker that is dead. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { AccountRow } from '../../domain/contract.ts';
import { readAccounts } from '../../registry/accounts.ts';
import type { Database } from '../../registry/client.ts';

const PROCESS = fileURLToPath(new URL('./storedRowsProcess.ts', import.meta.url));

/** All rows. */
export const storedRows = async (database: Database): Promise<AccountRow[]> => {
  const found: AccountRow[] = [];
  for (let after: string | undefined = ''; after !== undefined;) {
    const page: Awaited<ReturnType<typeof readAccounts>> = await readAccounts(database, { limit: 1_000, after });
    found.push(...page.accounts);
    after = page.next;
  }
  return found;
};

/** All rows in a directory (POLO_DATA_DIR). A process of its own reads them, since a process can use one directory only. */
export const embeddedRows = async (dataDir: string): Promise<AccountRow[]> => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROCESS, dataDir], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout) as AccountRow[];
};
