/** Opens what a worker needs before it can start, and waits for servers that start at the same time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { credentialsRefused, noSuchNamespace, REFUSALS, type TemporalConfiguration } from '../configuration.ts';
import { log } from './logging.ts';

const BETWEEN_TRIES = 1_000;

/** Opens with `open` until it works; `patience` milliseconds after the first failure, or at an error that `hopeless` knows, throws the last error. */
export const untilOpen = async <T>(
  what: string,
  patience: number,
  open: () => Promise<T>,
  hopeless: (error: unknown) => boolean = () => false,
): Promise<T> => {
  let deadline: number | undefined;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const told = deadline !== undefined;
      deadline ??= Date.now() + patience;
      if (hopeless(error) || Date.now() + BETWEEN_TRIES > deadline) throw error;
      if (!told) log('warn', `${what} does not answer yet; trying on`, { error: String(error), forMs: patience });
      await sleep(BETWEEN_TRIES);
    }
  }
};

/** gRPC's NOT_FOUND. */
const NOT_FOUND = 5;

const explained = (error: unknown): unknown => {
  const cause = error instanceof Error ? error.cause : undefined;
  return isGrpcServiceError(cause) && REFUSALS.includes(cause.code) ? credentialsRefused(cause.details) : error;
};

/** A worker would poll a namespace that doesn't exist in vain. Who may not describe it may still work in it. */
const requireNamespace = async (connection: Connection, namespace: string): Promise<void> => {
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === NOT_FOUND)) return;
    throw noSuchNamespace(namespace);
  }
};

/** One connection for the worker's polls and one for its client; both are closed by `close`. Throws a ConfigurationError where trying again is no use. */
export const connectTemporal = async ({
  connectionOptions,
  namespace,
}: TemporalConfiguration): Promise<{
  native: NativeConnection;
  client: Client;
  close: () => Promise<void>;
}> => {
  const connection = await Connection.connect({ ...connectionOptions, connectTimeout: 5_000 }).catch(
    (error: unknown) => {
      throw explained(error);
    },
  );
  try {
    await requireNamespace(connection, namespace);
    const native = await NativeConnection.connect(connectionOptions);
    const close = async (): Promise<void> => {
      await native.close();
      await connection.close();
    };
    return { native, client: new Client({ connection, namespace }), close };
  } catch (error) {
    await connection.close();
    throw error;
  }
};
