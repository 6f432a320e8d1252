/** operations/new-account.md, followed word for word: its commands in a shell, by AWS's own command line, against the sandbox. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blocksIn, read, type Block } from './support/documents.ts';
import { newAccount, onboardingEvents, operationsOn, startOnboardingPolo } from './support/onboarding.ts';
import type { Polo } from './support/polo.ts';
import { pythonWith } from './support/python.ts';

const DOCUMENT = read('operations/new-account.md');
const CLI = fileURLToPath(new URL('../lib/client/main.js', import.meta.url));

/** A step of the runbook: what to type, and what should be said then if the runbook shows it. */
interface Step {
  commands: string;
  expected?: string;
}

const stepsOf = (anchor: string): Step[] => {
  const blocks = blocksIn(DOCUMENT, anchor);
  return blocks.flatMap(({ language, text }: Block, index) => {
    const next = blocks[index + 1];
    if (language !== 'bash') return [];
    return [{ commands: text, ...(next?.language === 'text' && { expected: next.text }) }];
  });
};

/** What the runbook shows is of another account, and leaves out what is different each time. */
const asShown = (expected: string, accountId: string, name: string): RegExp => {
  const own = expected.replaceAll('012345678901', accountId).replaceAll('NAME', name).replaceAll('production', 'test');
  return new RegExp(`^${own.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*')}$`);
};

describe('operations/new-account.md', function () {
  this.timeout(300_000);
  this.slow(60_000);
  let polo: Polo;
  let commands: string;

  before(async () => {
    const python = await pythonWith(['awscli==1.46.3']);
    polo = await startOnboardingPolo();
    commands = join(polo.folder, 'commands');
    await mkdir(commands);
    const command = (name: string, line: string): Promise<void> =>
      writeFile(join(commands, name), `#!/bin/sh\nexec ${line} "$@"\n`, { mode: 0o755 });
    await command('aws', `"${python}" -m awscli`);
    await command('polo-accounts', `"${process.execPath}" "${CLI}"`);
  });
  after(() => polo.stop());

  /** Types all steps into one shell, whose environment is the worker's. What each of them said and ended with. */
  const follow = (steps: Step[]): Promise<{ said: string; code: number }[]> => {
    const environment = polo.environment();
    const env = {
      ...environment,
      PATH: `${commands}:${environment['PATH'] ?? ''}`,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_PAGER: '',
    };
    const script = steps.map((step) => `${step.commands}\nprintf '\\0%s\\0' "$?"\n`).join('');
    return new Promise((resolve, reject) => {
      execFile('bash', ['-c', script], { env, timeout: 120_000 }, (error, stdout, stderr) => {
        const parts = stdout.split('\0');
        const results = steps.map((_, index) => ({
          said: parts[2 * index] ?? '',
          code: Number(parts[2 * index + 1] ?? NaN),
        }));
        if (results.every(({ code }) => code === 0)) resolve(results);
        else reject(new Error(`${JSON.stringify(results)}\n${stderr}`, { cause: error }));
      });
    });
  };

  /** Follows these sections for a new account that Polo doesn't know yet; its id. */
  const onboardBy = async (...anchors: string[]): Promise<string> => {
    const accountId = await newAccount(polo);
    const { name = '' } = (await polo.organization()).find(({ id }) => id === accountId) ?? {};
    const steps = anchors.flatMap(stepsOf).map(({ commands: typed, ...step }) => ({
      // The one thing that the runbook tells to fill in.
      commands: typed.replace(/^ACCOUNT_ID=\d+$/m, `ACCOUNT_ID=${accountId}`),
      ...step,
    }));
    const results = await follow(steps);
    for (const [index, { commands: typed, expected }] of steps.entries()) {
      const said = results[index]?.said ?? '';
      if (expected === undefined) continue;
      assert.match(said, asShown(expected, accountId, name), `${typed}said ${said}instead of ${expected}`);
    }
    return accountId;
  };

  const assertActive = async (accountId: string): Promise<void> => {
    const { polo_status, polo_read_role, polo_action_role, last_scan_error } = await polo.account(accountId);
    assert.deepEqual(
      { polo_status, polo_read_role, polo_action_role, last_scan_error },
      {
        polo_status: 'active',
        polo_read_role: `arn:aws:iam::${accountId}:role/test-PoloReadRole`,
        polo_action_role: `arn:aws:iam::${accountId}:role/polo-action-role`,
        last_scan_error: '',
      },
    );
  };

  it('shows for each way what to type and what should be said', () => {
    const shown = (anchor: string): number => stepsOf(anchor).filter(({ expected }) => expected !== undefined).length;
    assert.deepEqual(['before-you-start', 'automatic-path', 'manual-path', 'verify'].map(shown), [1, 1, 3, 4]);
    assert.deepEqual(
      ['automatic-path', 'manual-path'].map((anchor) => stepsOf(anchor).length),
      [1, 4],
    );
  });

  it('makes an account active by the automatic path', async () => {
    const accountId = await onboardBy('before-you-start', 'automatic-path', 'verify');
    await assertActive(accountId);
    assert.equal((await operationsOn(polo, accountId)).length, 1);
    assert.ok((await onboardingEvents(polo, accountId)).length > 0);
  });

  it('makes an account active by the manual path, in which Polo deploys nothing', async () => {
    const accountId = await onboardBy('before-you-start', 'manual-path', 'verify');
    await assertActive(accountId);
    assert.equal((await operationsOn(polo, accountId)).length, 1);
    assert.deepEqual(await onboardingEvents(polo, accountId), []);
  });

  it('would not, if an option were wrong', async () => {
    const [deploy] = stepsOf('manual-path');
    const wrong = deploy?.commands.replace('AccountFilterType=', 'AccountFilter=') ?? '';
    await assert.rejects(follow([...stepsOf('before-you-start').slice(0, 1), { commands: wrong }]), /AccountFilter/);
  });
});
