/** `npm run bench`: measures ours beside what it is compared with, in one run on one machine. */
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { collection } from './collection.ts';
import { contest, type Contestants } from './contest.ts';
import { unpaced } from './discovery.ts';
import { pacedContest } from './paced.ts';
import { page } from './page.ts';
import { registry } from './registry.ts';
import { reportOf, reportText } from './report.ts';
import { startStand } from './stand.ts';

const USAGE = `Usage: npm run bench -- discovery|collection|registry|page [options]
  --accounts N   accounts (1000)
  --rounds N     rounds, of which the median counts (5)
  --only NAMES   e.g. ours,floor: leaves the others out (naive breaks above 2,000 accounts)
  --paced        discovery only: AWS's latency and pace, beside the limits that each of its parts sets alone
  --again        discovery only: of accounts that are known, where nothing has changed
  --embedded     discovery only: with the worker's own embedded registry
  --json         the figures as JSON on stdout
`;

const BENCHMARKS: Record<string, (variant: { again: boolean; embedded: boolean }) => Contestants> = {
  discovery: unpaced,
  collection: () => collection,
  registry: () => registry,
  page: () => page,
};

const say = (line: string): unknown => process.stderr.write(`${line}\n`);

const count = (name: string, text: string): number => {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new Error(`--${name}: expected a whole number from 1 to 99999, got ${JSON.stringify(text)}`);
};

/** What is asked for. Throws in words what cannot be. */
const read = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      accounts: { type: 'string', default: '1000' },
      rounds: { type: 'string', default: '5' },
      only: { type: 'string' },
      paced: { type: 'boolean', default: false },
      again: { type: 'boolean', default: false },
      embedded: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [name = '', ...others] = positionals;
  const benchmark = BENCHMARKS[name];
  if (!benchmark || others.length > 0) throw new Error(`expected one of ${Object.keys(BENCHMARKS).join(', ')}`);
  if ((values.paced || values.again || values.embedded) && name !== 'discovery')
    throw new Error('--paced, --again, --embedded: only for discovery');
  if (values.paced && (values.again || values.embedded || values.only !== undefined))
    throw new Error('--paced: alone, it has its own comparison; leave out --again, --embedded and --only');
  const contestants = benchmark(values);
  const only = values.only?.split(',') ?? Object.keys(contestants);
  const stranger = only.find((who) => !Object.hasOwn(contestants, who));
  if (stranger !== undefined)
    throw new Error(`--only: expected some of ${Object.keys(contestants).join(', ')}, got ${JSON.stringify(stranger)}`);
  return {
    name,
    contestants: Object.fromEntries(Object.entries(contestants).filter(([who]) => only.includes(who))),
    accounts: count('accounts', values.accounts),
    rounds: count('rounds', values.rounds),
    paced: values.paced,
    json: values.json,
  };
};

const machine = (): string =>
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${String(cpus().length)} × ${cpus()[0]?.model ?? 'CPU'}, ` +
  `${String(Math.round(totalmem() / 2 ** 30))} GiB`;

const measure = async ({
  name,
  contestants,
  accounts,
  rounds,
  paced,
  json,
}: ReturnType<typeof read>): Promise<void> => {
  say(machine());
  const stand = await startStand(accounts);
  try {
    const { results, limitSeconds } = paced
      ? await pacedContest(stand, accounts, rounds, say)
      : { results: await contest(contestants, stand, accounts, rounds, say), limitSeconds: undefined };
    const report = reportOf(name, accounts, results, limitSeconds);
    process.stdout.write(`${json ? JSON.stringify(report) : reportText(report, results)}\n`);
  } finally {
    await stand.stop();
  }
};

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

// At `exit` the stand and Polo end their processes; a signal alone would leave them behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  const wanted = read();
  await measure(wanted).then(
    () => process.exit(),
    (error: unknown) => {
      say(`the benchmark failed: ${wordsOf(error)}`);
      process.exit(1);
    },
  );
} catch (error) {
  process.stderr.write(`${wordsOf(error)}\n\n${USAGE}`);
  process.exit(2);
}
