/** What a workflow needs to know of the worker's configuration; read through a local activity, so that replays agree. */
import type { StackSetNames } from './contract.ts';
import type { Durations } from './durations.ts';

export interface Settings {
  durations: Durations;
  readRoleName: string;
  /** Absent where no action role is configured. */
  actionRoleName?: string;
  /** Whether roles are assumed with an external id. */
  externalId: boolean;
  stackSet: StackSetNames;
  /** Whether AWS tags are read at all. */
  tags: boolean;
  /** Whether there is a webhook to Slack, and a dead man's switch to call; their URLs are nobody's business. */
  slack: boolean;
  heartbeat: boolean;
  /** Public address of the page. */
  statusUrl?: string;
}

/** What the workflow of one account needs of it; a discovery hands it over, for tens of thousands of times. */
export interface AccountSettings {
  secondLook: number;
  roleSettles: number;
  readRoleName: string;
  actionRoleName?: string;
}

/** The part of the settings that an account needs. */
export const accountSettings = ({ durations, readRoleName, actionRoleName }: Settings): AccountSettings => ({
  secondLook: durations.secondLook,
  roleSettles: durations.roleSettles,
  readRoleName,
  ...(actionRoleName !== undefined && { actionRoleName }),
});
