/** The process of `storedRows.ts`: its argument is the directory whose rows it prints. */
import { openDatabase } from '../../registry/client.ts';
import { storedRows } from './storedRows.ts';

const [dataDir = ''] = process.argv.slice(2);
const database = await openDatabase({ database: 'polo', dataDir });
process.stdout.write(JSON.stringify(await storedRows(database)));
await database.close();
