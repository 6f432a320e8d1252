/**
 * `node local/run.js <module> [argument…]`: installs and builds what is missing, then runs lib/<module>.js in this process,
 * so that signals from npm, a container or a terminal reach it directly.
 */
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { ensureReady } from './install.js';
import { root } from './lock.js';

const [node = '', , module = '', ...args] = process.argv;
const main = path.join(root, 'lib', `${module}.js`);
ensureReady({ forDevelopment: module.startsWith('local/') });
process.argv = [node, main, ...args];
await import(pathToFileURL(main).href);
