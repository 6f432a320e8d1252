/** A process that does one part of a discovery at a given pace and nothing else. Prints its time as JSON. */
import {
  ListOrganizationalUnitsForParentCommand,
  ListRootsCommand,
  OrganizationsClient,
  paginateListAccounts,
} from '@aws-sdk/client-organizations';
import PQueue from 'p-queue';
import { CLIENT_OPTIONS, listAccountIds, verifier } from './plainAws.ts';

/** Calls a second; a verification is two calls. */
const RATES = JSON.parse(process.env['RATES'] ?? '') as Record<'organizations' | 'sts', number>;

const paced = (perSecond: number, concurrency: number): PQueue =>
  new PQueue({ concurrency, intervalCap: 1, interval: 1_000 / perSecond });

/** All units by one walk of the tree, then all accounts, one call at a time. */
const list = async (): Promise<void> => {
  const client = new OrganizationsClient(CLIENT_OPTIONS);
  const pace = paced(RATES.organizations, 1);
  const { Roots: roots = [] } = await pace.add(() => client.send(new ListRootsCommand({})));
  const parents = roots.map((root) => root.Id ?? '');
  for (let parent = parents.shift(); parent !== undefined; parent = parents.shift()) {
    const ParentId = parent;
    const units = await pace.add(() => client.send(new ListOrganizationalUnitsForParentCommand({ ParentId })));
    parents.push(...(units.OrganizationalUnits ?? []).map((unit) => unit.Id ?? ''));
  }
  const pages = paginateListAccounts({ client }, {})[Symbol.asyncIterator]();
  while (!(await pace.add(() => pages.next())).done);
};

const verifyAll = async (accountIds: string[]): Promise<void> => {
  const verify = verifier();
  await paced(RATES.sts / 2, Number.POSITIVE_INFINITY).addAll(accountIds.map((id) => () => verify(id)));
};

const part = process.env['PART'] === 'listing' ? list : verifyAll.bind(undefined, await listAccountIds());
const started = performance.now();
await part();
process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - started) / 1_000 })}\n`);
