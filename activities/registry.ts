/** The registry as Temporal activities. */
import { ApplicationFailure } from '@temporalio/common';
import { isRegistryError } from '../registry/errors.ts';
import type { Registry } from '../registry/registry.ts';

/** The activities that read and write the registry. */
export type RegistryActivities = Omit<
  Registry,
  'readCoverageFacts' | 'readCoverageChanges' | 'readNewsCandidates' | 'countAccounts' | 'ping' | 'close'
>;

/**
 * Makes the activities of an open registry. A RegistryError becomes an ApplicationFailure of the same type and message,
 * without a cause; only an unavailable registry is tried again.
 */
export const createRegistryActivities = (registry: Registry): RegistryActivities => ({
  loadAccount: reported(registry.loadAccount),
  writeAccount: reported(registry.writeAccount),
  appendEvents: reported(registry.appendEvents),
  readOrganizationId: reported(registry.readOrganizationId),
  readUnitNodes: reported(registry.readUnitNodes),
  readNode: reported(registry.readNode),
  writeNodes: reported(registry.writeNodes),
  readKnownAccountIds: reported(registry.readKnownAccountIds),
  selectAccounts: reported(registry.selectAccounts),
  selectTargets: reported(registry.selectTargets),
  findUnmatched: reported(registry.findUnmatched),
  readLastCompleteDiscovery: reported(registry.readLastCompleteDiscovery),
  sampleActiveAccounts: reported(registry.sampleActiveAccounts),
  readAccounts: reported(registry.readAccounts),
  readHistory: reported(registry.readHistory),
  readEndingExclusions: reported(registry.readEndingExclusions),
  readSlackState: reported(registry.readSlackState),
  readHappened: reported(registry.readHappened),
  checkTables: reported(registry.checkTables),
});

/** Reports a RegistryError as `createRegistryActivities` says. */
export const reported =
  <Input extends unknown[], Output>(call: (...input: Input) => Promise<Output>) =>
  async (...input: Input): Promise<Output> => {
    try {
      return await call(...input);
    } catch (error) {
      if (!isRegistryError(error)) throw error;
      const { code, message } = error;
      throw ApplicationFailure.create({ type: code, message, nonRetryable: code !== 'RegistryUnavailable' });
    }
  };
