/** What the doctor makes of what it finds: how bad it is, in which words, what to do and where that is explained. */
import { labelOf, type SelectedAccount } from './account.ts';
import type { CheckSetupResult, SetupCheck } from './contract.ts';
import { listIsFresh } from './coverage.ts';
import { runbookAnchor, type FailureCode } from './failures.ts';
import { NO_EXTERNAL_ID } from './names.ts';
import { ONE_ORGANIZATION, otherThanStored, type Organization } from './organization.ts';
import type { Settings } from './settings.ts';
import type { Verification } from './status.ts';
import { lastPollWords, START_A_WORKER } from './taskQueue.ts';
import { age, minute } from './times.ts';
import { rolesWork, verificationLine } from './verification.ts';

/** A check without its name. */
export type Verdict = Omit<SetupCheck, 'name'>;

/** What only the worker can see, in the order in which it is told. */
export const WORKER_CHECKS = [
  'Registry',
  'Account list',
  'Organizations',
  'StackSet',
  'AssumeRole',
  'External id',
] as const;
export type WorkerCheck = (typeof WORKER_CHECKS)[number];

const ok = (found: string): Verdict => ({ status: 'ok', found });

const warning = (found: string, nextStep: string, runbook: string): Verdict => ({
  status: 'warning',
  found,
  nextStep,
  runbook,
});

const failure = (found: string, nextStep: string, runbook: string): Verdict => ({
  status: 'failure',
  found,
  nextStep,
  runbook,
});

/** Something that can't be known because of what another check found. */
export const notChecked = (because: string): Verdict => ({ status: 'not_checked', found: `not checked: ${because}` });

/** Next steps for what a check fails with; the runbook has more of them, and those of all other codes. */
const NEXT_STEP: Partial<Record<FailureCode, string>> = {
  HubCredentials: "aws sts get-caller-identity in the worker's environment tells whose credentials it has",
  NotEntitled: 'let the role of the worker, or the one in POLO_ORGANIZATION_ROLE_ARN, make this call',
  WrongOrganization: ONE_ORGANIZATION,
  OrganizationsUnavailable: 'ask again; if it stays, see what else calls AWS Organizations, and the way out to it',
  StackSetMissing:
    'check POLO_STACK_SET_NAME, POLO_STACK_SET_REGION and POLO_STACK_SET_CALL_AS, or deploy the StackSet',
  StackSetRejected: 'an administrator of the StackSet changes what the words name',
  StackSetUnreadable: 'ask again; if it stays, see the way out to CloudFormation',
  RolesUnverified: "ask again; if it stays, see Polo's own credentials, the way out to STS, and POLO_STS_RATE",
  VerificationInvalid: 'check POLO_ENV, POLO_ACTION_ROLE_NAME and POLO_EXTERNAL_ID',
  RegistryUnavailable: "see whether ClickHouse runs, and that the worker's machine reaches it",
  RegistryRejected: 'correct the credentials, or grant the right, that ClickHouse names',
  RegistryShape: 'check CLICKHOUSE_URL and CLICKHOUSE_DATABASE; if they are right, an administrator changes the tables',
};

/** A check that failed with a code of the table. */
export const judgeFailure = ({ code, message }: { code: FailureCode; message: string }): Verdict =>
  failure(`${code}: ${message}`, NEXT_STEP[code] ?? 'do what the runbook says', runbookAnchor(code));

/** Temporal answers: without it there is nobody to ask. */
export const judgeTemporal = (address: string, namespace: string): Verdict => ok(`${address}, namespace ${namespace}`);

/** A worker that has done the checks. */
export const judgeWorker = (taskQueue: string): Verdict => ok(`answers on task queue ${taskQueue}`);

/** No worker polls the task queue. `polledAgo` in milliseconds; undefined if none did within minutes. */
export const judgeNoWorker = (taskQueue: string, namespace: string, polledAgo: number | undefined): Verdict =>
  failure(
    `none polls task queue ${taskQueue} in namespace ${namespace}${lastPollWords(polledAgo)}`,
    START_A_WORKER,
    'operations/worker.md#start',
  );

/** A worker has polled, and yet did not do the checks within `limit`; both times in milliseconds. */
export const judgeSilentWorker = (taskQueue: string, polledAgo: number, limit: number): Verdict =>
  failure(
    `one polled task queue ${taskQueue} ${seconds(polledAgo)} s ago, and did not do these checks within ${seconds(limit)} s`,
    'see whether it still runs, its log and its load; one of an older version does not know these checks',
    'operations/worker.md#check',
  );

const seconds = (milliseconds: number): string => String(Math.round(milliseconds / 1_000));

/** The registry answers, and its tables are of the right form. */
export const judgeRegistry = (): Verdict => ok('answers, its tables are as Polo needs them');

/** When the last complete discovery ended (ISO 8601, null for never), at `now` in milliseconds. */
export const judgeAccountList = (lastCompleteDiscoveryAt: string | null, now: number): Verdict => {
  const stale = (found: string): Verdict => warning(found, 'polo-accounts discover', runbookAnchor('ListingFailed'));
  if (lastCompleteDiscoveryAt === null) return stale('no discovery has ever completed');
  const old = now - Date.parse(lastCompleteDiscoveryAt);
  return listIsFresh(lastCompleteDiscoveryAt, now)
    ? ok(`${age(old)} old`)
    : stale(`${age(old)} old: the last discoveries did not complete`);
};

/** The organization that AWS answers for, and the id of the one that the registry holds, as far as that is known. */
export const judgeOrganization = (organization: Organization, stored: string | undefined): Verdict => {
  const message = otherThanStored(organization, stored);
  return message === undefined
    ? ok(`${organization.id}, management account ${organization.managementAccountId}`)
    : judgeFailure({ code: 'WrongOrganization', message });
};

/** The StackSet as it was found; only a service-managed one can be deployed to single accounts of an organization. */
export const judgeStackSet = ({ stackSet }: Settings, permissionModel: string): Verdict => {
  const found = `${stackSet.name} in ${stackSet.region} (call as ${stackSet.callAs})`;
  return permissionModel === 'SERVICE_MANAGED'
    ? ok(found)
    : judgeFailure({
        code: 'StackSetRejected',
        message: `${found}: expected a SERVICE_MANAGED one, got ${permissionModel}`,
      });
};

/** No account has a read role that worked, so there is none to try. */
export const judgeNoRole = (): Verdict =>
  warning(
    'no account is active yet, so no role was tried',
    'polo-accounts onboard --all-pending, or one account first',
    'operations/new-account.md#automatic-path',
  );

/** What an active account said to its roles. */
export const judgeRoles = (account: SelectedAccount, verification: Verification): Verdict => {
  const { accountId } = account;
  const found = `${labelOf(account)}: ${verificationLine(verification)}`;
  if (rolesWork(verification)) return ok(found);
  const { read, action } = verification;
  const readWorks = read.outcome === 'works';
  const verdict = readWorks ? warning : failure;
  if ((readWorks ? action : read)?.outcome === 'inconclusive')
    return verdict(found, NEXT_STEP.RolesUnverified ?? '', runbookAnchor('RolesUnverified'));
  return readWorks
    ? verdict(found, `polo-accounts verify ${accountId}`, runbookAnchor('ActionRoleRefused'))
    : verdict(
        found,
        `polo-accounts verify ${accountId}; if all accounts refuse, check Polo's own role, POLO_ENV and POLO_EXTERNAL_ID`,
        'operations/failures.md#read-role-refused',
      );
};

/** Whether roles are assumed with an external id. */
export const judgeExternalId = (configured: boolean): Verdict =>
  configured
    ? ok('configured')
    : warning(NO_EXTERNAL_ID, 'deploy the roles with one, and set it for the worker', 'operations/worker.md#roles');

/** What matters of a schedule; times are ISO 8601, oldest first. */
export interface SeenSchedule {
  paused: boolean;
  note: string;
  nextRuns: string[];
  lastRuns: { at: string }[];
}

/** A schedule; undefined if there is none of this id. */
export const judgeSchedule = (id: string, schedule: SeenSchedule | undefined): Verdict => {
  const runbook = 'operations/worker.md#schedules';
  const apply = 'polo-accounts schedules apply';
  if (!schedule) return failure('missing', apply, runbook);
  const { paused, note, nextRuns, lastRuns } = schedule;
  const last = lastRuns.at(-1);
  const ran = last ? `last run ${minute(last.at)}Z` : 'has not run yet';
  if (paused) {
    const why = note === '' ? '' : ` (${note})`;
    return warning(`paused${why}, ${ran}`, `temporal schedule toggle --schedule-id ${id} --unpause`, runbook);
  }
  const [next] = nextRuns;
  return next === undefined
    ? warning(`not paused, and yet no run is planned, ${ran}`, apply, runbook)
    : ok(`${ran}, next ${minute(next)}Z`);
};

/** All checks, with the status of the worst one. */
export const diagnosisOf = (checks: SetupCheck[]): CheckSetupResult => {
  const has = (status: SetupCheck['status']): boolean => checks.some((check) => check.status === status);
  return { status: has('failure') ? 'failure' : has('warning') ? 'warning' : 'ok', checks };
};

const MARKS: Record<SetupCheck['status'], string> = { ok: '✓', warning: '!', failure: '✗', not_checked: '-' };

/** A check for people: mark, name and finding, then indented what more there is of it, the next step and the runbook. */
export const checkLines = ({ name, status, found, nextStep, runbook }: SetupCheck): string[] => {
  const [first = '', ...more] = found.split('\n');
  return [
    `${MARKS[status]} ${name}: ${first}`,
    ...more.map((line) => `    ${line}`),
    ...(nextStep === undefined ? [] : [`    Next: ${nextStep}`]),
    ...(runbook === undefined ? [] : [`    Runbook: ${runbook}`]),
  ];
};

/** The checks by status, in words: `1 failure, 2 warnings, 8 ok`. */
export const countsLine = (checks: SetupCheck[]): string => {
  const counts = (['failure', 'warning', 'not_checked', 'ok'] as const).map((status) => {
    const count = checks.filter((check) => check.status === status).length;
    const plural = count !== 1 && (status === 'failure' || status === 'warning') ? 's' : '';
    return { count, words: `${String(count)} ${status.replace('_', ' ')}${plural}` };
  });
  return counts.flatMap(({ count, words }) => (count === 0 ? [] : [words])).join(', ');
};
