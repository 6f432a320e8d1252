import { inputSchema, problemsOf, type Input, type InputType } from '../domain/inputs.ts';
import { fail } from './failures.ts';

/**
 * The checked input of a workflow. Fails with `InvalidInput`, in words: a plain error thrown here would fail the
 * workflow task instead, which Temporal repeats for ever.
 */
export const parseInput = <Type extends InputType>(type: Type, input: unknown): Input<Type> => {
  const parsed = inputSchema(type).safeParse(input);
  if (!parsed.success) throw fail('InvalidInput', `${type}: ${problemsOf(parsed.error, input)}`);
  return parsed.data as Input<Type>;
};

/** Fails with `InvalidInput` if the input is not what its type says: it may come from somebody who typed it in the Temporal UI. */
export const checkInput = (type: InputType, input: unknown): void => {
  parseInput(type, input);
};
