/** The single writer of one account (design 3): applies commands one at a time, in the order they come. */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineUpdate,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { isAccountId } from '../domain/account.ts';
import { outcomeLine } from '../domain/change.ts';
import type { AccountCommand, CommandResult } from '../domain/commands.ts';
import { accountWorkflowId } from '../domain/contract.ts';
import { accountSettings, type AccountSettings } from '../domain/settings.ts';
import { readSettings } from './activities.ts';
import { applyCommand, hold } from './applyCommand.ts';
import { fail } from './failures.ts';
import { checkInput } from './parseInput.ts';

/** Has the account apply a command; answers when it is applied. */
const submit = defineUpdate<CommandResult, [AccountCommand]>('submit');

/** Looks at a refused account after the first one: the second decides, a third only if the roles flap meanwhile. */
const MORE_LOOKS = 2;

/**
 * Runs as `account/<12 digits>` while there are commands for the account. `first` is the command of whoever starts it as
 * a child, `given` the settings if it has read them; others come as updates. Fails with `InvalidInput` under any other id.
 * The body can't be cancelled: somebody else's command may be waiting in it.
 */
export async function account(first?: AccountCommand, given?: AccountSettings): Promise<CommandResult | undefined> {
  const { workflowId } = workflowInfo();
  const accountId = workflowId.replace(/^account\//, '');
  if (!isAccountId(accountId) || workflowId !== accountWorkflowId(accountId)) {
    throw fail('InvalidInput', `account: expected the workflow id account/<12 digits>, got ${workflowId}`);
  }
  if (first !== undefined) checkInput('account', first);
  if (given !== undefined) checkInput('accountSettings', given);
  return CancellationScope.nonCancellable(() => applyAll(accountId, first, given));
}

async function applyAll(
  accountId: string,
  first: AccountCommand | undefined,
  given: AccountSettings | undefined,
): Promise<CommandResult | undefined> {
  const settings = given ? Promise.resolve(given) : readSettings().then(accountSettings);
  const applied = new Map<string, Promise<CommandResult>>();
  let tail: Promise<unknown> = Promise.resolve();

  const held = settings.then((known) => hold(accountId, known));
  const inTurn = <T>(step: () => Promise<T>): Promise<T> => {
    const result = tail.then(step);
    tail = result.catch(() => undefined);
    return result;
  };
  const apply = async (command: AccountCommand): Promise<CommandResult> => {
    for (let looks = MORE_LOOKS; ; looks--) {
      const result = await inTurn(async () => applyCommand(await held, command, looks === 0));
      if (result !== 'look again') {
        setCurrentDetails(outcomeLine(result.row, result.from));
        return result;
      }
      setCurrentDetails('Refused; looking once more before anything is taken away.');
      // Waits with the queue released: others' commands go on meanwhile.
      await sleep((await settings).secondLook);
    }
  };
  /** A command that comes twice, because its caller tried again, is applied once. */
  const once = (command: AccountCommand): Promise<CommandResult> => {
    const known = applied.get(command.id);
    if (known) return known;
    const result = apply(command);
    applied.set(command.id, result);
    // What failed is not applied: its caller may send it again.
    result.catch(() => applied.delete(command.id));
    return result;
  };

  // Before setHandler, which runs a waiting update at once; and everything it uses is declared by now.
  const initial = first && once(first);
  // An update's handler runs in the workflow's own scope, which can be cancelled.
  setHandler(submit, (command) => CancellationScope.nonCancellable(() => once(command)), {
    validator: (command) => checkInput('account', command),
  });
  // A failed first command must not drop the others.
  await initial?.catch(() => undefined);
  if (!allHandlersFinished()) await condition(allHandlersFinished);
  return initial;
}
