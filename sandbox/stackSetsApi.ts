/** AWS CloudFormation: the StackSet that carries Polo's roles. */
import { createStackInstances } from './createStackInstances.ts';
import type { Operation } from './gateway.ts';
import { memberAccount } from './organization.ts';
import type { SandboxAccount } from './organization.ts';
import { decodeToken, encodeToken, takePage } from './pages.ts';
import type { Page, Position } from './pages.ts';
import { AwsError, number, text } from './protocol.ts';
import type { AwsCall } from './protocol.ts';
import type { Sandbox } from './sandbox.ts';
import { invalid, readFilters, readStackSet, required } from './stackSetCall.ts';
import type { StackInstance, StackSet, StackSetOperation } from './stackSet.ts';

const PAGE_SIZE = 100;

const describeStackSet: Operation = (sandbox, call, caller) => {
  const stackSet = readStackSet(sandbox, call, caller);
  const { managementAccountId, root } = sandbox.organization;
  return {
    StackSet: {
      StackSetName: stackSet.name,
      StackSetId: stackSet.id,
      StackSetARN: `arn:aws:cloudformation:${stackSet.region}:${managementAccountId}:stackset/${stackSet.id}`,
      Status: 'ACTIVE',
      Parameters: [],
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Tags: [],
      AutoDeployment: { Enabled: false },
      PermissionModel: 'SERVICE_MANAGED',
      OrganizationalUnitIds: [root.id],
      ManagedExecution: { Active: stackSet.managedExecution },
      Regions: [stackSet.region],
    },
  };
};

const describeInstance = (sandbox: Sandbox, account: SandboxAccount, instance: StackInstance): object => ({
  StackSetId: sandbox.stackSet.id,
  Region: sandbox.stackSet.region,
  Account: account.id,
  StackId: instance.stackId,
  Status: instance.status,
  StackInstanceStatus: { DetailedStatus: instance.detailedStatus },
  StatusReason: instance.statusReason,
  OrganizationalUnitId: sandbox.organization.root.id,
  DriftStatus: 'NOT_CHECKED',
  LastOperationId: instance.operationId,
});

const describeStackInstance: Operation = (sandbox, call, caller) => {
  const stackSet = readStackSet(sandbox, call, caller);
  const accountId = required(call, 'StackInstanceAccount');
  const region = required(call, 'StackInstanceRegion');
  if (!/^\d{12}$/.test(accountId)) throw invalid(`${accountId} is not an account id`);
  const account = memberAccount(sandbox.organization, accountId);
  if (account?.instance && region === stackSet.region) {
    return { StackInstance: { ...describeInstance(sandbox, account, account.instance), ParameterOverrides: [] } };
  }
  throw new AwsError(
    'StackInstanceNotFoundException',
    404,
    `Stack instance not found for StackSet ${stackSet.name}, account ${accountId}, region ${region}`,
  );
};

const readOperation = (stackSet: StackSet, call: AwsCall): StackSetOperation => {
  const id = required(call, 'OperationId');
  const operation = stackSet.operations.get(id);
  if (operation) return operation;
  throw new AwsError('OperationNotFoundException', 404, `Operation ${id} not found`);
};

const describeOperation: Operation = (sandbox, call, caller) => {
  const stackSet = readStackSet(sandbox, call, caller);
  const operation = readOperation(stackSet, call);
  return {
    StackSetOperation: {
      OperationId: operation.id,
      StackSetId: stackSet.id,
      Action: operation.action,
      Status: operation.status,
      CreationTimestamp: operation.createdAt,
      EndTimestamp: operation.endedAt,
    },
  };
};

const readPage = <T>(call: AwsCall, list: string, items: readonly T[], keep: (item: T) => boolean): Page<T> => {
  const limit = number(call, 'MaxResults') ?? PAGE_SIZE;
  if (!(limit >= 1 && limit <= PAGE_SIZE)) throw invalid(`MaxResults must be between 1 and ${PAGE_SIZE}`);
  const token = text(call, 'NextToken');
  const position: Position | undefined = token === undefined ? { at: 0, page: 1 } : decodeToken(list, token);
  if (!position) throw invalid('Invalid token');
  return takePage(items, position, limit, keep);
};

const nextToken = <T>(list: string, page: Page<T>): { NextToken?: string } =>
  page.next ? { NextToken: encodeToken(list, page.next) } : {};

const listStackInstances: Operation = (sandbox, call, caller) => {
  const stackSet = readStackSet(sandbox, call, caller);
  const accountId = text(call, 'StackInstanceAccount');
  const region = text(call, 'StackInstanceRegion') ?? stackSet.region;
  const filters = readFilters(call, ['DETAILED_STATUS', 'LAST_OPERATION_ID', 'DRIFT_STATUS']);
  const { accounts, accountsById } = sandbox.organization;
  const { DETAILED_STATUS: status, LAST_OPERATION_ID: operationId, DRIFT_STATUS: drift = 'NOT_CHECKED' } = filters;
  const candidates =
    accountId === undefined ? accounts : [accountsById.get(accountId)].filter((found) => found !== undefined);
  const list = `ListStackInstances ${accountId ?? ''}`;
  const page = takeInstances(call, list, region === stackSet.region && drift === 'NOT_CHECKED' ? candidates : [], {
    ...(status !== undefined && { status }),
    ...(operationId !== undefined && { operationId }),
  });
  const Summaries = page.items.map(
    (account) => account.instance && describeInstance(sandbox, account, account.instance),
  );
  return { Summaries, ...nextToken(list, page) };
};

const takeInstances = (
  call: AwsCall,
  list: string,
  accounts: readonly SandboxAccount[],
  wanted: { status?: string; operationId?: string },
): Page<SandboxAccount> =>
  readPage(call, list, accounts, ({ instance, gone }) => {
    if (!instance || gone) return false;
    if (wanted.status !== undefined && instance.detailedStatus !== wanted.status) return false;
    return wanted.operationId === undefined || instance.operationId === wanted.operationId;
  });

const listOperationResults: Operation = (sandbox, call, caller) => {
  const stackSet = readStackSet(sandbox, call, caller);
  const operation = readOperation(stackSet, call);
  const { OPERATION_RESULT_STATUS: wanted } = readFilters(call, ['OPERATION_RESULT_STATUS']);
  const list = `ListStackSetOperationResults ${operation.id}`;
  const page = readPage(call, list, operation.results, ({ status }) => wanted === undefined || status === wanted);
  const Summaries = page.items.map(({ accountId, status, reason }) => ({
    Account: accountId,
    Region: stackSet.region,
    Status: status,
    StatusReason: reason,
    OrganizationalUnitId: sandbox.organization.root.id,
  }));
  return { Summaries, ...nextToken(list, page) };
};

/** The operations by name. */
export const stackSetsApi: Record<string, Operation> = {
  CreateStackInstances: createStackInstances,
  DescribeStackSet: describeStackSet,
  DescribeStackInstance: describeStackInstance,
  DescribeStackSetOperation: describeOperation,
  ListStackInstances: listStackInstances,
  ListStackSetOperationResults: listOperationResults,
};
