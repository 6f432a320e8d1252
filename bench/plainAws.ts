/** AWS as a plain script would use it: list all accounts, assume both roles, write a row. */
import { OrganizationsClient, paginateListAccounts } from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { AccountChange } from '../domain/account.ts';
import { ACTION_ROLE_NAME, readRoleName, roleArn } from '../domain/names.ts';
import type { RegistryOptions } from '../registry/client.ts';
import { openRegistry, type Registry } from '../registry/registry.ts';
import { SITE } from './stand.ts';

/** Of every client of a benchmark. */
export const CLIENT_OPTIONS = { region: 'us-east-1', retryMode: 'standard', maxAttempts: 3 } as const;

/** Ids of all accounts of the organization. */
export const listAccountIds = async (): Promise<string[]> => {
  const ids: string[] = [];
  for await (const page of paginateListAccounts({ client: new OrganizationsClient(CLIENT_OPTIONS) }, {})) {
    ids.push(...(page.Accounts ?? []).map((account) => account.Id ?? ''));
  }
  return ids;
};

/** Makes a function that tells whether both roles of an account can be assumed. */
export const verifier = (): ((accountId: string) => Promise<boolean>) => {
  const sts = new STSClient(CLIENT_OPTIONS);
  const works = (arn: string): Promise<boolean> =>
    sts
      .send(
        new AssumeRoleCommand({
          RoleArn: arn,
          RoleSessionName: 'bench',
          DurationSeconds: 900,
          ExternalId: SITE.externalId,
        }),
      )
      .then(
        () => true,
        () => false,
      );
  return async (accountId) => {
    const roles = [readRoleName(SITE.env), ACTION_ROLE_NAME].map((name) => roleArn('aws', accountId, name));
    return (await Promise.all(roles.map(works))).every(Boolean);
  };
};

/** The write of an account that was seen for the first time. */
export const changeOf = (accountId: string, works: boolean): AccountChange => {
  const at = new Date().toISOString();
  const status = works ? 'active' : 'pending_setup';
  return {
    events: [
      {
        event_id: `bench/${accountId}`,
        account_id: accountId,
        at,
        kind: 'discovered',
        from_status: '',
        to_status: status,
        reason: '',
        actor: 'bench',
        until: null,
        workflow_id: '',
        run_id: '',
      },
    ],
    node: {
      node_id: accountId,
      node_type: 'account',
      parent_id: '',
      name: accountId,
      path: [accountId],
      is_active: true,
      updated_at: at,
      _version: String(Date.now()),
    },
    row: {
      account_id: accountId,
      account_name: accountId,
      account_email: '',
      org_unit: '/',
      polo_status: status,
      polo_read_role: works ? roleArn('aws', accountId, readRoleName(SITE.env)) : '',
      polo_action_role: works ? roleArn('aws', accountId, ACTION_ROLE_NAME) : '',
      last_successful_scan: null,
      last_scan_error: '',
      account_role: '',
      owner: '',
      discovered_at: at,
      updated_at: at,
      _version: String(Date.now()),
    },
  };
};

/** Puts so many accounts into a registry, all of them active. */
export const fillRegistry = async (options: RegistryOptions, accounts: number): Promise<void> => {
  const registry = await openRegistry(options);
  const ids = Array.from({ length: accounts }, (_, index) => String(index + 1).padStart(12, '0'));
  await Promise.all(ids.map((id) => registry.writeAccount(changeOf(id, true))));
  await registry.close();
};

/** The registry that the environment of a benchmark's process names. */
export const openBenchRegistry = (): Promise<Registry> => {
  const { CLICKHOUSE_URL: url = '', CLICKHOUSE_USER: user = '', CLICKHOUSE_PASSWORD: password = '' } = process.env;
  return openRegistry({ database: process.env['CLICKHOUSE_DATABASE'] ?? '', url, user, password });
};
