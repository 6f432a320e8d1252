import assert from 'node:assert/strict';
import { kindOf, wordsWithout } from '../../activities/awsErrors.ts';

const errorOf = (name: string, message = ''): Error => Object.assign(new Error(message), { name });

describe('what AWS says', () => {
  const words = wordsWithout('s3cret-id');

  it('is passed on without the external id, however often AWS repeats it', () => {
    const said = "Value 's3cret-id' at 'externalId' is not valid; got s3cret-id";
    const passedOn = "Value '(external id)' at 'externalId' is not valid; got (external id)";
    assert.equal(words.of(said), passedOn);
    assert.equal(words.ofError(errorOf('ValidationError', said)), `ValidationError: ${passedOn}`);
  });

  it('is the same whichever of our sessions AWS refused, so that a restart changes no account', () => {
    const said = (session: string): string =>
      words.of(`User: arn:aws:sts::111111111111:assumed-role/polo-worker/${session} is not authorized to perform: x`);
    assert.equal(said('i-0123456789'), said('botocore-session-1795305600'));
    assert.equal(said('a'), 'User: arn:aws:sts::111111111111:assumed-role/polo-worker is not authorized to perform: x');
  });

  it('is left out where it is about credentials: AWS repeats the signed request', () => {
    for (const name of [
      'InvalidSignatureException',
      'SignatureDoesNotMatch',
      'ExpiredToken',
      'UnrecognizedClientException',
    ]) {
      const told = words.ofError(errorOf(name, 'The Canonical String was x-amz-security-token:hush'));
      assert.equal(told, `${name}: AWS does not accept Polo's own credentials`);
    }
  });

  it('is a refusal only by name: what is not known may pass, and is tried again', () => {
    assert.equal(kindOf(errorOf('AccessDenied')), 'denied');
    assert.equal(kindOf(errorOf('AccessDeniedException')), 'denied');
    for (const name of ['Throttling', 'TimeoutError', 'AccessDeniedForNow', 'Error']) {
      assert.equal(kindOf(errorOf(name, 'AccessDenied')), 'transient', name);
    }
    assert.equal(kindOf('AccessDenied'), 'transient');
  });
});
