/**
 * `npm run --silent sbom`: what is installed in production, as CycloneDX JSON on stdout. npm makes it, from a copy of the
 * manifests without what only development needs: by itself `npm sbom --omit=dev` leaves out every package that development
 * needs as well, such as zod and Temporal's worker (npm/cli#7909).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLockfile, readManifest } from './lockfiles.ts';

const manifest = { ...readManifest('.'), devDependencies: {} };
const lockfile = readLockfile('.');
const packages = Object.entries(lockfile.packages)
  .filter(([, { dev = false }]) => !dev)
  .map(([path, entry]) => [path, path === '' ? { ...entry, devDependencies: {} } : entry] as const);

const temporary = mkdtempSync(join(tmpdir(), 'polo-sbom-'));
try {
  // The name in the document is the folder's.
  const folder = join(temporary, manifest.name);
  mkdirSync(folder);
  const write = (file: string, content: unknown): void => writeFileSync(join(folder, file), JSON.stringify(content));
  write('package.json', manifest);
  write('package-lock.json', { ...lockfile, packages: Object.fromEntries(packages) });
  const options = ['--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
  const { status } = spawnSync('npm', ['sbom', ...options], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  process.exitCode = status ?? 1;
} finally {
  rmSync(temporary, { recursive: true });
}
