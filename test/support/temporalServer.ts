/** One Temporal dev server in memory for a mocha process: started when first asked for, stopped at the end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporal } from '../../local/findTemporal.ts';
import { freePort } from '../../local/ports.ts';
import { startTemporalServer, type TemporalServer } from '../../local/temporal.ts';

let started: Promise<TemporalServer> | undefined;
let folder: string | undefined;

const start = async (): Promise<TemporalServer> => {
  const binary = await findTemporal((line) => process.stderr.write(`${line}\n`));
  folder = await mkdtemp(join(tmpdir(), 'polo-temporal-'));
  return startTemporalServer({ binary, port: await freePort(0), logFile: join(folder, 'temporal.log') });
};

/** The address of the server, e.g. `127.0.0.1:40123`; every suite takes a task queue of its own. */
export const temporalAddress = async (): Promise<string> => (await (started ??= start())).address;

/** Stops it, if it runs; it is started anew when next asked for. */
export const stopTemporalServer = async (): Promise<void> => {
  const server = await started?.catch(() => undefined);
  started = undefined;
  await server?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
};

// At `exit` what the tests have started is ended; a signal alone would leave it behind.
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

/** Stops it with the last test; where files run in parallel, with the last test of each file. */
export const mochaHooks = {
  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(40_000);
    await stopTemporalServer();
  },
};
