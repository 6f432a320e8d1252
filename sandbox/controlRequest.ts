/** What control requests have in common: bodies that are checked, and refusals in words. */
import { z } from 'zod';

/** A control request that can't be done; `status` is HTTP's. */
export class ControlError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The body of a request, if it is JSON of the right shape. */
export const readBody = <T>(schema: z.ZodType<T>, body: string): T => {
  const result = schema.safeParse(parse(body));
  if (result.success) return result.data;
  throw new ControlError(400, z.prettifyError(result.error));
};

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    throw new ControlError(400, 'the body is not JSON');
  }
};
