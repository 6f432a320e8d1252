/** The secrets of the tests, and the search for them in what every test leaves behind. */
import type { Client } from '@temporalio/client';
import { histories, textsIn } from './histories.ts';

/** What the tests work with: none may be in anything that is written. */
export const SECRETS = {
  accessKey: 'AKIAHUBHUBHUBHUBHUB0',
  secretKey: 'hubsecretkeyhubsecretkey',
  password: 'correcthorse',
  externalId: 'external-id-of-tests',
};

/** A password that ClickHouse does not know. */
export const WRONG_PASSWORD = 'batterystaple';

const { externalId, ...credentials } = SECRETS;

/** The last three begin every credential that the sandbox hands out. */
const CREDENTIALS = [...Object.values(credentials), WRONG_PASSWORD, 'SANDBOXSECRET', 'ASIASANDBOX', 'SANDBOXTOKEN'];

const placesIn = (text: string, secrets: string[]): string[] =>
  secrets.flatMap((secret) => {
    const at = text.indexOf(secret);
    return at < 0 ? [] : [text.slice(Math.max(0, at - 200), at + 50)];
  });

/** Where a text tells a credential. */
export const credentialsIn = (text: string): string[] => placesIn(text, CREDENTIALS);

/** Where a text tells a credential or the external id, which only collectors are told (design 5). */
export const leaksIn = (text: string): string[] => placesIn(text, [...CREDENTIALS, externalId]);

/** How many histories of a kind are looked through where a test leaves thousands. */
const SAMPLE = 200;

/** Throws if a line of a log tells a secret, or the history of a workflow a credential. */
export const assertNothingTold = async (lines: string, client: Client): Promise<void> => {
  const told = leaksIn(lines);
  for (const ofAccounts of ['!=', '=']) {
    let left = SAMPLE;
    for await (const { workflow, history } of histories(client, `WorkflowType ${ofAccounts} "account"`)) {
      for (const text of textsIn(history))
        told.push(...credentialsIn(text).map((words) => `${workflow.workflowId}: ${words}`));
      if (--left === 0) break;
    }
  }
  if (told.length > 0) throw new Error(`secrets were told:\n${told.join('\n')}`);
};
