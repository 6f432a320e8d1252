/** One `npm start` at a time in a data folder. */
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A data folder that is ours until the process ends, however that happens. */
export interface Claim {
  /** Remembers a process that a later start has to wait for, should this one be killed. */
  remember: (pid: number | undefined) => void;
  release: () => void;
}

/** Systems cut off what is longer in the path of a socket, some without a word. */
const LONGEST_PATH = 100;

/** Another `npm start` has the data folder. */
export class AlreadyRunning extends Error {}

/** How long processes of a killed start may take to end: what the tether grants them, and some more (milliseconds). */
const PATIENCE = 35_000;

/**
 * Claims a data folder; throws AlreadyRunning if another process holds it. A socket in the folder is the claim: the system
 * closes it with its process, so that nothing is left of a crash but a file that nobody answers at.
 */
export const claim = async (folder: string, say: (line: string) => void): Promise<Claim> => {
  const path = join(folder, 'start.sock');
  const short = relative('', path).length < path.length ? relative('', path) : path;
  if (Buffer.byteLength(short) > LONGEST_PATH) {
    throw new Error(`POLO_DATA_DIR: expected a shorter path, because a socket's has at most ${LONGEST_PATH} bytes`);
  }
  const server = createServer((socket) => socket.on('error', () => undefined).end(String(process.pid)));
  for (;;) {
    try {
      await once(server.listen(short), 'listening');
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      const pid = await ask(short);
      if (pid !== undefined) {
        throw new AlreadyRunning(
          `npm start already runs on ${folder} (process ${pid}): stop that one, or set POLO_DATA_DIR.`,
        );
      }
      rmSync(path, { force: true });
    }
  }
  server.unref();

  const list = join(folder, 'processes.json');
  await untilEnded(read(list), say);
  const pids: number[] = [];
  return {
    remember: (pid) => {
      if (pid !== undefined) pids.push(pid);
      writeFileSync(list, JSON.stringify(pids));
    },
    release: () => {
      rmSync(list, { force: true });
      server.close();
    },
  };
};

/** The id of the process that answers at the socket, undefined if none does. */
const ask = async (path: string): Promise<string | undefined> => {
  try {
    const socket = connect(path).setEncoding('utf8');
    let answer = '';
    for await (const text of socket) answer += String(text);
    return answer;
  } catch {
    return undefined;
  }
};

const read = (file: string): number[] => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as number[];
  } catch {
    return [];
  }
};

const untilEnded = async (pids: number[], say: (line: string) => void): Promise<void> => {
  const until = Date.now() + PATIENCE;
  if (pids.some(isAlive)) say('An earlier start was killed; waiting for its processes to end …');
  while (pids.some(isAlive) && Date.now() < until) await sleep(200);
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
