/** A process without Temporal: list, assume both roles, write, 50 accounts at a time. Prints its own cost as JSON. */
import PQueue from 'p-queue';
import { peakMemory } from '../test/support/usage.ts';
import type { Cost } from './cost.ts';
import { changeOf, listAccountIds, openBenchRegistry, verifier } from './plainAws.ts';

const registry = await openBenchRegistry();
const verify = verifier();
const started = performance.now();
const cpuBefore = process.cpuUsage();
const accountIds = await listAccountIds();
await new PQueue({ concurrency: 50 }).addAll(
  accountIds.map((id) => async () => registry.writeAccount(changeOf(id, await verify(id)))),
);
const { user, system } = process.cpuUsage(cpuBefore);
const seconds = (performance.now() - started) / 1_000;
const cpuMsPerAccount = (user + system) / 1_000 / accountIds.length;
const cost: Cost = {
  seconds,
  accountsPerSecond: accountIds.length / seconds,
  cpuMsPerAccount,
  workerCpuMsPerAccount: cpuMsPerAccount,
  peakMemoryMiB: await peakMemory(process.pid),
};
process.stdout.write(`${JSON.stringify(cost)}\n`);
await registry.close();
