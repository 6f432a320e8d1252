/** Starting our workflows and waiting for them: all data comes and goes through Temporal (design 7). */
import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, WorkflowFailedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { noSuchNamespace } from '../configuration.ts';
import type { InputType } from '../domain/inputs.ts';
import { RunFailed } from './failures.ts';
import { isPolled, lastPollWords, sinceLastPoll, START_A_WORKER } from '../domain/taskQueue.ts';

/** Who wants to hear of a running workflow. All are optional: a program may simply wait. */
export interface Watch {
  started?: (workflowId: string) => void;
  ended?: (workflowId: string) => void;
  /** The workflow's own words, whenever they change. */
  progress?: (text: string) => void;
  /** Something that the user should know while waiting. */
  notice?: (text: string) => void;
}

/** What runs of workflows are started and followed with; `taskQueue` is the one that Polo's workers poll. */
export interface Desk {
  client: Client;
  taskQueue: string;
  watch: Watch;
}

/** One run of a workflow. */
export interface Work {
  type: InputType;
  workflowId: string;
  input: object;
  /** Who started it, for the Temporal UI. */
  summary: string;
  /** The workflow to ask for its progress: this one, or another that does the work. Absent = none tells any. */
  progressOf?: string;
  /** Milliseconds after which Temporal gives the run up. */
  timeout?: number;
}

/** How often progress is asked for, and how long one answer may take, in milliseconds. */
const POLL_INTERVAL = 1_000;
const ANSWER_TIMEOUT = 5_000;

/** Without a sign of a worker for this long, the user is told (milliseconds). */
const NO_WORKER_AFTER = 10_000;

/** Starts the workflow and waits for its result. Throws RunFailed. */
export const runWorkflow = async <Result>(desk: Desk, work: Work): Promise<Result> => {
  const { type, workflowId, input, summary, timeout, progressOf } = work;
  const handle = await desk.client.workflow.start(type, {
    taskQueue: desk.taskQueue,
    workflowId,
    args: [input],
    staticSummary: summary,
    ...(timeout !== undefined && { workflowExecutionTimeout: timeout }),
  });
  return followWorkflow(desk, handle, progressOf);
};

/** Waits for the result of a workflow that was started; `progressOf` tells its progress, if any does. Throws RunFailed. */
export const followWorkflow = async <Result>(
  desk: Desk,
  handle: WorkflowHandle,
  progressOf?: string,
): Promise<Result> => {
  const { watch } = desk;
  const { workflowId } = handle;
  const ended = new AbortController();
  watch.started?.(workflowId);
  const watching = keepWatch(desk, workflowId, progressOf, ended.signal);
  try {
    return (await handle.result()) as Result;
  } catch (error) {
    throw error instanceof WorkflowFailedError ? new RunFailed(workflowId, error.cause) : error;
  } finally {
    ended.abort();
    // A call that is retried after the connection was closed would end the process.
    await watching;
    watch.ended?.(workflowId);
  }
};

/** Tells progress when it changes, and once that no worker is there. Never throws: the result is what counts. */
const keepWatch = async (
  desk: Desk,
  workflowId: string,
  progressOf: string | undefined,
  ended: AbortSignal,
): Promise<void> => {
  const { client, watch } = desk;
  const tellBy = Date.now() + NO_WORKER_AFTER;
  let shown = '';
  let told = false;
  while (await pause(ended)) {
    const text = watch.progress && progressOf && (await progressIn(client, progressOf));
    if (text !== undefined) {
      if (text !== shown) watch.progress?.(text);
      shown = text;
    } else if (!told && Date.now() >= tellBy) {
      const lack = await lackOfWorker(desk, workflowId);
      if (lack !== undefined) watch.notice?.(lack);
      told = lack !== undefined;
    }
  }
};

/** False once the workflow has ended. */
const pause = (ended: AbortSignal): Promise<boolean> =>
  sleep(POLL_INTERVAL, true, { signal: ended }).catch(() => false);

/** What a running workflow says of itself; undefined if it doesn't run, or nobody answers for it. */
const progressIn = async (client: Client, workflowId: string): Promise<string | undefined> => {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.withDeadline(Date.now() + ANSWER_TIMEOUT, async () => {
      const { status } = await handle.describe();
      return status.name === 'RUNNING' ? await handle.query<string>('progress') : undefined;
    });
  } catch {
    return undefined;
  }
};

/** Words for a task queue that no worker seems to serve; undefined if one does, or if that can't be told. */
const lackOfWorker = async ({ client, taskQueue }: Desk, workflowId: string): Promise<string | undefined> => {
  const { namespace } = client.options;
  try {
    const [{ historyLength }, quiet] = await client.withDeadline(Date.now() + ANSWER_TIMEOUT, () =>
      Promise.all([client.workflow.getHandle(workflowId).describe(), polledAgo(client, taskQueue)]),
    );
    // Two events: started, and its first task waits for a worker.
    if (historyLength > 2 && isPolled(quiet)) return undefined;
    return (
      `No worker takes this up: is none polling task queue ${taskQueue} in namespace ${namespace}${lastPollWords(quiet)}? ` +
      `Next: ${START_A_WORKER}. Still waiting.`
    );
  } catch {
    return undefined;
  }
};

/** gRPC's NOT_FOUND. */
const NOT_FOUND = 5;

/**
 * Milliseconds since a worker last polled a task queue for workflows; undefined if none did within minutes. Throws a
 * ConfigurationError where there is no such namespace.
 */
export const polledAgo = async (client: Client, taskQueue: string): Promise<number | undefined> => {
  const { namespace } = client.options;
  try {
    const { pollers } = await client.workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue } });
    return sinceLastPoll(pollers, Date.now());
  } catch (error) {
    if (isGrpcServiceError(error) && (error.code as number) === NOT_FOUND) throw noSuchNamespace(namespace);
    throw error;
  }
};
