/**
 * `node tether.js <program> [argument…]` runs a program that never outlives the process that started the tether:
 * when that one disconnects, ends or is killed, the program gets SIGTERM, and SIGKILL if it still runs 30 seconds later.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import process from 'node:process';

const [program = '', ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: 'inherit' });

let stopping = false;
const stop = () => {
  if (stopping) return;
  stopping = true;
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), 30_000).unref();
};
for (const event of ['disconnect', 'SIGTERM', 'SIGINT', 'SIGHUP']) process.on(event, stop);
if (!process.connected) stop();

child.on('error', (error) => {
  console.error(`${program} does not start: ${error.message}`);
  process.exit(127);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
