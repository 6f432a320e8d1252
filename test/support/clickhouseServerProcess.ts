/** The process of `clickhouseServer.ts`: arguments are its directory and its port. It ends with its standard input. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DataType, load, open } from 'ffi-rs';

const [directory = '', port = ''] = process.argv.slice(2);

/** The package with the engine, by platform; no others exist. */
const PACKAGES: Partial<Record<string, string>> = {
  'linux-x64': '@chdb/lib-linux-x64-gnu',
  'linux-arm64': '@chdb/lib-linux-arm64-gnu',
  'darwin-x64': '@chdb/lib-darwin-x64',
  'darwin-arm64': '@chdb/lib-darwin-arm64',
};
const platform = `${process.platform}-${process.arch}`;
const library = PACKAGES[platform];
if (library === undefined) throw new Error(`no embedded ClickHouse for ${platform}`);
const manifest = createRequire(import.meta.url).resolve(`${library}/package.json`);

process.stdin.resume().on('end', () => process.kill(process.pid, 'SIGKILL'));

open({ library: 'chdb', path: join(dirname(manifest), 'libchdb.so') });
const args = [
  'clickhouse',
  `--path=${directory}/data`,
  `--config-file=${directory}/config.xml`,
  '--listen_host=127.0.0.1',
  `--http_port=${port}`,
  // Listens as long as its query runs: for ever.
  '--query=SYSTEM START LISTEN HTTP; SELECT sleep(3) FROM numbers(1000000000) SETTINGS max_block_size=1 FORMAT Null',
];
await load({
  library: 'chdb',
  funcName: 'chdb_query_cmdline',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [args.length, args],
  runInNewThread: true,
});
