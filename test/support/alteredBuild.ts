/** A copy of the build with something in it changed, for tests that have to notice the change. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface AlteredBuild {
  /** What takes the place of `lib/`. */
  lib: string;
  remove: () => Promise<void>;
}

/** Copies `lib/`, has `change` rewrite one compiled file of it, and bundles its workflows anew. Throws if that changes nothing. */
export const alterBuild = async (file: string, change: (source: string) => string): Promise<AlteredBuild> => {
  const folder = await mkdtemp(join(tmpdir(), 'polo-altered-'));
  const lib = join(folder, 'lib');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await cp(join(ROOT, 'lib'), lib, { recursive: true });
    for (const shared of ['node_modules', 'package.json']) await symlink(join(ROOT, shared), join(folder, shared));
    const before = await readFile(join(lib, file), 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`lib/${file} is not what this test thinks it is: nothing was changed`);
    await writeFile(join(lib, file), after);
    await promisify(execFile)(process.execPath, [join(lib, 'worker/bundle.js')]);
    return { lib, remove };
  } catch (error) {
    await remove();
    throw error;
  }
};
