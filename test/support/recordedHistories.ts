/**
 * Recorded histories, one file each: readable JSON of the protobuf message. The SDK's own historyToJSON and
 * historyFromJSON fail ("type must be a Type") where npm has installed more than one protobufjs, as it does here.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;
export type History = proto.temporal.api.history.v1.IHistory;

export const HISTORIES = fileURLToPath(new URL('../histories/', import.meta.url));

/** Takes away what belongs to the machine that recorded: who polled, and in which files a failure arose. */
const scrubbed = (key: string, value: unknown): unknown => {
  if (key === 'stackTrace') return '';
  return typeof value === 'string' && /^\d+@/.test(value) ? 'worker' : value;
};

export const writeHistory = async (name: string, history: History): Promise<void> => {
  const plain = History.toObject(History.fromObject(history), { longs: Number, enums: String, bytes: String });
  await writeFile(join(HISTORIES, `${name}.json`), `${JSON.stringify(plain, scrubbed, 1)}\n`);
};

/** All of them by name. */
export const readHistories = async (): Promise<Map<string, History>> => {
  const files = (await readdir(HISTORIES)).filter((file) => file.endsWith('.json'));
  const texts = await Promise.all(files.map((file) => readFile(join(HISTORIES, file), 'utf8')));
  const parsed = texts.map((text) => History.fromObject(JSON.parse(text) as Record<string, unknown>));
  return new Map(parsed.map((history, index) => [basename(files[index] ?? '', '.json'), history]));
};
