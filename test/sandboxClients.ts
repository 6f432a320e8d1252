/** What the sandbox's tests share: AWS's own clients pointed at a sandbox, and its control interface. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { OrganizationsClient, paginateListAccounts } from '@aws-sdk/client-organizations';
import type { Account } from '@aws-sdk/client-organizations';
import { STSClient } from '@aws-sdk/client-sts';
import { strict as assert } from 'node:assert';
import { startSandbox } from '../sandbox/server.ts';
import type { SandboxOptions } from '../sandbox/sandbox.ts';

export const HUB = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' };

/** An account as `GET /_sandbox/accounts` tells it, as far as the tests look. */
export interface ShownAccount {
  id: string;
  name: string;
  email: string;
  state: string | null;
  managementAccount: boolean;
  ou: string;
  ouId: string;
  tags: Record<string, string>;
  roles: { read: string; action: string };
  instance: {
    status: string;
    detailedStatus: string;
    statusReason?: string;
    stackId?: string;
    operationId: string;
    operationStatus: string;
  } | null;
  expected: { polo_status: string; rule: number; last_scan_error_begins: string; polo_action_role: boolean } | null;
}

/** One client of each service. */
interface Clients {
  organizations: OrganizationsClient;
  sts: STSClient;
  cloudFormation: CloudFormationClient;
}

/** Clients of all three services that make one attempt each. */
export const clientsOf = (endpoint: string, credentials: object = HUB, region = 'us-east-1'): Clients => {
  const settings = { endpoint, region, maxAttempts: 1, credentials: { ...HUB, ...credentials } };
  return {
    organizations: new OrganizationsClient(settings),
    sts: new STSClient(settings),
    cloudFormation: new CloudFormationClient(settings),
  };
};

/** Runs a sandbox for a test and closes it whatever happens. */
export const withSandbox =
  (options: SandboxOptions, test: (sandbox: TestSandbox) => Promise<void>): (() => Promise<void>) =>
  async () => {
    const { url, close } = await startSandbox(options);
    try {
      await test(testSandbox(url));
    } finally {
      await close();
    }
  };

const testSandbox = (url: string) => {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says what the route answers
  const control = async <T>(method: string, path: string, body?: unknown): Promise<{ status: number; json: T }> => {
    const response = await fetch(`${url}/_sandbox/${path}`, {
      method,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, json: (await response.json()) as T };
  };
  const change = async (method: string, path: string, body: unknown): Promise<void> => {
    const { status, json } = await control(method, path, body);
    assert.ok(status < 300, JSON.stringify(json));
  };
  const accounts = async (): Promise<ShownAccount[]> => (await control<ShownAccount[]>('GET', 'accounts')).json;
  return {
    url,
    ...clientsOf(url),
    control,
    accounts,
    /** The showcase account of this name. */
    named: async (name: string): Promise<ShownAccount> => {
      const found = (await accounts()).find((account) => account.name === name);
      assert.ok(found, name);
      return found;
    },
    patch: (id: string, body: object): Promise<void> => change('PATCH', `accounts/${id}`, body),
    faults: (body: object): Promise<void> => change('PUT', 'faults', body),
    settings: (body: object): Promise<void> => change('PATCH', 'settings', body),
  };
};

export type TestSandbox = ReturnType<typeof testSandbox>;

/** All accounts as ListAccounts tells them. */
export const listAll = async (client: OrganizationsClient): Promise<Account[]> => {
  const accounts: Account[] = [];
  for await (const page of paginateListAccounts({ client }, {})) accounts.push(...(page.Accounts ?? []));
  return accounts;
};

/** Asserts that AWS's error of this name comes back, with this HTTP status where given. */
export const refuses = async (call: Promise<unknown>, name: string, status?: number): Promise<void> => {
  await assert.rejects(call, (error: Error & { $metadata?: { httpStatusCode?: number } }) => {
    assert.equal(error.name, name, error.message);
    if (status !== undefined) assert.equal(error.$metadata?.httpStatusCode, status);
    return true;
  });
};
