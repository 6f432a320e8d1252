/** What the lockfiles install: every package, direct or not, for every platform. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The folders that have a package.json and a lockfile, relative to the root. */
export const FOLDERS = ['.', 'infra/polo'] as const;

/** A package of a lockfile. */
export interface LockedPackage {
  name: string;
  version: string;
  /** As its manifest says it, an SPDX expression; absent where npm can't read it there. */
  licence?: string;
  /** True for one that only development needs. */
  development: boolean;
  /** True for one that wants to run a script when it is installed. */
  installScript: boolean;
}

/** A package as npm writes it; a flag is absent where it doesn't hold. */
interface Entry {
  version: string;
  license?: string;
  dev?: boolean;
  hasInstallScript?: boolean;
}

/** The fields of a package.json that name other packages. */
export interface Manifest {
  name: string;
  version: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  /** Names, and whether their install scripts may run. */
  allowScripts?: Record<string, boolean>;
}

/** A lockfile of npm; the package itself has the path ''. */
export interface Lockfile {
  packages: Record<string, Entry & Partial<Manifest>>;
}

const parsed = (folder: string, file: string): unknown => JSON.parse(readFileSync(join(ROOT, folder, file), 'utf8'));

/** The package.json of one of the folders. */
export const readManifest = (folder: string): Manifest => parsed(folder, 'package.json') as Manifest;

/** The package-lock.json of one of the folders. */
export const readLockfile = (folder: string): Lockfile => parsed(folder, 'package-lock.json') as Lockfile;

/** The packages that a folder's lockfile installs, without the folder's own. */
export const lockedPackages = (folder: string): LockedPackage[] =>
  Object.entries(readLockfile(folder).packages)
    .filter(([path]) => path !== '')
    .map(([path, { version, license, dev = false, hasInstallScript = false }]) => ({
      name: path.replace(/^.*node_modules\//, ''),
      version,
      ...(license !== undefined && { licence: license }),
      development: dev,
      installScript: hasInstallScript,
    }));
