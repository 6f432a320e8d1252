/** What processes cost, from /proc; Linux only. */
import { readdir, readFile } from 'node:fs/promises';

/** Clock ticks a second, the same on every Linux that Node runs on. */
const TICKS = 100;

/** CPU seconds that a process, with all its threads, has used. */
export const cpuSeconds = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
};

/** Most memory that a process ever had, in MB. */
export const peakMemory = async (pid: number): Promise<number> => {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${String(pid)}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
};

/** A process below this one whose command line has the word. */
export const findDescendant = async (word: string): Promise<number> => {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '') : '';
    if (stat !== '') parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === process.pid || isBelow(parents.get(pid)));
  for (const pid of parents.keys()) {
    const command = pid === process.pid ? '' : await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '');
    if (command.split('\0')[0]?.includes(word) && isBelow(pid)) return pid;
  }
  throw new Error(`no process below this one runs ${word}`);
};
