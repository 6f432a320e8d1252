/** What went wrong, as code, message and exit code. */
import { isGrpcServiceError } from '@temporalio/client';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  NamespaceNotFoundError,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { ConfigurationError, credentialsRefused, noSuchNamespace, REFUSALS } from '../configuration.ts';
import { isFailureCode } from '../domain/failures.ts';

/** Exit codes (design 7). */
export const EXIT = { good: 0, notAllWell: 1, usage: 2, unreachable: 3, detached: 130 } as const;

/** A failure as the command line tells it; `code` is one of `domain/failures.ts` where there is one. */
export interface Failure {
  code: string;
  message: string;
  exitCode: number;
}

/** Thrown by commands that know what they want to say. */
export class CommandError extends Error {
  readonly failure: Failure;

  constructor(code: string, message: string, exitCode: number, cause?: unknown) {
    super(message, { cause });
    this.failure = { code, message, exitCode };
  }
}

/** Thrown for a workflow that ended without a result; `reason` is why, as Temporal has it. */
export class RunFailed extends Error {
  readonly workflowId: string;
  readonly reason: Error | undefined;

  constructor(workflowId: string, reason: Error | undefined) {
    super(`${workflowId} ended without a result`, { cause: reason });
    this.workflowId = workflowId;
    this.reason = reason;
  }
}

/** gRPC's status codes that mean something to the caller (grpc.io/docs/guides/status-codes). */
const GRPC_FAILURES: Record<number, Pick<Failure, 'code' | 'exitCode'>> = {
  3: { code: 'InvalidInput', exitCode: EXIT.usage },
  4: { code: 'TemporalUnreachable', exitCode: EXIT.unreachable },
  14: { code: 'TemporalUnreachable', exitCode: EXIT.unreachable },
};

/** Any error of a command as a failure. */
export const failureOf = (error: unknown): Failure => {
  if (error instanceof CommandError) return error.failure;
  if (error instanceof ConfigurationError) return { code: error.code, message: error.message, exitCode: EXIT.usage };
  if (error instanceof RunFailed) return runFailure(error.workflowId, error.reason);
  if (error instanceof NamespaceNotFoundError) return failureOf(noSuchNamespace(error.namespace));
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  if (isGrpcServiceError(cause)) {
    const words = (cause.details || message).replace(/ Resolution note: $/, '');
    if (REFUSALS.includes(cause.code)) return failureOf(credentialsRefused(words));
    const known = GRPC_FAILURES[cause.code] ?? { code: 'Unexpected', exitCode: EXIT.notAllWell };
    return { ...known, message: `Temporal says: ${words}` };
  }
  return { code: 'Unexpected', message, exitCode: EXIT.notAllWell };
};

/** Activities and child workflows wrap what failed in them; a code of our table wins over what is wrapped in it. */
const runFailure = (workflowId: string, error: Error | undefined): Failure => {
  const exitCode = EXIT.notAllWell;
  if ((error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) && error.cause) {
    return runFailure(workflowId, error.cause);
  }
  if (error instanceof ApplicationFailure) {
    if (!isFailureCode(error.type) && error.cause instanceof ApplicationFailure)
      return runFailure(workflowId, error.cause);
    const code = error.type ?? 'Unexpected';
    return { code, message: error.message, exitCode: code === 'InvalidInput' ? EXIT.usage : exitCode };
  }
  const lost = (code: string, what: string, next: string): Failure => ({
    code,
    message: `${workflowId}: expected a result, but ${what}. Next: ${next}.`,
    exitCode,
  });
  const again = 'see in the Temporal UI who did, then start it again';
  if (error instanceof CancelledFailure) return lost('Cancelled', 'somebody cancelled it', again);
  if (error instanceof TerminatedFailure) return lost('Terminated', 'somebody terminated it', again);
  if (error instanceof TimeoutFailure) return lost('TimedOut', 'its time ran out', 'polo-accounts doctor');
  return lost('Unexpected', `it failed: ${error?.message ?? 'Temporal does not say why'}`, 'see it in the Temporal UI');
};
