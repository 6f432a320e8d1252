/** Where this Polo runs, as far as the page names it, and where the Temporal UI shows its workflows. */
import type { SetupSite } from '../domain/setup.ts';

/** What instructions need, and the environment by name. */
export interface Site extends SetupSite {
  env: string;
}

/** The Temporal UI's page of a workflow, of its latest run unless one is named; undefined where nobody told its address. */
export const workflowUrl = (site: Site, workflowId: string, runId = ''): string | undefined =>
  site.temporalUiUrl === undefined
    ? undefined
    : [
        site.temporalUiUrl,
        'namespaces',
        encodeURIComponent(site.namespace),
        'workflows',
        encodeURIComponent(workflowId),
      ]
        .concat(runId === '' ? [] : [encodeURIComponent(runId), 'history'])
        .join('/');
