/** `npm run test:breakages`: breaks one place after the other in a copy of the project; each has to turn its test red. */
import process from 'node:process';
import { table } from '../../client/output.ts';
import { attempt, type Outcome } from './attempt.ts';
import { BREAKAGES, rowsOf, type Breakage } from './list.ts';

const USAGE = `Usage: npm run test:breakages [-- name…]
  name…    only these breakages of test/breakages/list.ts
  --table  prints the rows of docs/breakages.md, and breaks nothing
`;

const say = (line: string): unknown => process.stderr.write(`${line}\n`);

/** The breakages of these names, all without one. Throws if there is none of a name. */
const chosen = (names: string[]): Breakage[] => {
  const unknown = names.filter((name) => !BREAKAGES.some((breakage) => breakage.name === name));
  if (unknown.length > 0) throw new Error(`there is no breakage ${unknown.join(', ')}`);
  return names.length === 0 ? BREAKAGES : BREAKAGES.filter(({ name }) => names.includes(name));
};

/** Tries them one after the other; false if one is not caught. */
const tryAll = async (breakages: Breakage[]): Promise<boolean> => {
  const rows: string[][] = [];
  const results: Outcome['result'][] = [];
  for (const [index, breakage] of breakages.entries()) {
    const began = Date.now();
    const { result, words } = await attempt(breakage);
    const seconds = `${String(Math.round((Date.now() - began) / 1_000))} s`;
    say(`${String(index + 1)}/${String(breakages.length)} ${breakage.name}: ${result} (${seconds}): ${words}`);
    rows.push([breakage.name, breakage.file, result, seconds, breakage.caughtBy.test]);
    results.push(result);
  }
  const caught = results.filter((result) => result === 'caught').length;
  process.stdout.write(`\n${table(['BREAKAGE', 'FILE', 'RESULT', 'TIME', 'TEST'], rows)}\n`);
  process.stdout.write(`\n${String(caught)} of ${String(breakages.length)} breakages are caught.\n`);
  return caught === breakages.length;
};

const [, , ...args] = process.argv;
try {
  if (args.includes('--table'))
    process.stdout.write(
      `${rowsOf(BREAKAGES)
        .map((row) => `| ${row.join(' | ')} |`)
        .join('\n')}\n`,
    );
  else if (!(await tryAll(chosen(args)))) process.exitCode = 1;
} catch (error) {
  say(`${String(error)}\n${USAGE}`);
  process.exitCode = 2;
}
