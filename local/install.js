/**
 * Brings a clone to the state that its scripts need: dependencies of the lockfile, and lib/ built from the sources.
 * Plain JavaScript without dependencies, because it runs before anything is installed. Quick when there is nothing to do.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build, isBuilt } from './build.js';
import { locked, root, say } from './lock.js';

/**
 * @typedef {{ version?: string, dev?: boolean, optional?: boolean, devOptional?: boolean }} LockedPackage
 * @typedef {Record<string, LockedPackage>} Packages
 */

/** The packages of a lockfile, none if there is no such file. */
const packagesOf = (/** @type {string} */ file) => {
  try {
    /** @type {unknown} */
    const lockfile = JSON.parse(readFileSync(path.join(root, file), 'utf8'));
    return /** @type {{ packages: Packages }} */ (lockfile).packages;
  } catch {
    return /** @type {Packages} */ ({});
  }
};

/** True if node_modules is of the lockfile; packages for other platforms, and those for development if unneeded, may miss. */
const isInstalled = (/** @type {boolean} */ forDevelopment, folder = '') => {
  const found = packagesOf(path.join(folder, 'node_modules/.package-lock.json'));
  return Object.entries(packagesOf(path.join(folder, 'package-lock.json')))
    .filter(([name]) => name.startsWith('node_modules/'))
    .every(([name, { version, dev, optional, devOptional }]) => {
      const installed = found[name];
      if (installed) return installed.version === version;
      return optional === true || devOptional === true || (dev === true && !forDevelopment);
    });
};

const npmCi = (folder = '') => {
  say(
    `installing the dependencies of ${path.join(folder, 'package-lock.json')} (npm ci); this takes a minute or two …`,
  );
  const { status, error, stdout, stderr } = spawnSync(
    'npm',
    ['ci', '--include=dev', '--no-progress', '--strict-allow-scripts'],
    {
      cwd: path.join(root, folder),
      encoding: 'utf8',
    },
  );
  if (status === 0) return;
  say(`npm ci failed${error ? `: ${error.message}` : '. It said:'}`);
  process.stderr.write(`${stdout}${stderr}\n`);
  say('Is the npm registry reachable (npm ping)? Then run npm ci by hand to see more.');
  process.exit(1);
};

const checkNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 20)) return;
  say(`Node 20.20 or newer is needed, this is ${process.versions.node}`);
  process.exit(1);
};

/** Installs and builds what is missing. Production needs no development packages where lib/ is already built. */
export const ensureReady = ({ forDevelopment = false } = {}) => {
  checkNode();
  const isReady = () => isInstalled(forDevelopment || !isBuilt()) && isBuilt();
  if (isReady()) return;
  locked('install', () => {
    if (!isInstalled(forDevelopment || !isBuilt())) npmCi();
    if (!isBuilt()) build();
  });
};

/** Installs what is missing for a package of its own, such as infra/polo. */
const ensurePackage = (/** @type {string} */ folder) => {
  checkNode();
  if (!isInstalled(true, folder)) locked('install', () => npmCi(folder));
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder] = process.argv;
  if (folder === undefined) ensureReady({ forDevelopment: true });
  else ensurePackage(folder);
}
