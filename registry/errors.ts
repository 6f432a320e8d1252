/** What can go wrong with the registry, in four codes: programs read `code`, people read the message. */
import { cutText } from '../domain/bytes.ts';
import type { FailureCode } from '../domain/failures.ts';

const CODES = [
  'RegistryUnavailable',
  'RegistryRejected',
  'RegistryLocked',
  'RegistryShape',
] as const satisfies FailureCode[];

/**
 * - `RegistryUnavailable`: no answer, or none that is known to be final; trying again can help.
 * - `RegistryRejected`: the same call can never succeed (bad row, missing right, unknown table, bad setting).
 * - `RegistryLocked`: another process uses the embedded database.
 * - `RegistryShape`: existing tables are not the ones that Polo needs.
 */
export type RegistryErrorCode = (typeof CODES)[number];

/** A plain Error with a code; its message names thing, expectation and what came, and never holds a secret. */
export type RegistryError = Error & { code: RegistryErrorCode };

/** Makes the error of a code. */
export const registryError = (code: RegistryErrorCode, message: string): RegistryError =>
  Object.assign(new Error(message), { code });

/** True for errors that this folder made; everything else is a bug. */
export const isRegistryError = (error: unknown): error is RegistryError =>
  error instanceof Error && 'code' in error && CODES.some((code) => code === error.code);

/** ClickHouse's final answers, by the name in its error. Everything else may pass. */
const FINAL_ANSWERS = new Set([
  'ACCESS_DENIED',
  'AUTHENTICATION_FAILED',
  'CANNOT_PARSE_INPUT_ASSERTION_FAILED',
  'DATABASE_ALREADY_EXISTS',
  'NO_SUCH_COLUMN_IN_TABLE',
  'READONLY',
  'REQUIRED_PASSWORD',
  'SYNTAX_ERROR',
  'TABLE_ALREADY_EXISTS',
  'TYPE_MISMATCH',
  'UNKNOWN_DATABASE',
  'UNKNOWN_IDENTIFIER',
  'UNKNOWN_TABLE',
]);

/**
 * Turns what the client threw into a registry error. `doing` says what was tried, e.g. `writing polo.aws_accounts`;
 * `secret` is removed from the text. `instanceof ClickHouseError` fails on the embedded engine, `type` is there on both.
 */
export const explain = (doing: string, cause: unknown, secret: string): RegistryError => {
  const { type, code, message } = Object(cause) as { type?: string; code?: string; message?: string };
  const raw = (message ?? '') === '' ? (code ?? String(cause)) : String(message);
  const text = cutText((secret === '' ? raw : raw.replaceAll(secret, '***')).replace(/\s+/g, ' ').trim());
  return type === undefined
    ? registryError('RegistryUnavailable', `${doing}: no answer from ClickHouse: ${text}`)
    : registryError(
        FINAL_ANSWERS.has(type) ? 'RegistryRejected' : 'RegistryUnavailable',
        `${doing}: ClickHouse answered ${type}: ${text}`,
      );
};
