/**
 * Builds lib/: compiled sources, the registry's SQL, the page's style and the prebundled workflows.
 * `node local/build.js` always builds; with `--if-stale` only if lib/ is not of these sources.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { locked, root, say } from './lock.js';

const lib = path.join(root, 'lib');
const stamp = path.join(lib, '.sources');
const compiler = path.join(root, 'node_modules/typescript/bin/tsc');

const NOT_SOURCES = new Set(['node_modules', 'lib', 'test', 'bench', 'infra', 'operations', 'supply']);

/** What the build copies as it is. */
const isCopied = (/** @type {string} */ file) =>
  /^registry\/.*\.sql$|^page\/.*\.(css|svg)$/.test(file) || file === 'local/tether.js';

/**
 * Every file that the build depends on, relative to the root.
 * @returns {string[]}
 */
const sources = (folder = '') =>
  readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return NOT_SOURCES.has(entry.name) || entry.name.startsWith('.') ? [] : sources(file);
    return /\.tsx?$/.test(file) || isCopied(file) || BUILD_FILES.includes(file) ? [file] : [];
  });
const BUILD_FILES = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'local/build.js'];

const digest = () => {
  const hash = createHash('sha256');
  for (const file of sources().sort()) hash.update(`${file}\0`).update(readFileSync(path.join(root, file)));
  return hash.digest('hex');
};

/** True if lib/ was built from just these sources, or if there are none, as in an image that holds lib/ only. */
export const isBuilt = () => {
  if (!existsSync(stamp)) return false;
  return !existsSync(path.join(root, 'worker/main.ts')) || readFileSync(stamp, 'utf8') === digest();
};

const run = (/** @type {string[]} */ ...args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  say(`the build failed in ${args.map((arg) => path.relative(root, arg) || arg).join(' ')}; see above`);
  process.exit(1);
};

/** Builds lib/ anew; ends the process where that fails. */
export const build = () =>
  locked('build', () => {
    say('building lib/ …');
    const from = digest();
    rmSync(lib, { recursive: true, force: true });
    run(compiler, '-p', path.join(root, 'tsconfig.build.json'));
    for (const file of sources().filter(isCopied)) {
      mkdirSync(path.dirname(path.join(lib, file)), { recursive: true });
      copyFileSync(path.join(root, file), path.join(lib, file));
    }
    run(path.join(lib, 'worker/bundle.js'));
    chmodSync(path.join(lib, 'client/main.js'), 0o755);
    writeFileSync(stamp, from);
  });

/** Lets `npx polo-accounts` find the command in a clone; otherwise npx installs the whole clone into its cache first. */
export const linkCommand = () => {
  const commands = path.join(root, 'node_modules/.bin');
  const link = path.join(commands, 'polo-accounts');
  if (process.platform === 'win32' || !existsSync(commands) || lstatSync(link, { throwIfNoEntry: false })) return;
  symlinkSync('../../lib/client/main.js', link);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes('--if-stale')) build();
  else if (!isBuilt() && existsSync(compiler)) build();
  else if (!isBuilt()) say('lib/ is not built: TypeScript is not installed (npm ci --omit=dev)');
  linkCommand();
}
