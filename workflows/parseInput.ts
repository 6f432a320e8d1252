import type * as z from 'zod';
import { INPUTS, problemsOf } from '../domain/inputs.ts';
import { fail } from './failures.ts';

/**
 * The checked input of a workflow. Fails with `InvalidInput`, in words: a plain error thrown here would fail the
 * workflow task instead, which Temporal repeats for ever.
 */
export const parseInput = <Type extends keyof typeof INPUTS>(
  type: Type,
  input: unknown,
): z.output<(typeof INPUTS)[Type]> => {
  const parsed = INPUTS[type].safeParse(input);
  if (!parsed.success) throw fail('InvalidInput', `${type}: ${problemsOf(parsed.error, input)}`);
  return parsed.data as z.output<(typeof INPUTS)[Type]>;
};

/** Fails with `InvalidInput` if the input is not what its type says: it may come from somebody who typed it in the Temporal UI. */
export const checkInput = (type: keyof typeof INPUTS, input: unknown): void => {
  parseInput(type, input);
};
