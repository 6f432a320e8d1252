/** The addresses of the page: what each asks the registry, and in which form it answers. */
import { readFileSync } from 'node:fs';
import type { AccountRow, Coverage } from '../domain/contract.ts';
import { coverageHistory, type CoverageChanges } from '../domain/coverageHistory.ts';
import { coveragePage } from '../registry/coverage.ts';
import { isRegistryError } from '../registry/errors.ts';
import type { Registry } from '../registry/registry.ts';
import { log } from '../worker/logging.ts';
import type { Reply, Route } from '../worker/statusServer.ts';
import { accountPage } from './account.tsx';
import { ACCOUNTS_SHOWN } from './accounts.tsx';
import { refusedPage, registryDownPage } from './failures.tsx';
import { EVENTS_SHOWN } from './history.tsx';
import { overviewPage } from './overview.tsx';
import { ACCOUNT_QUERY, ACCOUNTS_QUERY, BadQuery, COVERAGE_QUERY, OVERVIEW_QUERY, readQuery } from './query.ts';
import { freshForAll, sharedAnswers } from './sharing.ts';
import type { Site } from './site.ts';

/** Where the page's content comes from; every call may throw RegistryErrors. */
export interface Source {
  registry: Pick<Registry, 'readAccounts' | 'countAccounts' | 'readHistory' | 'readCoverageChanges' | 'loadAccount'>;
  coverage: () => Promise<Coverage>;
}

const html = (body: string, status = 200): Reply => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body,
});

const json = (value: object, status = 200): Reply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: `${JSON.stringify(value)}\n`,
});

/** The parts of the style sheet; later ones win. */
const STYLE = ['colours', 'base', 'banner', 'picture', 'gaps', 'tables', 'narrow', 'print'];

const files = (names: string[], type: string): Reply => ({
  status: 200,
  headers: { 'content-type': type },
  body: names.map((name) => readFileSync(new URL(name, import.meta.url), 'utf8')).join('\n'),
});

/** What answers are made of. */
interface Readings {
  registry: Pick<Registry, 'readAccounts' | 'countAccounts' | 'readHistory' | 'loadAccount'>;
  coverage: () => Promise<Coverage>;
  changes: () => Promise<CoverageChanges | undefined>;
}

/** Logs when the registry stops answering the page, and when it answers again, rather than every request. */
const registryWatch = (): ((error?: unknown) => void) => {
  let away = false;
  return (error) => {
    const before = away;
    away = error !== undefined;
    if (away && !before) log('warn', 'the page cannot read the registry', { error });
    if (before && !away) log('info', 'the page can read the registry again');
  };
};

/** The route table. `source` throws a RegistryError while the registry is not open yet. */
export const pageRoutes = (site: Site, source: () => Source): Route[] => {
  const share = sharedAnswers<Reply>();
  const noteRegistry = registryWatch();
  const coverage = freshForAll(async () => source().coverage());
  const changes = freshForAll(async () => source().registry.readCoverageChanges(Date.now()));
  const style = files(
    STYLE.map((name) => `style/${name}.css`),
    'text/css; charset=utf-8',
  );
  const icon = files(['favicon.svg'], 'image/svg+xml');

  const route = (
    path: RegExp,
    answer: (from: Readings, url: URL, match: RegExpExecArray) => Promise<Reply>,
    failed: (error: unknown) => Reply,
  ): Route => ({
    path,
    answer: (url, match) =>
      share(url.pathname + url.search, async () => {
        try {
          const reply = await answer({ registry: source().registry, coverage, changes }, url, match);
          noteRegistry();
          return reply;
        } catch (error) {
          if (isRegistryError(error)) noteRegistry(error);
          return failed(error);
        }
      }),
  });

  const failedPage = (error: unknown): Reply => {
    if (isRegistryError(error)) return html(registryDownPage(error, site), 503);
    if (error instanceof BadQuery) return html(refusedPage('This address asks for nothing', error.message, site), 400);
    throw error;
  };
  const failedData = (error: unknown): Reply => {
    if (!isRegistryError(error) && !(error instanceof BadQuery)) throw error;
    const { code, message } = error;
    return json({ error: { code, message } }, error instanceof BadQuery ? 400 : 503);
  };

  return [
    route(/\//, async (from, url) => html(await overview(from, url, site)), failedPage),
    route(/\/accounts\/(\d{12})/, (from, url, [, id = '']) => account(from, url, id, site), failedPage),
    route(/\/coverage\.json/, async (from, url) => json(await coverageData(from, url)), failedData),
    route(/\/accounts\.json/, async (from, url) => json(await accountsData(from, url)), failedData),
    { path: /\/style\.css/, answer: () => style },
    { path: /\/favicon\.svg/, answer: () => icon },
  ];
};

const overview = async (
  { registry, coverage: readCoverage, changes: readChanges }: Readings,
  url: URL,
  site: Site,
): Promise<string> => {
  const { q: search, ...rest } = readQuery(OVERVIEW_QUERY, url);
  const choice = { ...rest, ...(search !== undefined && { search }) };
  const [coverage, changes, { accounts: rows, next }, counts] = await Promise.all([
    readCoverage(),
    readChanges(),
    registry.readAccounts({ ...choice, limit: ACCOUNTS_SHOWN }),
    registry.countAccounts(choice),
  ]);
  return overviewPage(
    {
      coverage,
      ...(changes && { history: coverageHistory(changes, coverage.accountsByStatus) }),
      choice,
      found: { rows, ...counts, ...(next !== undefined && { next }) },
    },
    site,
  );
};

const account = async (
  { registry, coverage: readCoverage }: Readings,
  url: URL,
  id: string,
  site: Site,
): Promise<Reply> => {
  const { after } = readQuery(ACCOUNT_QUERY, url);
  const [{ row, ...record }, { gaps, lesserGaps }, { history, next }] = await Promise.all([
    registry.loadAccount(id),
    readCoverage(),
    registry.readHistory({
      accountId: id,
      limit: EVENTS_SHOWN,
      newestFirst: true,
      ...(after !== undefined && { after }),
    }),
  ]);
  if (!row) {
    const message = `Polo knows no account ${id}. If it was just created: polo-accounts discover --account ${id}.`;
    return html(refusedPage('No such account', message, site), 404);
  }
  const gap = [...gaps, ...lesserGaps].find(({ account_id }) => account_id === id);
  const view = { record: { ...record, row }, history, now: Date.now() };
  return html(accountPage({ ...view, ...(gap && { gap }), ...(next !== undefined && { next }) }, site));
};

/** The model, with a page of its gaps. */
const coverageData = async ({ coverage }: Readings, url: URL): Promise<Coverage & { next?: string }> => {
  const query = readQuery(COVERAGE_QUERY, url);
  const { coverage: paged, ...rest } = coveragePage(await coverage(), query);
  return { ...paged, ...rest };
};

/** Rows with the registry's columns; `total` is how many there are on all pages. */
const accountsData = async (
  { registry }: Readings,
  url: URL,
): Promise<{ accounts: AccountRow[]; total: number; next?: string }> => {
  const query = readQuery(ACCOUNTS_QUERY, url);
  const [{ accounts, ...rest }, { total }] = await Promise.all([
    registry.readAccounts(query),
    registry.countAccounts(query),
  ]);
  return { accounts, total, ...rest };
};
