/** Processes that never outlive this one, with their output in a file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
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
  /** The end of its log, for a message. */
  lastWords: () => string;
  /** Asks it to end (SIGTERM, SIGKILL half a minute later) and waits. */
  stop: () => Promise<void>;
}

const TETHER = fileURLToPath(new URL('./tether.js', import.meta.url));

/** How many lines of its log a process is quoted with. */
const LAST_LINES = 15;

/** How long a process may take until it answers, in milliseconds. */
const START_TIMEOUT = 60_000;

/** Starts a program. In a process group of its own: Ctrl-C reaches this process only, which stops the others in order. */
export const startProcess = ({ name, command, args, env, logFile }: Program): RunningProcess => {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [TETHER, command, ...args], {
    env,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const lastWords = (): string => {
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LAST_LINES);
    return `Its last words, from ${logFile}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
  };
  const ended = once(child, 'exit').then(
    ([code]) => `${name} ended with exit code ${String(code)}. ${lastWords()}`,
    (error: unknown) => `${name} does not start: ${String(error)}`,
  );
  return {
    name,
    pid: child.pid,
    ended,
    lastWords,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};

/** Waits until `answers` is true; throws if the process ends before that, after 60 s, or when `signal` aborts. */
export const untilReady = async (
  { name, ended, lastWords }: RunningProcess,
  answers: () => Promise<boolean>,
  signal?: AbortSignal,
): Promise<void> => {
  let over: string | undefined;
  void ended.then((words) => (over = words));
  const until = Date.now() + START_TIMEOUT;
  while (!(await answers())) {
    signal?.throwIfAborted();
    if (over !== undefined) throw new Error(over);
    if (Date.now() > until) throw new Error(`${name} does not answer after 60 s. ${lastWords()}`);
    await sleep(100);
  }
};
