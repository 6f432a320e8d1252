/** The way to ClickHouse: embedded (chDB) or over HTTP, the same four calls after that. */
import { constants } from 'node:fs';
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
  ClickHouseLogLevel,
  createClient,
} from '@clickhouse/client';
import PQueue from 'p-queue';
import { explain, registryError } from './errors.ts';
import { inParts } from './parameters.ts';

/**
 * Where the registry is: in a directory that one process uses (`<dataDir>/registry`), or on a server. `sequentialReads`
 * makes every read see every acknowledged write although replicas are behind a balancer. `database` is its name, e.g. `polo`;
 * `readPause` and `writePause` the least times between two loads and two inserts of accounts, in milliseconds (none by
 * default).
 */
export type RegistryOptions = { database: string; readPause?: number; writePause?: number } & (
  { dataDir: string } | { url: string; user: string; password: string; sequentialReads?: boolean }
);

/** An open database. Every call throws a RegistryError; `what` names the thing in its message, e.g. `polo.aws_accounts`. */
export interface Database {
  /** Name of the database, safe to stand in SQL. */
  name: string;
  /** Whose rights decide what can be seen. */
  user: string;
  /** Runs a statement without an answer. */
  run: (what: string, statement: string) => Promise<void>;
  /** Rows of a SELECT (without FORMAT), each as ClickHouse's own JSON text; `params` fill `{name:Type}`, never with a Date; lists may be of any length. */
  readLines: (what: string, query: string, params?: Record<string, unknown>) => Promise<string[]>;
  /** Rows of a SELECT as objects; 64-bit integers lose digits beyond 2^53, so wrap such columns in `toString`. */
  read: <Row>(what: string, query: string, params?: Record<string, unknown>) => Promise<Row[]>;
  /** Appends rows, one JSON object each, in one insert, or in none for none. Omitted columns get their defaults. */
  insert: (table: string, columns: string[], lines: string[]) => Promise<void>;
  /** Waits for calls under way, then closes. */
  close: () => Promise<void>;
}

/** On the embedded engine a setting of one call would stay for all later ones, so there are only these. */
const SETTINGS = {
  // Writes are coalesced here, and must be readable when acknowledged. On by default since 26.3.
  async_insert: 0,
  date_time_input_format: 'best_effort',
  // The rest lets other teams' columns survive a read and write-back as text.
  date_time_output_format: 'iso',
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_denormals: 1,
} as const;

const COMMON: ClickHouseClientConfigOptions = {
  application: 'polo-accounts',
  clickhouse_settings: SETTINGS,
  // The client would print whole errors; ours tell what is needed.
  log: { level: ClickHouseLogLevel.OFF },
};

/** Calls in flight: waiting ones hold threads of node's pool on the embedded engine, which works serially anyway. */
const EMBEDDED_CALLS = 2;
const SERVER_CALLS = 10;

/** Opens the database, without touching any table. Throws RegistryRejected, RegistryLocked; a server is first asked later. */
export const openDatabase = async (options: RegistryOptions): Promise<Database> => {
  const { database } = options;
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(database)) {
    throw registryError(
      'RegistryRejected',
      `CLICKHOUSE_DATABASE: expected letters, digits and _, at most 63, not starting with a digit, got ${JSON.stringify(database)}`,
    );
  }
  return 'url' in options
    ? overClient(database, serverClient(options), SERVER_CALLS, options.user, options.password)
    : overClient(database, await embeddedClient(join(options.dataDir, 'registry')), EMBEDDED_CALLS, 'default', '');
};

const serverClient = (options: Extract<RegistryOptions, { url: string }>): ClickHouseClient => {
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
  // The client lets parts of a URL override its settings, and a URL ends up in messages.
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search) {
    throw registryError(
      'RegistryRejected',
      'CLICKHOUSE_URL: expected http://host:port or https://host:port without user, password or parameters (use CLICKHOUSE_USER and CLICKHOUSE_PASSWORD), got something else',
    );
  }
  return createClient({
    ...COMMON,
    url: url.origin,
    pathname: url.pathname === '/' ? '' : url.pathname,
    username: options.user,
    password: options.password,
    request_timeout: 20_000,
    max_open_connections: SERVER_CALLS,
    use_multipart_params_auto: true,
    keep_alive: { idle_socket_ttl: 2_500, eagerly_destroy_stale_sockets: true },
    clickhouse_settings: {
      ...SETTINGS,
      ...(options.sequentialReads === true && { select_sequential_consistency: '1' as const }),
    },
  });
};

type EmbeddedConnection = NonNullable<ClickHouseClientConfigOptions['connection']>;

const embeddedClient = async (path: string): Promise<ClickHouseClient> => {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  } catch (error) {
    throw registryError('RegistryRejected', `POLO_DATA_DIR: expected a directory to write to: ${String(error)}`);
  }
  const chdb = await import('chdb/connection').catch((error: unknown) => {
    throw registryError(
      'RegistryRejected',
      `the embedded registry needs the optional package chdb (npm install chdb; Linux with glibc, or macOS). Install it, or set CLICKHOUSE_URL. ${String(error).slice(0, 500)}`,
    );
  });
  try {
    const connection = chdb.createChdbConnection({ path });
    // Both follow the same contract, typed once in each package.
    return createClient({ ...COMMON, connection: connection as unknown as EmbeddedConnection });
  } catch (error) {
    if (String(error).includes('one active data directory')) {
      throw registryError('RegistryRejected', `${path}: this process already uses another embedded registry`);
    }
    throw registryError(
      'RegistryLocked',
      `${path} cannot be opened: most likely another worker uses it${await lockHolder(path)}. ` +
        `Stop that one, or set CLICKHOUSE_URL to a server that many workers can share. ${String(error).slice(0, 500)}`,
    );
  }
};

/** ClickHouse notes its process id beside the data; the lock itself doesn't tell. */
const lockHolder = async (path: string): Promise<string> => {
  const status = await readFile(join(path, 'status'), 'utf8').catch(() => '');
  const pid = /^PID: (\d+)$/m.exec(status)?.[1];
  return pid === undefined ? '' : ` (process ${pid})`;
};

const overClient = (
  name: string,
  client: ClickHouseClient,
  concurrency: number,
  user: string,
  secret: string,
): Database => {
  const gate = new PQueue({ concurrency });
  const call = async <Answer>(doing: string, action: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await gate.add(action);
    } catch (error) {
      throw explain(doing, error, secret);
    }
  };
  const run = (doing: string, query: string) =>
    call(doing, async () => {
      await client.command({ query });
    });
  const readLines: Database['readLines'] = (what, query, params = {}) =>
    call(`reading ${what}`, async () => {
      const sent = inParts(query, params);
      const answer = await client.query({ query: sent.query, query_params: sent.params, format: 'JSONEachRow' });
      return (await answer.text()).split('\n').filter((line) => line !== '');
    });
  return {
    name,
    user,
    run: (what, statement) => run(what, statement),
    readLines,
    read: async <Row>(what: string, query: string, params?: Record<string, unknown>) =>
      (await readLines(what, query, params)).map((line) => JSON.parse(line) as Row),
    insert: async (table, columns, lines) => {
      if (lines.length === 0) return;
      await run(
        `writing ${name}.${table}`,
        `INSERT INTO ${name}.${table} (${columns.map(quoted).join(', ')}) FORMAT JSONEachRow\n${lines.join('\n')}`,
      );
    },
    close: async () => {
      await gate.onIdle();
      await client.close();
    },
  };
};

/** A column's name in SQL, whatever characters it has. */
export const quoted = (column: string): string => `\`${column.replace(/[\\`]/g, '\\$&')}\``;
