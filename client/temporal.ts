/** The command line's connection to Temporal. */
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { readClientConfiguration, type ClientConfiguration } from '../configuration.ts';
import { CommandError, EXIT, failureOf } from './failures.ts';
import { say, showProgress } from './terminal.ts';
import type { Desk, Watch } from './workflows.ts';

/** How long to wait for a connection, and how long in silence, in milliseconds. */
const CONNECT_TIMEOUT = 10_000;
const SILENCE = 2_000;

/** Connects; a Temporal that does not answer within 10 s is a TemporalUnreachable with exit code 3. */
const connect = async ({ temporal }: ClientConfiguration): Promise<Client> => {
  const { address } = temporal.connectionOptions;
  const impatience = setTimeout(() => {
    say(`Waiting for Temporal at ${address} …`);
  }, SILENCE);
  try {
    const connection = await Connection.connect({ ...temporal.connectionOptions, connectTimeout: CONNECT_TIMEOUT });
    return new Client({ connection, namespace: temporal.namespace });
  } catch (error) {
    if (error instanceof Error && isGrpcServiceError(error.cause)) {
      const failure = failureOf(error);
      if (failure.exitCode === EXIT.usage) throw error;
    }
    const reason = error instanceof Error ? error.message : String(error);
    const next = 'Next: see whether it runs, and that TEMPORAL_ADDRESS and TEMPORAL_TLS* fit it.';
    throw new CommandError(
      'TemporalUnreachable',
      `Temporal at ${temporal.connectionOptions.address} does not answer (${reason}). ${next}`,
      EXIT.unreachable,
      error,
    );
  } finally {
    clearTimeout(impatience);
  }
};

/**
 * Runs a command on a connection and sets the exit code that it returns. Its desk shows progress, and remembers what to
 * follow should the user leave: Ctrl-C detaches from what runs in Temporal.
 */
export const withTemporal = async (
  command: (desk: Desk, configuration: ClientConfiguration) => Promise<number>,
): Promise<void> => {
  const configuration = readClientConfiguration();
  const client = await connect(configuration);
  const running = new Set<string>();
  let noticed = false;
  const watch: Watch = {
    started: (workflowId) => running.add(workflowId),
    ended: (workflowId) => running.delete(workflowId),
    progress: showProgress,
    // Ten workflows that wait for the same worker are one thing to know.
    notice: (text) => {
      if (!noticed) say(text);
      noticed = true;
    },
  };
  const detach = (): void => {
    say('', ...howToFollow([...running], configuration));
    process.exit(EXIT.detached);
  };
  process.once('SIGINT', detach);
  try {
    process.exitCode = await command({ client, taskQueue: configuration.taskQueue, watch }, configuration);
  } finally {
    process.off('SIGINT', detach);
    await client.connection.close();
  }
};

/** Lines that tell how to follow workflows from which the user detached. */
export const howToFollow = (
  workflowIds: string[],
  { temporal: { namespace }, temporalUiUrl }: ClientConfiguration,
): string[] =>
  workflowIds.length === 0
    ? ['Stopped.']
    : [
        'Detached; the work goes on in Temporal. Follow it with:',
        ...workflowIds.flatMap((id) => [
          `  temporal workflow show --follow --namespace ${namespace} --workflow-id ${id}`,
          ...(temporalUiUrl === undefined
            ? []
            : [`  ${temporalUiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(id)}`]),
        ]),
      ];
