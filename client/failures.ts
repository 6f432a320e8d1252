/** What went wrong, as code, message and exit code. */
import { isGrpcServiceError, WorkflowFailedError } from '@temporalio/client';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  NamespaceNotFoundError,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { ConfigurationError, noSuchNamespace } from '../configuration.ts';
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

/** gRPC's status codes that mean something to the caller (grpc.io/docs/guides/status-codes). */
const GRPC_FAILURES: Record<number, Pick<Failure, 'code' | 'exitCode'>> = {
  3: { code: 'InvalidInput', exitCode: EXIT.usage },
  4: { code: 'TemporalUnreachable', exitCode: EXIT.unreachable },
  7: { code: 'InvalidConfiguration', exitCode: EXIT.usage },
  14: { code: 'TemporalUnreachable', exitCode: EXIT.unreachable },
  16: { code: 'InvalidConfiguration', exitCode: EXIT.usage },
};

/** Any error of a command as a failure. */
export const failureOf = (error: unknown): Failure => {
  if (error instanceof CommandError) return error.failure;
  if (error instanceof ConfigurationError) return { code: error.code, message: error.message, exitCode: EXIT.usage };
  if (error instanceof WorkflowFailedError) return workflowFailure(error.cause);
  if (error instanceof NamespaceNotFoundError) return failureOf(noSuchNamespace(error.namespace));
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  if (isGrpcServiceError(cause)) {
    const known = GRPC_FAILURES[cause.code] ?? { code: 'Unexpected', exitCode: EXIT.notAllWell };
    return { ...known, message: `Temporal says: ${(cause.details || message).replace(/ Resolution note: $/, '')}` };
  }
  return { code: 'Unexpected', message, exitCode: EXIT.notAllWell };
};

/** Activities and child workflows wrap what failed in them; a code of our table wins over what is wrapped in it. */
const workflowFailure = (error: Error | undefined): Failure => {
  const exitCode = EXIT.notAllWell;
  if ((error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) && error.cause) {
    return workflowFailure(error.cause);
  }
  if (error instanceof ApplicationFailure) {
    if (!isFailureCode(error.type) && error.cause instanceof ApplicationFailure) return workflowFailure(error.cause);
    const code = error.type ?? 'Unexpected';
    return { code, message: error.message, exitCode: code === 'InvalidInput' ? EXIT.usage : exitCode };
  }
  if (error instanceof CancelledFailure)
    return { code: 'Cancelled', message: 'somebody cancelled the workflow', exitCode };
  if (error instanceof TerminatedFailure)
    return { code: 'Terminated', message: 'somebody terminated the workflow', exitCode };
  if (error instanceof TimeoutFailure) return { code: 'TimedOut', message: error.message, exitCode };
  return { code: 'Unexpected', message: error?.message ?? 'the workflow failed', exitCode };
};
