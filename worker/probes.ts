/** What probes ask: whether the process is up, and whether the worker does its work. */
import { log } from './logging.ts';
import { plain, type Route } from './statusServer.ts';

/** How long a probe waits for the answer whether the worker is ready. */
const READY_TIMEOUT = 5_000;

/**
 * `/healthz`: the process is up. `/readyz`: `ready` resolves to undefined; else 503, and the reason that it gives goes
 * to the log, once. Neither tells the caller anything, so both may stay open to everybody.
 */
export const healthRoutes = (ready: () => Promise<string | undefined>): Route[] => {
  let asked: Promise<string | undefined> | undefined;
  let told: string | undefined;
  /** Many probes at once are one question. */
  const ask = (): Promise<string | undefined> =>
    (asked ??= within(READY_TIMEOUT, ready())
      .catch((error: unknown) => String(error))
      .finally(() => (asked = undefined)));

  return [
    { path: /\/healthz/, open: true, answer: () => plain(200, 'ok') },
    {
      path: /\/readyz/,
      open: true,
      answer: async () => {
        const reason = await ask();
        if (reason !== told) log(reason === undefined ? 'info' : 'warn', 'readiness changed', { reason });
        told = reason;
        return reason === undefined ? plain(200, 'ready') : plain(503, 'not ready');
      },
    },
  ];
};

const within = (milliseconds: number, answer: Promise<string | undefined>): Promise<string | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, milliseconds, `no answer within ${String(milliseconds)} ms`);
  });
  return Promise.race([answer, late]).finally(() => {
    clearTimeout(timer);
  });
};
