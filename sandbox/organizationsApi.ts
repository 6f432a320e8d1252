/** AWS Organizations: the reading operations that Polo calls. */
import type { Operation } from './gateway.ts';
import { lineage, memberAccount } from './organization.ts';
import type { SandboxAccount, SandboxUnit } from './organization.ts';
import { decodeToken, encodeToken, middle, takePage } from './pages.ts';
import type { Page, Position } from './pages.ts';
import { AwsError, number, text } from './protocol.ts';
import type { AwsCall } from './protocol.ts';
import { accessDenied } from './refusals.ts';
import { entitlement } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';

/** AWS's ceiling for every listing of Organizations. */
const PAGE_SIZE = 20;
const JOINED = Date.parse('2024-03-01T08:00:00Z') / 1000;
const ACCOUNT_ID = /^\d{12}$/;

const organizationId = (sandbox: Sandbox): string => sandbox.faults.organizationId ?? sandbox.organization.id;

const arn = (sandbox: Sandbox, kind: string, rest: string): string =>
  `arn:aws:organizations::${sandbox.organization.managementAccountId}:${kind}/${organizationId(sandbox)}${rest}`;

const idPath = (sandbox: Sandbox, unit: SandboxUnit): string =>
  [organizationId(sandbox), sandbox.organization.root.id, ...lineage(unit).map(({ id }) => id), ''].join('/');

const describeAccount = (sandbox: Sandbox, account: SandboxAccount): object => {
  const { paths = true } = sandbox.faults;
  const own = paths === 'withoutAccount' ? '' : `${account.id}/`;
  return {
    Id: account.id,
    Arn: arn(sandbox, 'account', `/${account.id}`),
    Email: account.email,
    Name: account.name,
    ...(account.status !== undefined && { Status: account.status }),
    ...(account.state !== undefined && { State: account.state }),
    ...(paths !== false && { Paths: [idPath(sandbox, account.parent) + own] }),
    JoinedMethod: account.joinedMethod,
    JoinedTimestamp: JOINED,
  };
};

const describeUnit = (sandbox: Sandbox, unit: SandboxUnit): object => ({
  Id: unit.id,
  Arn: arn(sandbox, 'ou', `/${unit.id}`),
  Name: unit.name,
  ...(sandbox.faults.paths !== false && { Path: idPath(sandbox, unit) }),
});

const invalidInput = (reason: string, message: string): AwsError =>
  new AwsError('InvalidInputException', 400, message, { Reason: reason });

const required = (call: AwsCall, name: string, pattern: RegExp): string => {
  const value = text(call, name);
  if (value === undefined) throw invalidInput('INPUT_REQUIRED', `You must specify a value for ${name}.`);
  if (!pattern.test(value)) throw invalidInput('INVALID_PATTERN', `You specified an invalid value for ${name}.`);
  return value;
};

const readLimit = (call: AwsCall): number => {
  const limit = number(call, 'MaxResults') ?? PAGE_SIZE;
  if (limit > PAGE_SIZE) throw invalidInput('MAX_VALUE_EXCEEDED', `MaxResults must be ${PAGE_SIZE} or less.`);
  if (!(limit >= 1)) throw invalidInput('MIN_VALUE_EXCEEDED', 'MaxResults must be 1 or more.');
  return limit;
};

/** Position that the call's token means, in the list that the operation and its subject name. */
const readPosition = (call: AwsCall, subject: string, start: Position = { at: 0, page: 1 }): Position => {
  const token = text(call, 'NextToken');
  if (token === undefined) return start;
  const position = decodeToken(`${call.operation} ${subject}`, token);
  if (!position) throw invalidInput('INVALID_NEXT_TOKEN', 'You specified an invalid value for NextToken.');
  return position;
};

const nextToken = <T>(call: AwsCall, subject: string, page: Page<T>): { NextToken?: string } =>
  page.next ? { NextToken: encodeToken(`${call.operation} ${subject}`, page.next) } : {};

const isListed = (account: SandboxAccount): boolean => account.listed && !account.gone;

const listAccounts: Operation = (sandbox, call) => {
  const limit = readLimit(call);
  const { accounts } = sandbox.organization;
  const { empty, keep = 1, failAtPage } = sandbox.faults.listing ?? {};
  const position = readPosition(call, '', { at: 0, page: 1, gap: middle(accounts.length, limit) });
  if (position.page === failAtPage) {
    throw new AwsError(
      'ServiceException',
      500,
      "Organizations can't complete your request because of an internal error.",
    );
  }
  const end = empty ? 0 : Math.ceil(accounts.length * keep);
  const page = takePage(accounts, position, limit, isListed, end);
  return { Accounts: page.items.map((account) => describeAccount(sandbox, account)), ...nextToken(call, '', page) };
};

const readParent = (sandbox: Sandbox, call: AwsCall): SandboxUnit => {
  const id = required(call, 'ParentId', /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/);
  const unit = sandbox.organization.units.get(id);
  if (unit) return unit;
  throw new AwsError('ParentNotFoundException', 400, `You specified a parent that doesn't exist.`);
};

const listAccountsForParent: Operation = (sandbox, call) => {
  const parent = readParent(sandbox, call);
  const page = takePage(parent.accounts, readPosition(call, parent.id), readLimit(call), isListed);
  return {
    Accounts: page.items.map((account) => describeAccount(sandbox, account)),
    ...nextToken(call, parent.id, page),
  };
};

const listUnitsForParent: Operation = (sandbox, call) => {
  const parent = readParent(sandbox, call);
  const page = takePage(parent.units, readPosition(call, parent.id), readLimit(call));
  return {
    OrganizationalUnits: page.items.map((unit) => describeUnit(sandbox, unit)),
    ...nextToken(call, parent.id, page),
  };
};

const listRoots: Operation = (sandbox, call) => {
  readLimit(call);
  readPosition(call, '');
  const { id, name } = sandbox.organization.root;
  return { Roots: [{ Id: id, Arn: arn(sandbox, 'root', `/${id}`), Name: name, PolicyTypes: [] }] };
};

const listParents: Operation = (sandbox, call) => {
  readLimit(call);
  const id = required(call, 'ChildId', /^(\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/);
  const { units, root } = sandbox.organization;
  const parent = ACCOUNT_ID.test(id) ? memberAccount(sandbox.organization, id)?.parent : units.get(id)?.parent;
  if (!parent) throw new AwsError('ChildNotFoundException', 400, `You specified a child that doesn't exist.`);
  return { Parents: [{ Id: parent.id, Type: parent === root ? 'ROOT' : 'ORGANIZATIONAL_UNIT' }] };
};

const describeOrganization: Operation = (sandbox) => {
  const { managementAccountId: id, accountsById } = sandbox.organization;
  return {
    Organization: {
      Id: organizationId(sandbox),
      Arn: arn(sandbox, 'organization', ''),
      FeatureSet: 'ALL',
      MasterAccountArn: arn(sandbox, 'account', `/${id}`),
      MasterAccountId: id,
      MasterAccountEmail: accountsById.get(id)?.email,
    },
  };
};

const describeOneAccount: Operation = (sandbox, call) => {
  const account = memberAccount(sandbox.organization, required(call, 'AccountId', ACCOUNT_ID));
  if (account) return { Account: describeAccount(sandbox, account) };
  throw new AwsError('AccountNotFoundException', 400, `You specified an account that doesn't exist.`);
};

const describeOneUnit: Operation = (sandbox, call) => {
  const id = required(call, 'OrganizationalUnitId', /^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$/);
  const unit = sandbox.organization.units.get(id);
  if (unit) return { OrganizationalUnit: describeUnit(sandbox, unit) };
  throw new AwsError('OrganizationalUnitNotFoundException', 400, `You specified a unit that doesn't exist.`);
};

const listTags: Operation = (sandbox, call) => {
  const id = required(call, 'ResourceId', /^(\d{12}|r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/);
  const account = memberAccount(sandbox.organization, id);
  if (!account && !sandbox.organization.units.has(id)) {
    throw new AwsError('TargetNotFoundException', 400, `You specified a target that doesn't exist.`);
  }
  const tags = Object.entries(account?.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
  const page = takePage(tags, readPosition(call, id), PAGE_SIZE);
  return { Tags: page.items, ...nextToken(call, id, page) };
};

/** All but DescribeOrganization, which any member may call, are for the management account and delegated administrators. */
const entitled =
  (operation: Operation): Operation =>
  (sandbox, call, caller) => {
    if (!entitlement(sandbox, caller.accountId)) throw accessDenied(call, caller, '*');
    return operation(sandbox, call, caller);
  };

/** The operations by name. */
export const organizationsApi: Record<string, Operation> = {
  DescribeOrganization: describeOrganization,
  ListRoots: entitled(listRoots),
  ListOrganizationalUnitsForParent: entitled(listUnitsForParent),
  ListAccounts: entitled(listAccounts),
  ListAccountsForParent: entitled(listAccountsForParent),
  ListParents: entitled(listParents),
  DescribeAccount: entitled(describeOneAccount),
  DescribeOrganizationalUnit: entitled(describeOneUnit),
  ListTagsForResource: entitled(listTags),
};
