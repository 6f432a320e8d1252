/** Finds the browser in which the tests look at the page. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { wantedChromium, inherited } from './environment.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Path of the program that CHROMIUM names, else of a Chromium or Chrome on PATH. Throws an error that says how to get one. */
export const findChromium = (): string => {
  const folders = (inherited()['PATH'] ?? '').split(delimiter);
  const wanted = wantedChromium();
  const candidates =
    wanted === undefined ? folders.flatMap((folder) => NAMES.map((name) => join(folder, name))) : [wanted];
  const found = candidates.find(isProgram);
  if (found !== undefined) return found;
  throw new Error(
    `The tests of the page need Chromium, found none ${wanted === undefined ? 'on PATH' : `at ${wanted} (CHROMIUM)`}. ` +
      'Install it (Debian: apt-get install chromium), or set CHROMIUM to the path of a Chromium or Chrome.',
  );
};
