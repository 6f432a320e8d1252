/** The process of `spawnCollector`: arguments are the address, the namespace and the task queue. It ends with its standard input. */
import { NativeConnection } from '@temporalio/worker';
import { createCollector } from './collectorWorker.ts';
import { quietRuntime } from './quietRuntime.ts';

const [address = '', namespace = '', taskQueue = ''] = process.argv.slice(2);

process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGKILL'));

quietRuntime();
const worker = await createCollector(await NativeConnection.connect({ address }), namespace, taskQueue);
process.stdout.write('ready\n');
await worker.run();
