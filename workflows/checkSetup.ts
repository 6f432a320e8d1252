/** The worker's part of the doctor: asks each system once, reads only, and makes a finding of whatever comes of it. */
import {
  ActivityFailure,
  defineQuery,
  isCancellation,
  setCurrentDetails,
  setHandler,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { CheckSetupInput, CheckSetupResult, SetupCheck } from '../domain/contract.ts';
import {
  checkLines,
  countsLine,
  diagnosisOf,
  judgeAccountList,
  judgeExternalId,
  judgeFailure,
  judgeNoRole,
  judgeOrganization,
  judgeRegistry,
  judgeRoles,
  judgeStackSet,
  notChecked,
  WORKER_CHECKS,
  type Verdict,
  type WorkerCheck,
} from '../domain/doctor.ts';
import { LIMITS } from '../domain/durations.ts';
import type { FailureCode } from '../domain/failures.ts';
import { partitionOf } from '../domain/names.ts';
import type { Settings } from '../domain/settings.ts';
import { spell } from '../domain/times.ts';
import { askedOnce, readSettings } from './activities.ts';
import { fail, failureOf } from './failures.ts';
import { parseInput } from './parseInput.ts';

/** What is still being checked, in words. */
const progress = defineQuery<string>('progress');

/** Most bytes of a finding: tables of another form are told with every difference. */
const FOUND_BYTES = 20_000;

/** Checks what only a worker can see; what is wrong is told in the result, within half a minute. Fails with `InvalidInput`. */
export async function checkSetup(input: CheckSetupInput = {}): Promise<CheckSetupResult> {
  parseInput('checkSetup', input);
  const done: SetupCheck[] = [];
  const text = (): string => progressLine(done);
  const report = (): void => setCurrentDetails([text(), ...done.map(detailsOf)].join('\n'));
  setHandler(progress, text);
  report();
  const check = async (name: WorkerCheck, look: () => Verdict | Promise<Verdict>): Promise<SetupCheck> => {
    const found = { name, ...(await orFailure(look)) };
    done.push(found);
    report();
    return found;
  };

  const settings = await readSettings();
  const registry = await check('Registry', lookAtRegistry);
  const registryWorks = registry.status === 'ok';
  const inRegistry = (look: () => Promise<Verdict>) => () =>
    registryWorks ? look() : notChecked('the registry comes first');
  const others = await Promise.all([
    check('Account list', inRegistry(lookAtAccountList)),
    check('Organizations', () => lookAtOrganizations(registryWorks)),
    check('StackSet', () => lookAtStackSet(settings)),
    check('AssumeRole', inRegistry(lookAtRoles)),
    check('External id', () => judgeExternalId(settings.externalId)),
  ]);
  return diagnosisOf([registry, ...others]);
}

const progressLine = (done: SetupCheck[]): string => {
  const left = WORKER_CHECKS.filter((name) => !done.some((check) => check.name === name));
  return left.length === 0 ? `${countsLine(done)}.` : `Waiting for ${left.join(', ')}.`;
};

const detailsOf = (check: SetupCheck): string => `- ${checkLines(check).join('\n')}`;

const orFailure = async (look: () => Verdict | Promise<Verdict>): Promise<Verdict> => {
  try {
    return await look();
  } catch (error) {
    if (isCancellation(error)) throw error;
    return judgeFailure(failureOf(error, FOUND_BYTES));
  }
};

/** The answer of a system; none in time is a failure with this code. */
const answerOf = async <T>(asked: Promise<T>, code: FailureCode): Promise<T> => {
  try {
    return await asked;
  } catch (error) {
    const late = error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
    throw late ? fail(code, `${error.activityType}: no answer within ${spell(LIMITS.check)}`) : error;
  }
};

const lookAtRegistry = async (): Promise<Verdict> => {
  await answerOf(askedOnce.checkTables(), 'RegistryUnavailable');
  return judgeRegistry();
};

const lookAtAccountList = async (): Promise<Verdict> =>
  judgeAccountList(await answerOf(askedOnce.readLastCompleteDiscovery(), 'RegistryUnavailable'), Date.now());

/** Any account may describe its organization; to read its root takes the rights that a listing takes. */
const lookAtOrganizations = async (registryWorks: boolean): Promise<Verdict> => {
  const [organization, stored] = await Promise.all([
    answerOf(askedOnce.describeOrganization(), 'OrganizationsUnavailable'),
    registryWorks ? answerOf(askedOnce.readOrganizationId(), 'RegistryUnavailable') : undefined,
    answerOf(askedOnce.findRoot(), 'OrganizationsUnavailable'),
  ]);
  return judgeOrganization(organization, stored);
};

const lookAtStackSet = async (settings: Settings): Promise<Verdict> => {
  const { permissionModel } = await answerOf(askedOnce.requireStackSet(), 'StackSetUnreadable');
  return judgeStackSet(settings, permissionModel);
};

const lookAtRoles = async (): Promise<Verdict> => {
  const [account] = await answerOf(askedOnce.sampleActiveAccounts(1), 'RegistryUnavailable');
  if (!account) return judgeNoRole();
  const { accountId, readRoleArn } = account;
  const partition = partitionOf(readRoleArn);
  const verification = await answerOf(askedOnce.verifyRoles({ accountId, partition, attempts: 1 }), 'RolesUnverified');
  return judgeRoles(account, verification);
};
