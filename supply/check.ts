/** Part of `npm run check`: licences and known vulnerabilities of everything that both lockfiles install. */
import { join } from 'node:path';
import { advisoryLine, audit, isGrave } from './audit.ts';
import { licenceProblems } from './licences.ts';
import { FOLDERS, lockedPackages } from './lockfiles.ts';

const say = (...lines: string[]): void => {
  for (const line of lines) process.stderr.write(`supply: ${line}\n`);
};

/** Counts the problems of one folder, and tells each. */
const check = async (folder: string): Promise<number> => {
  const packages = lockedPackages(folder);
  const named = `${String(packages.length)} packages of ${join(folder, 'package-lock.json')}`;
  const licences = licenceProblems(packages);
  say(...licences, `licences of ${named}: ${licences.length === 0 ? 'all allowed' : 'NOT all allowed'}`);

  const answer = await audit(folder);
  if ('unanswered' in answer) {
    say(
      `WARNING: NOBODY HAS LOOKED FOR KNOWN VULNERABILITIES in the ${named}.`,
      `WARNING: the registry that npm is set up with does not answer npm audit (${answer.unanswered}).`,
      'WARNING: run npm audit --omit=dev where one does, before a release at the latest.',
    );
    return licences.length;
  }
  const grave = answer.advisories.filter(isGrave);
  say(
    ...answer.advisories.map(advisoryLine),
    `known vulnerabilities in production: ${String(grave.length)} that count`,
  );
  return licences.length + grave.length;
};

let problems = 0;
for (const folder of FOLDERS) problems += await check(folder);
process.exitCode = problems === 0 ? 0 : 1;
