/** What control requests may do to the settings. */
import { z } from 'zod';
import { ControlError } from './controlRequest.ts';
import { ROLE_CONDITIONS } from './organization.ts';
import { HUBS } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';

/** Body of `PATCH /_sandbox/settings`: what isn't named stays, null takes away. */
export const settingsSchema = z.strictObject({
  externalId: z.string().nullable().exactOptional(),
  actionRole: z.string().min(1).nullable().exactOptional(),
  hub: z.enum(HUBS).exactOptional(),
  roles: z.record(z.string(), z.enum(ROLE_CONDITIONS)).exactOptional(),
  stackSet: z
    .strictObject({
      exists: z.boolean().exactOptional(),
      managedExecution: z.boolean().exactOptional(),
      /** Of operations from now on; fractions are fine. */
      operationSeconds: z.number().min(0).exactOptional(),
      queuedSeconds: z.number().min(0).exactOptional(),
    })
    .exactOptional(),
});

/** Changes the settings as a control request says. */
export const changeSettings = (sandbox: Sandbox, change: z.infer<typeof settingsSchema>): void => {
  const { externalId, actionRole, stackSet, hub, roles } = change;
  const { settings } = sandbox;
  if (hub !== undefined && hub !== 'management' && sandbox.organization.accounts.length < 2) {
    throw new ControlError(400, 'the management account is alone, so it must be the hub');
  }
  if (hub !== undefined) settings.hub = hub;
  if (externalId === null) delete settings.externalId;
  else if (externalId !== undefined) settings.externalId = externalId;
  if (actionRole === null) delete settings.actionRole;
  else if (actionRole !== undefined) settings.actionRole = actionRole;
  Object.assign(settings.roles, roles);
  Object.assign(sandbox.stackSet, stackSet);
};
