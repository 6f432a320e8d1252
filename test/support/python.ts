/** A Python with given packages, kept in the cache: made once, by `python3 -m venv` and pip. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, ownEnvironment } from '../../local/environment.ts';

const run = async (command: string, ...args: string[]): Promise<void> => {
  try {
    await promisify(execFile)(command, args, { env: ownEnvironment({}) });
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${message}\n${stdout}${stderr}\nOn Debian, apt-get install python3-venv makes it possible.`, {
      cause: error,
    });
  }
};

/** The path of a Python that has these packages, each given as `name==version`. Throws where it can't be made. */
export const pythonWith = async (packages: string[]): Promise<string> => {
  const folder = join(cacheFolder(), `python-${packages.join('-').replaceAll('==', '-')}`);
  const python = join(folder, 'bin/python');
  const works = (): Promise<boolean> =>
    run(python, '-m', 'pip', 'show', '--quiet', ...packages.map((name) => name.replace(/==.*/, ''))).then(
      () => true,
      () => false,
    );
  if (await works()) return python;
  await mkdir(cacheFolder(), { recursive: true });
  const made = await mkdtemp(`${folder}-`);
  try {
    await run('python3', '-m', 'venv', made);
    await run(join(made, 'bin/python'), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages);
    // One whose Python is gone; another process may just have put its own here.
    await rm(folder, { recursive: true, force: true });
    await rename(made, folder);
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    if (!(await works())) throw error;
  }
  return python;
};
