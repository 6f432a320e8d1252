import { DefaultLogger, Runtime } from '@temporalio/worker';

let installed: Runtime | undefined;

/** Has the SDK's workers within this process say nothing, for tests tell what matters; to be called before anything else of theirs. */
export const quietRuntime = (): void => {
  installed ??= Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: 'OFF' } },
  });
};
