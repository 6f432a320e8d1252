/** Processes that never outlive this one, with their output in a file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program to run. */
export interface Program {
  /** What people call it. */
  name: string;
  command: string;
  args: string[];
  env: Record<string, string>;
  /** Takes everything that the program writes, after what is there already. */
  logFile: string;
}

/** A program that was started. */
export interface RunningProcess {
  name: string;
  /** Of the process that watches over it, and that ends last. */
  pid: number | undefined;
  /** Settles when it has ended: how, and its last words. */
  ended: Promise<string>;
  /** The first line that it wrote to standard output; undefined if it ended before. */
  firstLine: Promise<string | undefined>;
  /** Asks it to end (SIGTERM, SIGKILL half a minute later) and waits. */
  stop: () => Promise<void>;
}

const TETHER = fileURLToPath(new URL('./tether.js', import.meta.url));

/** How many lines of its log a process is quoted with. */
const LAST_WORDS = 15;

/** Starts a program. In a process group of its own: Ctrl-C reaches this process only, which stops the others in order. */
export const startProcess = ({ name, command, args, env, logFile }: Program): RunningProcess => {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [TETHER, command, ...args], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', log, 'ipc'],
  });
  const output = createInterface({ input: child.stdout }).on('line', (line) => writeSync(log, `${line}\n`));
  const ended = once(child, 'close').then(
    ([code]) => `${name} ended with exit code ${String(code)}. ${lastWords(logFile)}`,
    (error: unknown) => `${name} does not start: ${String(error)}`,
  );
  void ended.then(() => closeSync(log));
  return {
    name,
    pid: child.pid,
    ended,
    firstLine: Promise.race([once(output, 'line').then(([line]) => String(line)), ended.then(() => undefined)]),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};

/** The end of a log, for a message. */
const lastWords = (logFile: string): string => {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LAST_WORDS);
  return `Its last words, from ${logFile}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
};
