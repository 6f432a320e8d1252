/** AWS Organizations: accounts, organizational units and tags, one call in flight at a bounded rate. */
import {
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  type Account,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type PQueue from 'p-queue';
import { partitionOf } from '../domain/names.ts';
import type { Organization, OrganizationAccount, OrganizationalUnit } from '../domain/organization.ts';
import { errorName, failureOfKind, wordsWithout, type Words } from './awsErrors.ts';

/** AWS allows at most 20 entries a page. */
const PAGE = 20;

/** Pages that one activity reads before it hands over what it has: about a batch of accounts. */
const PAGES_PER_CALL = 5;

/** Where a listing goes on; absent = from the start. */
export interface ListPosition {
  token?: string;
}

/** A walk below several parents; the first one may be half read. */
export interface WalkPosition extends ListPosition {
  parents: string[];
}

export interface TagNames {
  accountRole: string;
  owner: string;
}

/** `pace` lets one call through at a time, within POLO_ORGANIZATIONS_RATE. */
export const createOrganizationsActivities = (
  client: OrganizationsClient,
  pace: PQueue,
  tags: TagNames | undefined,
  externalId: string | undefined,
) => {
  const words = wordsWithout(externalId);

  /** Sends through the pace and says in our terms what went wrong. A heartbeat lets a cancelled listing stop between calls. */
  const call = async <T>(what: string, send: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> => {
    // What waits in line is started by whoever leaves it, in the context of another activity.
    const context = Context.current();
    const { cancellationSignal: signal } = context;
    context.heartbeat(what);
    try {
      return await pace.add(
        () => {
          context.heartbeat(what);
          return send({ abortSignal: signal });
        },
        { signal },
      );
    } catch (error) {
      signal.throwIfAborted();
      throw failureOf(what, error, words);
    }
  };

  /** Reads up to PAGES_PER_CALL pages below the parents, one parent after the other. */
  const walk = async <T>(
    position: WalkPosition,
    read: (parent: string, token: string | undefined) => Promise<{ found: T[]; token: string | undefined }>,
  ): Promise<{ found: T[]; next?: WalkPosition }> => {
    const found: T[] = [];
    const parents = [...position.parents];
    let token = position.token;
    for (let pages = 0; pages < 2 * PAGES_PER_CALL && parents[0] !== undefined; pages++) {
      const page = await read(parents[0], token).catch(unlessGone({ found: [], token: undefined }));
      found.push(...page.found);
      token = page.token;
      if (token === undefined) parents.shift();
    }
    return { found, ...(parents.length > 0 && { next: { parents, ...(token !== undefined && { token }) } }) };
  };

  return {
    /** The organization that our credentials belong to. */
    describeOrganization: async (): Promise<Organization> => {
      const { Organization: organization } = await call('DescribeOrganization', (options) =>
        client.send(new DescribeOrganizationCommand({}), options),
      );
      return { id: organization?.Id ?? '', managementAccountId: organization?.MasterAccountId ?? '' };
    },

    /** Id of the root that holds everything. */
    findRoot: async (): Promise<string> => {
      const { Roots: roots } = await call('ListRoots', (options) => client.send(new ListRootsCommand({}), options));
      return roots?.[0]?.Id ?? '';
    },

    /** Organizational units directly below the parents; `next` where more is to be read. */
    listOrganizationalUnits: (position: WalkPosition): Promise<{ found: OrganizationalUnit[]; next?: WalkPosition }> =>
      walk(position, async (parentId, token) => {
        const page = await call(`ListOrganizationalUnitsForParent ${parentId}`, (options) =>
          client.send(
            new ListOrganizationalUnitsForParentCommand({ ParentId: parentId, MaxResults: PAGE, NextToken: token }),
            options,
          ),
        );
        const found = (page.OrganizationalUnits ?? []).map((unit) => ({
          id: unit.Id ?? '',
          name: unit.Name ?? '',
          parentId,
        }));
        return { found, token: page.NextToken };
      }),

    /** Which accounts are directly below the parents: for endpoints whose ListAccounts has no `Paths`. */
    listAccountParents: (
      position: WalkPosition,
    ): Promise<{ found: { accountId: string; parentId: string }[]; next?: WalkPosition }> =>
      walk(position, async (parentId, token) => {
        const page = await call(`ListAccountsForParent ${parentId}`, (options) =>
          client.send(
            new ListAccountsForParentCommand({ ParentId: parentId, MaxResults: PAGE, NextToken: token }),
            options,
          ),
        );
        return {
          found: (page.Accounts ?? []).map((account) => ({ accountId: account.Id ?? '', parentId })),
          token: page.NextToken,
        };
      }),

    /**
     * About a hundred accounts of the listing. A page may be empty and yet not the last: only a missing token ends it.
     * Pages before one that fails are handed over, so only that page is tried again. Fails with `ListingExpired` if AWS no
     * longer knows the token.
     */
    listAccounts: async (position: ListPosition): Promise<{ accounts: OrganizationAccount[]; next?: string }> => {
      const accounts: OrganizationAccount[] = [];
      let token = position.token;
      for (let pages = 0; pages < 2 * PAGES_PER_CALL && accounts.length < PAGES_PER_CALL * PAGE; pages++) {
        try {
          const page = await call('ListAccounts', (options) =>
            client.send(new ListAccountsCommand({ MaxResults: PAGE, NextToken: token }), options),
          );
          accounts.push(...(page.Accounts ?? []).map(accountOf));
          token = page.NextToken ?? undefined;
        } catch (error) {
          if (pages === 0 || Context.current().cancellationSignal.aborted) throw error;
          break;
        }
        if (token === undefined) return { accounts };
      }
      return { accounts, ...(token !== undefined && { next: token }) };
    },

    /** One account, with the organization that its ARN names; null if the organization has no such account. */
    describeAccount: async (
      accountId: string,
    ): Promise<{ account: OrganizationAccount; organization: Organization } | null> => {
      const { Account: account } = await call(`DescribeAccount ${accountId}`, (options) =>
        client.send(new DescribeAccountCommand({ AccountId: accountId }), options),
      ).catch(unlessGone({ Account: undefined }));
      return account === undefined ? null : { account: accountOf(account), organization: organizationOf(account) };
    },

    /** Id of the unit, or the root, directly above an account or unit. */
    findParent: async (childId: string): Promise<string> => {
      const { Parents: parents } = await call(`ListParents ${childId}`, (options) =>
        client.send(new ListParentsCommand({ ChildId: childId }), options),
      );
      return parents?.[0]?.Id ?? '';
    },

    /** The two tags of each account that Polo keeps; a missing tag is left out. */
    readTags: async (accountIds: string[]): Promise<{ accountId: string; accountRole?: string; owner?: string }[]> => {
      const found = [];
      for (const accountId of accountIds) {
        const { Tags: all } = await call(`ListTagsForResource ${accountId}`, (options) =>
          client.send(new ListTagsForResourceCommand({ ResourceId: accountId }), options),
        ).catch(unlessGone({ Tags: [] }));
        const value = (key: string | undefined): string | undefined => all?.find((tag) => tag.Key === key)?.Value;
        const accountRole = value(tags?.accountRole);
        const owner = value(tags?.owner);
        found.push({
          accountId,
          ...(accountRole !== undefined && { accountRole }),
          ...(owner !== undefined && { owner }),
        });
      }
      return found;
    },
  };
};

export type OrganizationsActivities = ReturnType<typeof createOrganizationsActivities>;

/** `State` replaced `Status` on 2026-09-09; an endpoint may still send either, both or none. */
const accountOf = (account: Account): OrganizationAccount => {
  const path = account.Paths?.[0]?.split('/').filter((part) => /^(r|ou)-/.test(part));
  const parentId = path?.at(-1);
  return {
    id: account.Id ?? '',
    name: account.Name ?? '',
    email: account.Email ?? '',
    state: account.State ?? account.Status ?? '',
    partition: partitionOf(account.Arn),
    ...(parentId !== undefined && { parentId }),
  };
};

/** `arn:aws:organizations::<management account>:account/<organization>/<account>` */
const organizationOf = (account: Account): Organization => {
  const [, , , , managementAccountId = '', resource = ''] = account.Arn?.split(':') ?? [];
  return { id: resource.split('/')[1] ?? '', managementAccountId };
};

/** What to answer instead if what we ask about has left or was deleted; other failures stay. */
const unlessGone =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (error instanceof ApplicationFailure && error.type === 'AccountNotFound') return instead;
    throw error;
  };

const failureOf = (what: string, error: unknown, words: Words): ApplicationFailure => {
  const message = `${what}: ${words.ofError(error)}`;
  switch (errorName(error)) {
    case 'AccountNotFoundException':
    case 'ChildNotFoundException':
    case 'ParentNotFoundException':
    case 'TargetNotFoundException':
      return ApplicationFailure.nonRetryable(message, 'AccountNotFound');
    case 'InvalidInputException':
      return ApplicationFailure.nonRetryable(message, 'ListingExpired');
    case 'AWSOrganizationsNotInUseException':
      return ApplicationFailure.nonRetryable(message, 'NotEntitled');
  }
  const unavailable = (said: string): ApplicationFailure =>
    ApplicationFailure.retryable(said, 'OrganizationsUnavailable');
  return failureOfKind(message, error, { invalid: unavailable, transient: unavailable });
};
