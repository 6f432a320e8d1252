/** One process at a time installs or builds; the others wait for it. */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Talk goes to stderr, one line per step. */
export const say = (/** @type {string} */ text) => process.stderr.write(`polo-accounts: ${text}\n`);

const pause = (/** @type {number} */ ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const isAlive = (/** @type {number} */ pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
};

/** Tries to take the lock; otherwise the id of the process that holds it. */
const take = (/** @type {string} */ file) => {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, file); // fails if it exists, and is never seen without its content
    return undefined;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    return ownerOf(file);
  } finally {
    rmSync(mine);
  }
};

const ownerOf = (/** @type {string} */ file) => {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0; // given back in this moment
  }
};

/**
 * Runs the work while no other process runs work under this name. A lock whose process is gone is taken over.
 * @param {string} name
 * @param {() => void} work
 */
export const locked = (name, work) => {
  const file = path.join(root, '.polo', `${name}.lock`);
  mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  for (let owner = take(file); owner !== undefined; owner = take(file)) {
    if (owner !== 0 && !isAlive(owner)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told && owner !== 0) say(`process ${owner} is at it already; waiting (if that is wrong, remove ${file})`);
    told ||= owner !== 0;
    pause(250);
  }
  try {
    work();
  } finally {
    rmSync(file, { force: true });
  }
};
