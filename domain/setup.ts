/** How an account gets Polo's roles: the ways that a person has, each ready to be used (design 6). */
import { onboardWorkflowId } from './contract.ts';

/** Where Polo runs, as far as instructions name it. */
export interface SetupSite {
  namespace: string;
  taskQueue: string;
  /** Without a slash at its end; absent if nobody told it. */
  temporalUiUrl?: string;
  stackSet: { name: string; region: string; callAs: 'SELF' | 'DELEGATED_ADMIN' };
}

/** Four ways to the same end; the last one is to read. */
export interface SetupInstructions {
  /** Page of the Temporal UI that starts the onboarding: id, type and task queue are filled in, no input is needed. */
  temporalUi?: string;
  /** Line for a shell. */
  cli: string;
  /** Lines for a shell with credentials that may run the StackSet; the last one tells Polo. */
  awsCli: string[];
  runbook: string;
}

const RUNBOOK = 'operations/new-account.md#manual-path';

/** Instructions for one account. The query is the one that the Temporal UI's own links to its start page have. */
export const setupInstructions = (accountId: string, site: SetupSite): SetupInstructions => {
  const { namespace, taskQueue, temporalUiUrl, stackSet } = site;
  const { name, region, callAs } = stackSet;
  const query = new URLSearchParams({
    workflowId: onboardWorkflowId(accountId),
    taskQueue,
    workflowType: 'onboardAccount',
  });
  return {
    ...(temporalUiUrl !== undefined && {
      temporalUi: `${temporalUiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/start-workflow?${String(query)}`,
    }),
    cli: `polo-accounts onboard ${accountId}`,
    awsCli: [
      `ROOT=$(aws organizations list-roots --query 'Roots[0].Id' --output text)`,
      `aws cloudformation create-stack-instances --stack-set-name ${name} --call-as ${callAs} --region ${region} --regions ${region}` +
        ` --deployment-targets "OrganizationalUnitIds=$ROOT,Accounts=${accountId},AccountFilterType=INTERSECTION"`,
      `polo-accounts verify ${accountId}`,
    ],
    runbook: RUNBOOK,
  };
};
