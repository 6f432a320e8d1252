/** Breaks one place in a copy of the project, and sees whether the test notices that has to. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { occurrences, type Breakage } from './list.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What comes of an attempt; `words` is what the test said, or why there is nothing to be learnt. */
export interface Outcome {
  result: 'caught' | 'survived' | 'no answer';
  words: string;
}

/** A test as mocha's `json` reporter tells of it. */
interface Told {
  title: string;
  err: { message?: string };
}

/** Makes the one change in a copy, and runs the file of the catching test there. */
export const attempt = async (breakage: Breakage): Promise<Outcome> => {
  const folder = await mkdtemp(join(tmpdir(), 'polo-broken-'));
  try {
    await copyProject(folder);
    await breakIn(folder, breakage);
    const { file } = breakage.caughtBy;
    // All other tests may need what is built.
    if (!file.startsWith('test/unit/')) await run(folder, ['local/build.js'], 'it does not even build');
    return judge(await runTests(folder, file), breakage.caughtBy.test);
  } catch (error) {
    return { result: 'no answer', words: error instanceof Error ? error.message : String(error) };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
};

/** What a copy shares with the original, and what it makes for itself. */
const INSTALLED = ['node_modules', 'infra/polo/node_modules'];
const LEFT_OUT = new Set([...INSTALLED, '.git', '.polo', 'lib', 'coverage', 'infra/polo/cdk.out']);

const copyProject = async (folder: string): Promise<void> => {
  await cp(ROOT, folder, { recursive: true, filter: (source) => !LEFT_OUT.has(relative(ROOT, source)) });
  for (const shared of INSTALLED) await symlink(join(ROOT, shared), join(folder, shared));
};

const breakIn = async (folder: string, { file, text, becomes }: Breakage): Promise<void> => {
  const source = await readFile(join(folder, file), 'utf8');
  const found = occurrences(source, text);
  if (found !== 1) throw new Error(`${file} has the text ${String(found)} times, expected once: ${text}`);
  await writeFile(
    join(folder, file),
    source.replace(text, () => becomes),
  );
};

/** However a test hangs, it is over after this, in milliseconds. */
const PATIENCE = 900_000;

const run = async (folder: string, args: string[], failing: string): Promise<void> => {
  const options = { cwd: folder, timeout: PATIENCE, killSignal: 'SIGKILL', maxBuffer: 2 ** 28 } as const;
  await promisify(execFile)(process.execPath, args, options).catch((error: unknown) => {
    const { stdout = '', stderr = '' } = Object(error) as { stdout?: string; stderr?: string };
    throw new Error(`${failing}: ${`${stdout}${stderr}`.trim().slice(-1_000)}`, { cause: error });
  });
};

const runTests = async (folder: string, file: string): Promise<{ passes: Told[]; failures: Told[] }> => {
  const report = join(folder, 'breakage.json');
  const mocha = ['node_modules/mocha/bin/mocha.js', '--reporter', 'json', '--reporter-option', `output=${report}`];
  const ended = run(folder, [...mocha, '--exit', file], 'the tests did not end well');
  // It ends with the number of failures, which are wanted here.
  const failed = await ended.then(
    () => undefined,
    (error: unknown) => error,
  );
  const text = await readFile(report, 'utf8').catch(() => {
    throw failed;
  });
  return JSON.parse(text) as { passes: Told[]; failures: Told[] };
};

/** Only a failure of the test itself counts: one of what comes before it proves nothing about it. */
const judge = ({ passes, failures }: { passes: Told[]; failures: Told[] }, test: string): Outcome => {
  const isMeant = ({ title }: Told): boolean => titlePattern(test).test(title);
  const caught = failures.find(isMeant);
  if (caught) return { result: 'caught', words: wordsOf(caught) };
  if (passes.some(isMeant)) return { result: 'survived', words: 'the test passes all the same' };
  const [first] = failures;
  return { result: 'no answer', words: first ? `${first.title}: ${wordsOf(first)}` : 'there is no such test' };
};

/** The title of a test that is declared for several cases has the case in the place of `${…}`. */
const titlePattern = (test: string): RegExp => {
  const parts = test.split(/\$\{\w+\}/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`, 's');
};

const wordsOf = ({ err }: Told): string => (err.message ?? '').trim().replace(/\s+/g, ' ').slice(0, 200);
