import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  isCancellation,
  TerminatedFailure,
} from '@temporalio/workflow';
import { cutText } from '../domain/bytes.ts';
import type { Cause } from '../domain/collection.ts';
import { isFailureCode, type FailureCode } from '../domain/failures.ts';

/** Most bytes of a failure that ends with what to do next: AWS's words, of which others are content with 500, must not push that out. */
export const REMEDY_BYTES = 1_000;

/** The first failure of our table in a chain of causes, and its message; what the table doesn't know is `Unexpected`. */
export const failureOf = (error: unknown, bytes = 500): { code: FailureCode; message: string } => {
  let words = String(error);
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    words = cause.message;
    if (cause instanceof ApplicationFailure && isFailureCode(cause.type))
      return { code: cause.type, message: cutText(cause.message, bytes) };
    if (cause instanceof CancelledFailure) return { code: 'Cancelled', message: 'somebody cancelled it' };
  }
  return { code: 'Unexpected', message: cutText(words, bytes) };
};

/** True if we are cancelled ourselves. The SDK says so of a child as well that somebody has cancelled alone. */
export const isOurCancellation = (error: unknown): boolean =>
  isCancellation(error) && CancellationScope.current().consideredCancelled;

/** Fails the workflow for good, with a code of the table. */
export const fail = (code: FailureCode, message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, code);

/** The same failure, with its code where everybody looks for it; a cancellation stays one. */
export const coded = (error: unknown): unknown => {
  if (isCancellation(error)) return error;
  const { code, message } = failureOf(error, REMEDY_BYTES);
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: true,
    ...(error instanceof Error && { cause: error }),
  });
};

/** What failed, outermost first: the wrappings of activities and child workflows are left out. */
export const causesOf = (error: unknown): Cause[] => {
  const causes: Cause[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) continue;
    causes.push({ type: typeOf(cause), message: cause.message });
  }
  return causes;
};

const typeOf = (error: Error): string => {
  if (error instanceof ApplicationFailure) return error.type ?? 'ApplicationFailure';
  if (error instanceof CancelledFailure) return 'Cancelled';
  return error instanceof TerminatedFailure ? 'Terminated' : error.name;
};
