/** Tries freshly deployed roles until they work: IAM needs up to a minute (facts: AWS, section B). */
import { sleep } from '@temporalio/workflow';
import type { Verification } from '../domain/status.ts';
import { rolesWork, verificationLine } from '../domain/verification.ts';
import type { OnboardingRun } from './onboardingRun.ts';
import { verifyBothRoles } from './verifyBothRoles.ts';

/** What the roles said last: that they work, or what was said when the time was over. Holds no lock meanwhile. */
export const tryRoles = async (run: OnboardingRun): Promise<Verification> => {
  run.rolesAreDeployed();
  run.report('the roles are deployed, trying them');
  const { rolesAppear, rolesPause, rolesPauseMax } = run.settings.durations;
  const { partition = 'aws' } = (await run.readFacts()) ?? {};
  const until = Date.now() + rolesAppear;
  for (let pause = rolesPause; ; pause = Math.min(2 * pause, rolesPauseMax)) {
    const tried = await verifyBothRoles(run.accountId, partition);
    if (rolesWork(tried) || Date.now() >= until) return tried;
    run.report(`the roles are deployed, waiting for IAM: ${verificationLine(tried)}`);
    await sleep(pause);
  }
};
