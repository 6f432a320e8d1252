import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DURATIONS, LIMITS, scaledDurations } from '../../../domain/durations.ts';

/** As numbers: the compiler would know the outcome of comparing the constants. */
const { verify, verifyAttempt, registryHeld, registryAttempt }: Record<keyof typeof LIMITS, number> = LIMITS;

describe('durations', () => {
  it('waits 30 seconds for a second look and 5 minutes for a deployed role, in real time', () => {
    const real = scaledDurations(1);
    assert.deepEqual(real, { ...DURATIONS });
    assert.equal(real.secondLook, 30_000);
    assert.equal(real.roleSettles, 300_000);
  });

  it('shortens every wait by the same scale', () => {
    for (const [name, ms] of Object.entries(scaledDurations(0.01))) {
      const real = DURATIONS[name as keyof typeof DURATIONS];
      assert.ok(Math.abs(ms - real / 100) <= 0.5, `${name}: ${String(real)} became ${String(ms)}`);
    }
  });

  it('gives whole milliseconds and at least one, at any scale', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (scale) => {
        for (const [name, ms] of Object.entries(scaledDurations(scale))) {
          assert.ok(Number.isInteger(ms) && ms >= 1, name);
          assert.ok(ms <= DURATIONS[name as keyof typeof DURATIONS], name);
        }
      }),
    );
  });

  it('lets no single step hold an account for the 60 seconds that a command may', () => {
    assert.ok(verify < 60_000);
    assert.ok(registryHeld < 60_000);
  });

  it('leaves time for another attempt after one that used up its own time', () => {
    assert.ok(verifyAttempt < verify);
    assert.ok(registryAttempt < registryHeld);
  });
});
