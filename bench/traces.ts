/** What a run leaves in Temporal: histories, their payloads, and the actions that Temporal Cloud would bill for them. */
import type { Client } from '@temporalio/client';
import { histories, payloadSizes, type History } from '../test/support/histories.ts';

/** What workflows leave. Sizes in bytes. */
export interface Traces {
  historyEvents: number;
  historyBytes: number;
  /** Events of the longest history. */
  longestHistory: number;
  /** Of the histories that are read, as below. */
  largestPayload: number;
  /** docs.temporal.io/cloud/actions */
  cloudActions: number;
}

/** Histories of each workflow type that are read; the others of the type count like them. */
const SAMPLE = 200;

/** Reads what the runs of a namespace have left that began after a time. */
export const tracesOf = async (client: Client, after: Date): Promise<Traces> => {
  const began = `StartTime > "${after.toISOString()}"`;
  const traces: Traces = { historyEvents: 0, historyBytes: 0, longestHistory: 0, largestPayload: 0, cloudActions: 0 };
  const runs = new Map<string, number>();
  for await (const { type, historyLength, historySize = 0 } of client.workflow.list({ query: began })) {
    runs.set(type, (runs.get(type) ?? 0) + 1);
    traces.historyEvents += historyLength;
    traces.historyBytes += historySize;
    traces.longestHistory = Math.max(traces.longestHistory, historyLength);
  }
  for (const [type, count] of runs) {
    let [read, actions] = [0, 0];
    for await (const { history } of histories(client, `WorkflowType = "${type}" AND ${began}`)) {
      actions += actionsOf(history);
      for (const size of payloadSizes(history)) traces.largestPayload = Math.max(traces.largestPayload, size);
      if (++read === SAMPLE) break;
    }
    traces.cloudActions += (actions / read) * count;
  }
  return traces;
};

/** Actions of one run. All local activities of a workflow task are one. */
const actionsOf = ({ events }: History): number => {
  const found = events ?? [];
  const tasksWithLocalActivities = new Set(
    found.flatMap(({ markerRecordedEventAttributes: marker }) =>
      marker?.markerName === 'core_local_activity' ? [String(marker.workflowTaskCompletedEventId)] : [],
    ),
  );
  return found.reduce((sum, event) => sum + actionsOfEvent(event), tasksWithLocalActivities.size);
};

/** A child costs one action for starting it and one for being started, an activity one for each attempt. */
const actionsOfEvent = (event: NonNullable<History['events']>[number]): number =>
  Number(Boolean(event.workflowExecutionStartedEventAttributes)) +
  Number(Boolean(event.startChildWorkflowExecutionInitiatedEventAttributes)) +
  Number(Boolean(event.timerStartedEventAttributes)) +
  Number(Boolean(event.workflowExecutionUpdateAcceptedEventAttributes)) +
  Number(Boolean(event.workflowExecutionSignaledEventAttributes)) +
  (event.activityTaskStartedEventAttributes?.attempt ?? 0);
