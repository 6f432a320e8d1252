/** Coverage as it is now: the registry's facts, judged by `domain/coverage.ts`. */
import type { Coverage } from '../domain/contract.ts';
import { coverageOf } from '../domain/coverage.ts';
import type { Registry } from '../registry/registry.ts';

/** Makes the one way to read coverage, with all gaps, for workflows, page and gauges alike. It throws RegistryErrors. */
export const coverageReader = (registry: Registry, actionRoleConfigured: boolean) => async (): Promise<Coverage> => {
  const now = Date.now();
  return coverageOf(await registry.readCoverageFacts({ now, actionRoleConfigured }), now, actionRoleConfigured);
};
