/** CreateStackInstances: what a call asks for, as strict as AWS. */
import { randomUUID } from 'node:crypto';
import type { Operation } from './gateway.ts';
import { memberAccount } from './organization.ts';
import type { SandboxAccount, SandboxOrganization, SandboxUnit } from './organization.ts';
import { members, number, text } from './protocol.ts';
import type { AwsCall } from './protocol.ts';
import { constraint, invalid, readStackSet } from './stackSetCall.ts';
import { OPERATION_ID } from './stackSet.ts';
import type { StackSet } from './stackSet.ts';
import { startOperation } from './stackSetOperations.ts';

const UNITS = 'DeploymentTargets.OrganizationalUnitIds';
const ACCOUNTS = 'DeploymentTargets.Accounts';
const FILTER_TYPE = 'DeploymentTargets.AccountFilterType';
const FILTER_TYPES = ['NONE', 'INTERSECTION', 'DIFFERENCE', 'UNION'];

/** Makes the roles' stack in accounts, or tries again where that failed before. */
export const createStackInstances: Operation = (sandbox, call, caller) => {
  const stackSet = readStackSet(sandbox, call, caller);
  const accounts = readTargets(sandbox.organization, call);
  checkRegions(stackSet, call);
  const tolerance = readTolerance(call, accounts.length);
  const operation = startOperation(sandbox, { id: readOperationId(call), by: 'caller', accounts, tolerance });
  return { OperationId: operation.id };
};

/** The ids of the accounts that a call names as the only ones it is meant for. */
export const namedAccounts = (call: AwsCall): string[] =>
  call.operation === 'CreateStackInstances' && call.input[FILTER_TYPE] === 'INTERSECTION'
    ? members(call, ACCOUNTS)
    : [];

/** The accounts that a call reaches: never the management account, nor one that isn't in the organization. */
const readTargets = (organization: SandboxOrganization, call: AwsCall): SandboxAccount[] => {
  const units = readUnits(organization, call);
  const ids = readAccountIds(call);
  const filterType = readFilterType(call, ids.length > 0);
  const named = new Set(ids);
  const candidates =
    filterType === 'INTERSECTION'
      ? [...named].map((id) => memberAccount(organization, id)).filter((account) => account !== undefined)
      : organization.accounts;
  return candidates.filter(
    ({ id, gone, parent }) =>
      !gone &&
      id !== organization.managementAccountId &&
      !(filterType === 'DIFFERENCE' && named.has(id)) &&
      isWithin(parent, units),
  );
};

const readUnits = ({ units }: SandboxOrganization, call: AwsCall): Set<SandboxUnit> => {
  const ids = members(call, UNITS);
  if (members(call, 'Accounts').length > 0 || ids.length === 0) {
    throw invalid('OrganizationalUnitIds should be specified in SERVICE_MANAGED mode');
  }
  return new Set(
    ids.map((id) => {
      const unit = units.get(id);
      if (unit) return unit;
      throw invalid(`Organizational unit or root ${id} not found`);
    }),
  );
};

const isWithin = (unit: SandboxUnit | undefined, units: Set<SandboxUnit>): boolean =>
  unit !== undefined && (units.has(unit) || isWithin(unit.parent, units));

const readAccountIds = (call: AwsCall): string[] => {
  if (text(call, 'DeploymentTargets.AccountsUrl') !== undefined) throw invalid('The sandbox reads no AccountsUrl.');
  const ids = members(call, ACCOUNTS);
  const malformed = ids.find((id) => !/^\d{12}$/.test(id));
  if (malformed === undefined) return ids;
  throw constraint(`'[${malformed}]'`, 'deploymentTargets.accounts', 'satisfy regular expression pattern: ^[0-9]{12}$');
};

const readFilterType = (call: AwsCall, accountsNamed: boolean): string => {
  const filterType = text(call, FILTER_TYPE);
  if (filterType === undefined) {
    if (accountsNamed)
      throw invalid('AccountFilterType should be specified when both OrganizationalUnitIds and Accounts are');
    return 'NONE';
  }
  if (!FILTER_TYPES.includes(filterType)) {
    const rule = `satisfy enum value set: [${FILTER_TYPES.join(', ')}]`;
    throw constraint(`'${filterType}'`, 'deploymentTargets.accountFilterType', rule);
  }
  if (filterType === 'UNION') throw invalid('AccountFilterType UNION is not supported for CreateStackInstances');
  if (filterType !== 'NONE' && !accountsNamed) throw invalid(`AccountFilterType ${filterType} needs Accounts`);
  return filterType;
};

const checkRegions = (stackSet: StackSet, call: AwsCall): void => {
  const regions = members(call, 'Regions');
  if (regions.length === 0) throw constraint('null', 'regions', 'not be null');
  if (regions.length === 1 && regions[0] === stackSet.region) return;
  throw invalid(
    `The sandbox plays one region only: Regions must be [${stackSet.region}], not [${regions.join(', ')}].`,
  );
};

/** How many accounts may fail; a percentage is rounded down. */
const readTolerance = (call: AwsCall, accounts: number): number => {
  const read = (name: string, least: number, most: number): number | undefined => {
    const value = number(call, `OperationPreferences.${name}`);
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return value;
    throw constraint(`'${value}'`, `operationPreferences.${name}`, `be a whole number from ${least} to ${most}`);
  };
  const either = (kind: string, least: number): [count: number | undefined, percentage: number | undefined] => {
    const [count, percentage] = [read(`${kind}Count`, least, Infinity), read(`${kind}Percentage`, least, 100)];
    if (count === undefined || percentage === undefined) return [count, percentage];
    throw invalid(`${kind}Count and ${kind}Percentage cannot both be specified`);
  };
  either('MaxConcurrent', 1);
  const [count, percentage = 0] = either('FailureTolerance', 0);
  return count ?? Math.floor((accounts * percentage) / 100);
};

const readOperationId = (call: AwsCall): string => {
  const id = text(call, 'OperationId') ?? randomUUID();
  if (!OPERATION_ID.test(id))
    throw constraint(`'${id}'`, 'operationId', `satisfy regular expression pattern: ${OPERATION_ID.source}`);
  return id;
};
