/** `npm start`: Polo's accounts on one machine, on a simulated AWS organization, with nothing set up before (design 7). */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { accountsTable } from '../client/accounts.ts';
import { discoveryLine, discoveryText, runDiscovery } from '../client/discovery.ts';
import { failureOf } from '../client/failures.ts';
import { clean } from '../client/output.ts';
import { readAllAccounts, readCoverage } from '../client/registry.ts';
import { outputWidth, say, showProgress } from '../client/terminal.ts';
import { TASK_QUEUE } from '../domain/contract.ts';
import { AlreadyRunning, claim, type Claim } from './claim.ts';
import { collectionText, collectNow } from './collection.ts';
import { startDemo, type Demo } from './demo.ts';
import { dataFolder } from './environment.ts';
import { findTemporal } from './findTemporal.ts';

const USAGE = `Usage: npm start [-- --once]
  --once   one discovery and one collection, then stop everything; exit code 0 if the discovery was complete and no
           account failed

Runs a Temporal server, a simulated AWS organization, the worker and an example collector on this machine, and keeps
their data in .polo (POLO_DATA_DIR). Never touches a real AWS account. Ctrl-C stops everything; the next start goes on where this one ended.`;

const EXIT = { good: 0, failed: 1, usage: 2 } as const;

const print = (text: string): boolean => process.stdout.write(`${text}\n`);

/** One discovery and one collection with live progress, the accounts and the coverage; true if nothing failed. */
const discoverAndCollect = async ({ temporalAddress }: Demo): Promise<boolean> => {
  const connection = await Connection.connect({ address: temporalAddress });
  try {
    const watch = { progress: showProgress, notice: say };
    const desk = { client: new Client({ connection }), taskQueue: TASK_QUEUE, watch };
    say('Discovering all accounts of the simulated organization …');
    const result = await runDiscovery(desk, {});
    const complete = result.complete && result.failed === 0;
    say(complete ? discoveryLine(result) : discoveryText(result));
    say('Collecting from all active accounts with the example collector …');
    const collection = await collectNow(desk);
    say(...collectionText(collection).split('\n'));
    print(`\n${accountsTable(await readAllAccounts(desk), outputWidth())}\n`);
    print(clean((await readCoverage(desk)).sentence));
    return complete && collection.failed === 0;
  } finally {
    await connection.close();
  }
};

const links = ({ temporalAddress, temporalUiUrl, statusUrl, sandboxUrl, logFolder }: Demo): string => `
Page          ${statusUrl}/
Temporal UI   ${temporalUiUrl}
Sandbox       ${sandboxUrl}/_sandbox/accounts
Logs          ${logFolder}
Command line  TEMPORAL_ADDRESS=${temporalAddress} npx polo-accounts coverage

Ctrl-C stops everything; the next npm start goes on from here.`;

/** Starts, discovers and, unless `once`, goes on until `interruption`. Returns the exit code. */
const run = async (folder: string, once: boolean, interruption: AbortSignal): Promise<number> => {
  const interrupted = new Promise<never>((_, reject) => {
    interruption.addEventListener('abort', () => reject(new Error('interrupted')));
  });
  let claimed: Claim | undefined;
  let demo: Demo | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    claimed = await Promise.race([claim(folder, say), interrupted]);
    const temporalBinary = await Promise.race([findTemporal(say), interrupted]);
    say('Starting Temporal, the simulated organization, the worker and the example collector …');
    demo = await startDemo({ dataFolder: folder, temporalBinary, remember: claimed.remember, signal: interruption });
    const orElse = [interrupted, demo.failed];
    const allWell = await Promise.race([discoverAndCollect(demo), ...orElse]);
    if (once) return allWell ? EXIT.good : EXIT.failed;
    print(links(demo));
    return await Promise.race(orElse);
  } catch (error) {
    if (error instanceof AlreadyRunning) {
      say(error.message);
      return EXIT.usage;
    }
    if (interruption.aborted) return once ? EXIT.failed : EXIT.good;
    const { code, message } = failureOf(error);
    say(...(code === 'Unexpected' ? message : `${code}: ${message}`).split('\n'));
    return EXIT.failed;
  } finally {
    if (demo) say('Stopping the workers, the simulated organization and Temporal …');
    await demo?.stop();
    claimed?.release();
  }
};

let interruptedAt: number | undefined;

/** The first signal stops everything in order, a later one at once. npm repeats what the terminal has sent already. */
const interrupt = (interruption: AbortController): void => {
  interruptedAt ??= Date.now();
  if (Date.now() - interruptedAt > 1_000) process.exit(EXIT.failed);
  interruption.abort();
};

const main = async (): Promise<number> => {
  let once: boolean;
  try {
    const options = { once: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } as const;
    const { values } = parseArgs({ options });
    if (values.help) {
      print(USAGE);
      return EXIT.good;
    }
    once = values.once;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), '', ...USAGE.split('\n'));
    return EXIT.usage;
  }
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt(interruption));
  return run(dataFolder(), once, interruption.signal);
};

process.exit(await main());
