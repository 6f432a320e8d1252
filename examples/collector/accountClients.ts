/** AWS clients by account: they sign with the account's read role, and the most recently used ones are kept. */
import { STSClient } from '@aws-sdk/client-sts';
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { CollectedAccount } from 'polo-accounts/contract';

/** The clients of a process. */
export interface AccountClients {
  /** Works with the account's client, which nobody destroys meanwhile. */
  use: <T>(account: CollectedAccount, work: (client: STSClient) => Promise<T>) => Promise<T>;
  /** Destroys all of them. */
  destroy: () => void;
}

/** Keeps up to `limit` clients, more only while more are in use at once. */
export const createAccountClients = (limit: number): AccountClients => {
  // One for the whole process: every chain of its own would ask the instance's metadata service for the same credentials.
  const base = fromNodeProviderChain();
  /** Least recently used first. */
  const kept = new Map<string, { client: STSClient; users: number }>();

  const open = ({ readRoleArn, externalId }: CollectedAccount): STSClient =>
    new STSClient({
      // The client keeps these and gets new ones five minutes before they end.
      credentials: fromTemporaryCredentials({
        masterCredentials: base,
        params: {
          RoleArn: readRoleArn,
          RoleSessionName: 'example-collector',
          ...(externalId !== undefined && { ExternalId: externalId }),
        },
      }),
      // Without these a call that AWS never answers is never given up. AssumeRole is called with them as well.
      requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    });

  const evict = (): void => {
    for (const [key, { client, users }] of kept) {
      if (kept.size <= limit) return;
      if (users > 0) continue;
      kept.delete(key);
      client.destroy();
    }
  };

  return {
    use: async (account, work) => {
      const key = `${account.readRoleArn} ${account.externalId ?? ''}`;
      const entry = kept.get(key) ?? { client: open(account), users: 0 };
      kept.delete(key);
      kept.set(key, entry);
      entry.users++;
      try {
        return await work(entry.client);
      } finally {
        entry.users--;
        evict();
      }
    },
    destroy: () => {
      for (const { client } of kept.values()) client.destroy();
      kept.clear();
    },
  };
};
