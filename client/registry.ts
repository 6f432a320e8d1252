/** Reading the registry through Temporal, page by page. */
import { randomUUID } from 'node:crypto';
import type {
  AccountEvent,
  AccountRow,
  Coverage,
  PoloStatus,
  ReadRegistryInput,
  RegistryPage,
} from '../domain/contract.ts';
import { userName } from './arguments.ts';
import { runWorkflow, type Desk } from './workflows.ts';

/** An abandoned read is given up by Temporal after an hour. */
const READ_TIMEOUT = 3_600_000;

const readPages = async (
  { client, taskQueue, watch: { notice } }: Desk,
  question: ReadRegistryInput,
): Promise<RegistryPage[]> => {
  // Nothing that a user would want to follow, only the hint that no worker answers.
  const desk = { client, taskQueue, watch: notice ? { notice } : {} };
  const pages: RegistryPage[] = [];
  let after: string | undefined;
  do {
    const page = await runWorkflow<RegistryPage>(desk, {
      type: 'readRegistry',
      workflowId: `read-registry/${randomUUID()}`,
      input: { ...question, ...(after !== undefined && { after }) } satisfies ReadRegistryInput,
      summary: `${question.what} for ${userName()}`,
      timeout: READ_TIMEOUT,
    });
    pages.push(page);
    after = page.next;
  } while (after !== undefined);
  return pages;
};

/** All accounts, or those with a status, in the registry's order. */
export const readAllAccounts = async (desk: Desk, status?: PoloStatus): Promise<AccountRow[]> => {
  const pages = await readPages(desk, { what: 'accounts', ...(status && { status }) });
  return pages.flatMap(({ accounts }) => accounts ?? []);
};

/** The history of one account, in the registry's order. */
export const readHistory = async (desk: Desk, accountId: string): Promise<AccountEvent[]> => {
  const pages = await readPages(desk, { what: 'history', accountId });
  return pages.flatMap(({ history }) => history ?? []);
};

/** For a page without what was asked for. */
const lacking = (what: string): Error =>
  new Error(
    `readRegistry: expected ${what}, got a page without it. ` +
      'Next: polo-accounts doctor; upgrade a worker that is of another version than this command.',
  );

/** Coverage with the gaps of all pages; counts and sentence are those of the first. */
export const readCoverage = async (desk: Desk): Promise<Coverage> => {
  const pages = await readPages(desk, { what: 'coverage' });
  const all = pages.flatMap(({ coverage }) => coverage ?? []);
  const [first] = all;
  if (!first) throw lacking('coverage');
  return {
    ...first,
    gaps: all.flatMap(({ gaps }) => gaps),
    lesserGaps: all.flatMap(({ lesserGaps }) => lesserGaps),
  };
};

/** What instructions to set up an account have to name. */
export const readSetup = async (desk: Desk): Promise<NonNullable<RegistryPage['setup']>> => {
  const [page] = await readPages(desk, { what: 'setup' });
  if (!page?.setup) throw lacking('setup');
  return page.setup;
};
