/**
 * Operations on the StackSet while they are under way: QUEUED as long as an earlier one works on one of their accounts,
 * then RUNNING, then ended. All accounts of an operation end together.
 */
import { deployInstance } from './deployInstance.ts';
import type { SandboxAccount } from './organization.ts';
import { AwsError } from './protocol.ts';
import type { Sandbox } from './sandbox.ts';
import { recordOperation } from './stackSet.ts';
import type { Deployment, EndedStatus, OperationResult, StackSet, StackSetOperation } from './stackSet.ts';

/** The longest time that a timer takes, 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** A new operation. */
export interface NewOperation {
  id: string;
  by: 'caller' | 'control';
  accounts: SandboxAccount[];
  /** Absent = as set for all. */
  seconds?: number;
  tolerance?: number;
}

/** Starts an operation, or refuses it as AWS does: an id that was used counts first, as it may be a repeated call. */
export const startOperation = (sandbox: Sandbox, request: NewOperation): StackSetOperation => {
  const { stackSet } = sandbox;
  const { id, by, accounts, seconds = stackSet.operationSeconds, tolerance = 0 } = request;
  if (stackSet.operations.has(id)) {
    throw new AwsError('OperationIdAlreadyExistsException', 409, `Operation ${id} already exists`);
  }
  if (!stackSet.managedExecution && stackSet.underWay.size > 0) {
    const message = `Another Operation on StackSet ${stackSet.id} is in progress: ${[...stackSet.underWay.keys()][0]}`;
    throw new AwsError('OperationInProgressException', 409, message);
  }
  const operation = recordOperation(stackSet, { id, by, status: 'QUEUED', createdAt: new Date() });
  operation.results = accounts.map((account) => ({ accountId: account.id, status: 'PENDING' }));
  const { queuedSeconds } = stackSet;
  const deployment: Deployment = { operation, accounts, tolerance, seconds, queuedSeconds, blocked: new Set() };
  stackSet.underWay.set(id, deployment);
  for (const account of accounts) {
    const line = stackSet.lines.get(account.id) ?? [];
    stackSet.lines.set(account.id, line);
    if (line.push(deployment) > 1) deployment.blocked.add(account.id);
    else showProgress(operation, account, 'PENDING');
  }
  beginIfFree(sandbox, deployment);
  return operation;
};

/** Puts a recorded operation under way that only control requests end; it takes an account from whatever works on it. */
export const holdAccount = (stackSet: StackSet, operation: StackSetOperation, account: SandboxAccount): void => {
  const accounts = [account];
  const deployment: Deployment = {
    operation,
    accounts,
    tolerance: 0,
    seconds: 0,
    queuedSeconds: 0,
    blocked: new Set(),
  };
  stackSet.underWay.set(operation.id, deployment);
  stackSet.lines.set(account.id, [deployment, ...(stackSet.lines.get(account.id) ?? [])]);
};

/** An operation's work on one account is done by other means; with its last account it ends, if so told with `ended`. */
export const decideAccount = (
  sandbox: Sandbox,
  deployment: Deployment,
  account: SandboxAccount,
  decision: Pick<OperationResult, 'status' | 'reason'>,
  ended?: EndedStatus,
): void => {
  const result = deployment.operation.results[deployment.accounts.indexOf(account)];
  if (result && isOpen(result)) Object.assign(result, decision);
  if (!deployment.operation.results.some(isOpen)) endOperation(sandbox, deployment, { ended });
};

/** Ends an operation; `told` is what a control request wants all its accounts to come to, `ended` the operation only. */
export const endOperation = (
  sandbox: Sandbox,
  deployment: Deployment,
  { told, ended = told }: { told?: EndedStatus; ended?: EndedStatus | undefined } = {},
): void => {
  const { operation, accounts, blocked, tolerance, timer } = deployment;
  clearTimeout(timer);
  let status = ended;
  operation.results = operation.results.filter((result, place) => {
    const account = accounts[place];
    if (!account || !isOpen(result)) return true;
    if (blocked.has(account.id)) return Object.assign(result, { status: 'CANCELLED' });
    const { result: become, operationStatus } = deployInstance(sandbox, operation.id, account, told);
    status ??= operationStatus;
    return become && Object.assign(result, become);
  });
  operation.status = status ?? endedStatus(operation.results, tolerance);
  operation.endedAt = new Date();
  sandbox.stackSet.underWay.delete(operation.id);
  for (const account of accounts) leaveLine(sandbox, deployment, account);
};

/** Stops the clocks of all operations: nothing happens to them any more. */
export const stopClocks = ({ underWay }: StackSet): void => {
  for (const { timer } of underWay.values()) clearTimeout(timer);
};

const isOpen = ({ status }: OperationResult): boolean => status === 'PENDING' || status === 'RUNNING';

const endedStatus = (results: readonly OperationResult[], tolerance: number): EndedStatus => {
  if (results.filter(({ status }) => status === 'FAILED').length > tolerance) return 'FAILED';
  return results.some(({ status }) => status === 'CANCELLED') ? 'STOPPED' : 'SUCCEEDED';
};

const leaveLine = (sandbox: Sandbox, deployment: Deployment, account: SandboxAccount): void => {
  const { lines } = sandbox.stackSet;
  const line = lines.get(account.id) ?? [];
  const left = line.filter((other) => other !== deployment);
  if (left.length > 0) lines.set(account.id, left);
  else lines.delete(account.id);
  const [next] = left;
  if (!next?.blocked.delete(account.id)) return;
  showProgress(next.operation, account, 'PENDING');
  beginIfFree(sandbox, next);
};

const beginIfFree = (sandbox: Sandbox, deployment: Deployment): void => {
  if (deployment.blocked.size > 0) return;
  const { queuedSeconds } = deployment;
  if (queuedSeconds > 0) setClock(deployment, queuedSeconds, () => run(sandbox, deployment));
  else run(sandbox, deployment);
};

const run = (sandbox: Sandbox, deployment: Deployment): void => {
  const { operation, accounts, seconds } = deployment;
  operation.status = 'RUNNING';
  operation.results.forEach((result, place) => {
    const account = accounts[place];
    if (!account || !isOpen(result)) return;
    result.status = 'RUNNING';
    showProgress(operation, account, 'RUNNING');
  });
  setClock(deployment, seconds, () => endOperation(sandbox, deployment));
};

const setClock = (deployment: Deployment, seconds: number, next: () => void): void => {
  deployment.timer = setTimeout(next, Math.min(seconds * 1000, LONGEST_MS)).unref();
};

/** An instance that nothing is to happen to doesn't show that an operation looks at it. */
const showProgress = ({ id }: StackSetOperation, account: SandboxAccount, detailedStatus: 'PENDING' | 'RUNNING') => {
  if (account.instance?.status === 'CURRENT' || account.instance?.status === 'INOPERABLE') return;
  account.instance = { status: 'OUTDATED', detailedStatus, operationId: id };
};
