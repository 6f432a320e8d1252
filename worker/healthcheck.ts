/**
 * `node lib/worker/healthcheck.js`, for an image's HEALTHCHECK: asks the worker that runs in the same environment whether it
 * is up. Exit code 0 if it is, or if it has no page to ask (POLO_STATUS_ADDRESS=none); 1 and a line on stderr if not.
 */
import { get } from 'node:http';
import process from 'node:process';
import { readWorkerConfiguration } from '../configuration.ts';
import type { Address } from '../variables.ts';

/** Milliseconds. */
const TIMEOUT = 5_000;

/** The status of the answer. Where the worker listens at all addresses, asking 0.0.0.0 or :: reaches it as well. */
const ask = ({ host, port }: Address): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const question = get({ host, port, path: '/healthz', signal: AbortSignal.timeout(TIMEOUT) }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    question.on('error', reject);
  });

try {
  const { status } = readWorkerConfiguration().configuration;
  const answer = status ? await ask(status) : 200;
  if (answer !== 200) throw new Error(`/healthz: expected HTTP 200, got ${String(answer)}`);
} catch (error) {
  process.stderr.write(`not healthy: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
