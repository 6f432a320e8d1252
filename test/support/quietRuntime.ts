import { DefaultLogger, Runtime } from '@temporalio/worker';

let installed: Runtime | undefined;

/** Has the SDK's workers within this process say only what went wrong; to be called before anything else of theirs. */
export const quietRuntime = (): void => {
  installed ??= Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: 'OFF' } },
  });
};
