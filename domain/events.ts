/** The kinds of entries in `polo.aws_account_events`, and how they are identified. */
import type { AccountEvent, PoloStatus } from './contract.ts';

export const EVENT_KINDS = [
  'discovered',
  'status_changed',
  'access_changed',
  'renamed',
  'moved',
  'tags_changed',
  'departed',
  'returned',
  'excluded',
  'included',
  'exclusion_ended',
  'onboarding_started',
  'onboarding_succeeded',
  'onboarding_failed',
  'onboarding_cancelled',
  'scan_failed',
  'scan_recovered',
  'discovery_completed',
  'discovery_incomplete',
  'management_account',
  'slack_told',
  'slack_failed',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Who caused a change: the calling workflow, and in `actor` the operator or the workflow type. */
export interface Origin {
  workflowId: string;
  runId: string;
  actor: string;
}

/** What is particular to one event; everything else follows from the command that causes it. */
export interface EventDetails {
  kind: EventKind;
  from?: PoloStatus | '';
  to?: PoloStatus | '';
  reason?: string;
  actor?: string;
  until?: string;
}

/** An event whose id is the command's id and the kind, so that a repeated command adds nothing (design 2). */
export const eventOf = (
  accountId: string,
  commandId: string,
  at: string,
  origin: Origin,
  details: EventDetails,
): AccountEvent => ({
  event_id: `${commandId}/${details.kind}`,
  account_id: accountId,
  at,
  kind: details.kind,
  from_status: details.from ?? '',
  to_status: details.to ?? '',
  reason: details.reason ?? '',
  actor: details.actor ?? origin.actor,
  until: details.until ?? null,
  workflow_id: origin.workflowId,
  run_id: origin.runId,
});

/** The id of the command that an event's id was made of. */
export const commandIdOf = (eventId: string): string => eventId.slice(0, eventId.lastIndexOf('/'));
