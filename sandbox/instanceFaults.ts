/** Deployments that go wrong on purpose. */
import { z } from 'zod';
import { ROLE_CONDITIONS } from './organization.ts';
import { DETAILED_STATUSES, ENDED_STATUSES, INSTANCE_STATUSES } from './stackSet.ts';

/**
 * What a deployment into an account comes to instead; without a status it takes its course but for what is named. It
 * doesn't strike where nothing is deployed: accounts that are CURRENT, INOPERABLE or can't be used, and operations that
 * a control request ends.
 */
export const instanceFaultSchema = z
  .strictObject({
    /** Absent = any account. */
    accountId: z.string().exactOptional(),
    /** How often it strikes; absent = always. */
    times: z.int().min(0).exactOptional(),
    detailedStatus: z.enum(DETAILED_STATUSES).exactOptional(),
    /** Absent = the one that goes with `detailedStatus`. */
    status: z.enum(INSTANCE_STATUSES).exactOptional(),
    statusReason: z.string().exactOptional(),
    /** How the operation ends, whatever became of its accounts. */
    operationStatus: z.enum(ENDED_STATUSES).exactOptional(),
    /** The operation ends without a result for the account, which has no instance. */
    none: z.literal(true).exactOptional(),
    /** What the roles are like once deployed; those not named work. */
    roles: z
      .strictObject({ read: z.enum(ROLE_CONDITIONS).exactOptional(), action: z.enum(ROLE_CONDITIONS).exactOptional() })
      .exactOptional(),
  })
  .refine(
    ({ none, detailedStatus, status, statusReason, roles }) =>
      !none || [detailedStatus, status, statusReason, roles].every((given) => given === undefined),
    'none leaves nothing that could have a status, a reason or roles',
  );
export type InstanceFault = z.infer<typeof instanceFaultSchema>;

/** The faults in force, and how often each has struck. */
export type InstanceFaults = { fault: InstanceFault; struck: number }[];

/** The first fault that is meant for this account; that counts as one strike. */
export const takeInstanceFault = (faults: InstanceFaults, accountId: string): InstanceFault | undefined => {
  const found = faults.find(
    ({ fault, struck }) =>
      (fault.accountId === undefined || fault.accountId === accountId) && struck < (fault.times ?? Infinity),
  );
  if (found) found.struck++;
  return found?.fault;
};
