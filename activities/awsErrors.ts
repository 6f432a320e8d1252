/** What an error of the AWS SDK means, by its name (facts: AWS, sections A, B and D). */
import { ApplicationFailure } from '@temporalio/common';
import { cutText } from '../domain/bytes.ts';

/** Polo's own credentials are missing, wrong or expired: nothing about any account. */
const HUB_CREDENTIALS = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'UnrecognizedClientException',
]);

/** Our request is malformed; trying again cannot help. */
const INVALID = new Set([
  'ValidationError',
  'ValidationException',
  'MalformedPolicyDocument',
  'PackedPolicyTooLarge',
  'InvalidInputException',
]);

export type AwsErrorKind = 'hub_credentials' | 'denied' | 'invalid' | 'transient';

/** The error's name, as STS and Organizations spell it. */
export const errorName = (error: unknown): string => (error instanceof Error ? error.name : 'Error');

/** What kind of error it is; what isn't known is transient, so that it is tried again and never taken for a refusal. */
export const kindOf = (error: unknown): AwsErrorKind => {
  const name = errorName(error);
  if (HUB_CREDENTIALS.has(name)) return 'hub_credentials';
  if (name === 'AccessDenied' || name === 'AccessDeniedException') return 'denied';
  return INVALID.has(name) ? 'invalid' : 'transient';
};

/** The failure for an error of a kind; final ones of credentials and rights are the same for every API. */
export const failureOfKind = (
  message: string,
  error: unknown,
  own: Record<'invalid' | 'transient', (message: string) => ApplicationFailure>,
): ApplicationFailure => {
  const kind = kindOf(error);
  if (kind === 'hub_credentials') return ApplicationFailure.nonRetryable(message, 'HubCredentials');
  return kind === 'denied' ? ApplicationFailure.nonRetryable(message, 'NotEntitled') : own[kind](message);
};

/** What AWS said, as we pass it on. */
export interface Words {
  ofError: (error: unknown) => string;
  of: (said: string) => string;
}

/** Whose session AWS refused: another one after every restart, and no change of the account that refuses it. */
const SESSION = /(\bassumed-role\/[^/\s]+)\/\S+/g;

/**
 * AWS's words, cut, without the name of our session, and without the external id: AWS repeats a value that it doesn't like, and this one is nobody's
 * business. The text of a credentials error is left out altogether: AWS repeats the signed request in it, security token
 * included.
 */
export const wordsWithout = (externalId: string | undefined): Words => {
  const of = (said: string): string => {
    const told = said.replace(SESSION, '$1');
    return cutText(externalId === undefined ? told : told.replaceAll(externalId, '(external id)'));
  };
  return {
    of,
    ofError: (error) => {
      const name = errorName(error);
      if (HUB_CREDENTIALS.has(name)) return `${name}: AWS does not accept Polo's own credentials`;
      return of(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    },
  };
};
