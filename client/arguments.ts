/** What commands accept, checked before anything is started. */
import { userInfo } from 'node:os';
import { InvalidArgumentError } from 'commander';
import { isAccountId } from '../domain/account.ts';
import { inputSchema, problemsOf, type InputType } from '../domain/inputs.ts';
import { CommandError, EXIT } from './failures.ts';

/** One account id; throws what commander reports as a usage error. */
export const accountId = (value: string): string => {
  if (!isAccountId(value))
    throw new InvalidArgumentError('Expected the 12 digits of an AWS account id, leading zeros included.');
  return value;
};

/** Several account ids, each once. */
export const accountIds = (value: string, previous: string[] = []): string[] => [
  ...new Set([...previous, accountId(value)]),
];

/** A whole number from 1. */
export const count = (value: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError('Expected a whole number from 1.');
  return Number(value);
};

/** The operating system's name of the user, who then stands in the audit trail. */
export const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    // Containers run under ids that have no name.
    return `uid ${String(process.getuid?.() ?? '?')}`;
  }
};

/** The input, if the workflow would accept it; else a CommandError InvalidInput with every problem. */
export const checkedInput = <Input extends object>(type: InputType, input: Input): Input => {
  const { error } = inputSchema(type).safeParse(input);
  if (error) throw new CommandError('InvalidInput', problemsOf(error, input), EXIT.usage);
  return input;
};
