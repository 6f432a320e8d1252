import { setCurrentDetails } from '@temporalio/workflow';
import type { ReadRegistryInput, RegistryPage } from '../domain/contract.ts';
import { readSettings, registryNow } from './activities.ts';
import { parseInput } from './parseInput.ts';

/** Rows of a page unless the caller asks for fewer or more; a page is cut at 200 KiB whatever it holds. */
const PAGE_SIZE = 200;

/** A page of the registry: what the command line and other tools read. Fails with `InvalidInput` or `RegistryUnavailable`. */
export async function readRegistry(input: ReadRegistryInput): Promise<RegistryPage> {
  const { what, accountId, status, after, limit = PAGE_SIZE } = parseInput('readRegistry', input);
  setCurrentDetails(`Reads ${what}${accountId === undefined ? '' : ` of ${accountId}`}.`);
  const page = { limit, ...(after !== undefined && { after }) };
  switch (what) {
    case 'accounts':
      return registryNow.readAccounts({ ...page, ...(status && { status }) });
    case 'history':
      return registryNow.readHistory({ ...page, accountId: accountId ?? '' });
    case 'setup':
      return { setup: { stackSet: (await readSettings()).stackSet } };
    case 'coverage':
      // Runs from before coverage was judged by the worker have asked for this first.
      await readSettings();
      return registryNow.readCoverage(page);
  }
}
