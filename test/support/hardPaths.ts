/** The hard paths of discovery that recorded histories have to show, and how a run is known that has taken one. */
import { DISCOVERY_WORKFLOW_ID } from '../../domain/contract.ts';
import { textsIn } from './histories.ts';
import type { History } from './recordedHistories.ts';

type Events = NonNullable<History['events']>;
type Path = (events: Events) => boolean;

const started = (events: Events) => events[0]?.workflowExecutionStartedEventAttributes;
const ofEverybody: Path = (events) => started(events)?.workflowId === DISCOVERY_WORKFLOW_ID;
const isOf =
  (type: string): Path =>
  (events) =>
    started(events)?.workflowType?.name === type;

/** Codes in a failure and its causes. */
const codesOf = (failure: Failure | null | undefined): string[] =>
  failure ? [failure.applicationFailureInfo?.type ?? '', ...codesOf(failure.cause)] : [];

interface Failure {
  applicationFailureInfo?: { type?: string | null } | null;
  cause?: Failure | null;
}

/** The run failed for this. */
const fails =
  (code: string): Path =>
  (events) =>
    codesOf(events.at(-1)?.workflowExecutionFailedEventAttributes?.failure).includes(code);

/** The run ended well, with this in its result. */
const tells =
  (words: string): Path =>
  (events) =>
    [...textsIn(events.at(-1)?.workflowExecutionCompletedEventAttributes?.result)].some((text) => text.includes(words));

/** A call has failed for this. */
const meets =
  (code: string): Path =>
  (events) =>
    events.some((event) => codesOf(event.activityTaskFailedEventAttributes?.failure).includes(code));

const calls =
  (activity: string): Path =>
  (events) =>
    events.some((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity);

/** The run was told to stop while something that it had begun was under way. */
const isStoppedIn =
  (begins: keyof Events[number], ends: keyof Events[number]): Path =>
  (events) => {
    const told = events.slice(
      0,
      events.findIndex((event) => event.workflowExecutionCancelRequestedEventAttributes) + 1,
    );
    return told.filter((event) => event[begins]).length > told.filter((event) => event[ends]).length;
  };

const endsWell: Path = (events) => Boolean(events.at(-1)?.workflowExecutionCompletedEventAttributes);
const isCancelled: Path = (events) => Boolean(events.at(-1)?.workflowExecutionCanceledEventAttributes);
const inChildren = isStoppedIn(
  'childWorkflowExecutionStartedEventAttributes',
  'childWorkflowExecutionCompletedEventAttributes',
);
const inActivity = isStoppedIn('activityTaskScheduledEventAttributes', 'activityTaskCompletedEventAttributes');

/** What a run has to meet to have taken a path. */
const PATHS: Record<string, Path[]> = {
  'everybody, HubCredentials': [ofEverybody, fails('HubCredentials')],
  'everybody, WrongOrganization': [ofEverybody, fails('WrongOrganization')],
  'everybody, HubRefused': [ofEverybody, fails('HubRefused')],
  'everybody, ListingFailed': [ofEverybody, tells('"ListingFailed"')],
  'everybody, ListingShrunk': [ofEverybody, tells('"ListingShrunk"')],
  'everybody, a token that expires': [ofEverybody, meets('ListingExpired'), tells('"complete":true')],
  'everybody, accounts without paths': [ofEverybody, calls('listAccountParents'), tells('"complete":true')],
  'everybody, an account that left': [ofEverybody, tells('"departed":1')],
  'everybody, cancelled with batches under way': [ofEverybody, inChildren, isCancelled],
  'a batch, cancelled with accounts under way': [isOf('discoverBatch'), inChildren, isCancelled],
  'an account, told to stop while it is verified': [isOf('account'), inActivity, endsWell],
};

/** The paths that none of the histories shows. */
export const pathsNotTaken = (histories: History[]): string[] =>
  Object.keys(PATHS).filter(
    (name) => !histories.some(({ events }) => PATHS[name]?.every((isTaken) => isTaken(events ?? []))),
  );
