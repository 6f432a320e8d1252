/** Finds a Temporal CLI, or gets one: the first of five ways that gives a working one. */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, ownEnvironment, wantedTemporal } from './environment.ts';

/** The version that is downloaded or built; others that bring a new enough server are used where they are. */
const VERSION = 'v1.5.1';

/** The first server with everything that Polo uses. */
const LEAST_SERVER = [1, 28] as const;

const REMEDY =
  'Install the Temporal CLI (https://docs.temporal.io/cli) and put it on PATH, or name it in TEMPORAL_CLI.';

/** How often a long build tells that it goes on, in milliseconds. */
const SIGN_OF_LIFE = 30_000;

/** The path of a Temporal CLI that works, or its name if it is on PATH. `say` hears every step; throws if nothing helps. */
export const findTemporal = async (say: (line: string) => void): Promise<string> => {
  const wanted = wantedTemporal();
  if (wanted !== undefined) {
    const problem = await problemOf(wanted);
    if (problem === undefined) return wanted;
    throw new Error(`TEMPORAL_CLI does not help: ${problem}. Unset it, or name a working Temporal CLI.`);
  }
  const cached = join(cacheFolder(), `temporal-${VERSION.slice(1)}`, 'temporal');
  for (const binary of ['temporal', cached]) {
    const problem = await problemOf(binary);
    if (problem === undefined) return binary;
    if (!problem.includes('ENOENT')) say(`Not used: ${problem}.`);
  }
  for (const [step, get] of [
    [`No Temporal CLI here: downloading ${VERSION} …`, download],
    [
      `Building it instead: go install github.com/temporalio/cli/cmd/temporal@${VERSION}, about five minutes …`,
      goInstall,
    ],
  ] as const) {
    say(step);
    try {
      await get(cached, say);
      const problem = await problemOf(cached);
      if (problem === undefined) return cached;
      say(`That does not work: ${problem}.`);
    } catch (error) {
      say(`That failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`There is no Temporal server to start. ${REMEDY}`);
};

/** Why a binary is of no use, undefined if it is. */
const problemOf = async (binary: string): Promise<string | undefined> => {
  try {
    const { stdout } = await promisify(execFile)(binary, ['--version'], { timeout: 20_000 });
    const [, major, minor] = /\(Server (\d+)\.(\d+)/.exec(stdout)?.map(Number) ?? [];
    if (major === undefined || minor === undefined)
      return `${binary} is no Temporal CLI: ${stdout.slice(0, 80).split('\n', 1).join('')}`;
    const [leastMajor, leastMinor] = LEAST_SERVER;
    if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
    return `${binary} brings server ${major}.${minor}, older than ${LEAST_SERVER.join('.')}`;
  } catch (error) {
    return `${binary} --version fails: ${error instanceof Error ? error.message.trim() : String(error)}`;
  }
};

/** The download of Temporal's own SDK. It starts what it gets, which is as good a check as any. */
const download = async (target: string): Promise<void> => {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  await intoPlace(target, async (folder) => {
    const executable = { type: 'cached-download', version: VERSION, downloadDir: folder } as const;
    const server = await TestWorkflowEnvironment.createLocal({ server: { ip: '127.0.0.1', executable } });
    await server.teardown();
  });
};

const goInstall = (target: string, say: (line: string) => void): Promise<void> =>
  intoPlace(target, async (folder) => {
    const started = Date.now();
    const timer = setInterval(() => {
      say(`… still building, ${Math.round((Date.now() - started) / 1_000)} s`);
    }, SIGN_OF_LIFE);
    try {
      await goInstallInto(folder);
    } finally {
      clearInterval(timer);
    }
  });

const goInstallInto = (folder: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const go = spawn('go', ['install', `github.com/temporalio/cli/cmd/temporal@${VERSION}`], {
      cwd: folder,
      env: ownEnvironment({ GOBIN: folder }),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const stop = (): boolean => go.kill();
    process.once('exit', stop);
    let words = '';
    go.stderr.on('data', (chunk) => (words = `${words}${String(chunk)}`.slice(-2_000)));
    go.on('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(error.code === 'ENOENT' ? 'there is no go on PATH (https://go.dev/dl)' : error.message));
    });
    go.on('close', (code) => {
      process.off('exit', stop);
      if (code === 0) resolve();
      else reject(new Error(`go ended with exit code ${String(code)}: ${words.trim()}`));
    });
  });

/** Lets `get` put one file into an empty folder, and moves it to the target: a target is never half there. */
const intoPlace = async (target: string, get: (folder: string) => Promise<void>): Promise<void> => {
  await mkdir(join(target, '..'), { recursive: true });
  const folder = await mkdtemp(`${target}-`);
  try {
    await get(folder);
    const [file] = await readdir(folder);
    if (file === undefined) throw new Error('nothing was there afterwards');
    await rename(join(folder, file), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
