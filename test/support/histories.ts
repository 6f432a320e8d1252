/** What a Temporal namespace keeps: the histories of all its workflows, and everything that can be read in them. */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';

export type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;

/** Every run that the query finds, all runs without one, with its history. */
export async function* histories(
  client: Client,
  query?: string,
): AsyncGenerator<{ workflow: WorkflowExecutionInfo; history: History }> {
  for await (const workflow of client.workflow.list(query === undefined ? {} : { query })) {
    const handle = client.workflow.getHandle(workflow.workflowId, workflow.runId);
    yield { workflow, history: await handle.fetchHistory() };
  }
}

/** All texts within a value, those in payloads decoded. */
export function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (value instanceof Uint8Array) yield Buffer.from(value).toString();
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) yield* textsIn(part);
}

/** Bytes of every payload within a value. */
export function* payloadSizes(value: unknown): Generator<number> {
  if (typeof value !== 'object' || value === null) return;
  if ('data' in value && value.data instanceof Uint8Array) yield value.data.length;
  else for (const part of Object.values(value)) yield* payloadSizes(part);
}
