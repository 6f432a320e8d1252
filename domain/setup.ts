/** How an account gets Polo's roles: the ways that a person has, each ready to be used (design 6). */
import { onboardWorkflowId, type StackSetNames } from './contract.ts';

/** Where Polo runs, as far as instructions name it. */
export interface SetupSite {
  namespace: string;
  taskQueue: string;
  /** Without a slash at its end; absent if nobody told it. */
  temporalUiUrl?: string;
  stackSet: StackSetNames;
}

/** Ways to the same end; the last one is to read. The organization's management account has only those by hand. */
export interface SetupInstructions {
  /** Page of the Temporal UI that starts the onboarding: id, type and task queue are filled in, no input is needed. */
  temporalUi?: string;
  /** Line for a shell. */
  cli?: string;
  /** Lines for a shell with credentials that may run the StackSet; the last one tells Polo. */
  awsCli: string[];
  runbook: string;
}

/** Instructions for one account. The query is the one that the Temporal UI's own links to its start page have. */
export const setupInstructions = (
  accountId: string,
  site: SetupSite,
  isManagementAccount = false,
): SetupInstructions => {
  if (isManagementAccount) return managementInstructions(accountId, site);
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
    runbook: 'operations/new-account.md#manual-path',
  };
};

/** No StackSet reaches it: it gets the StackSet's template by a stack of its own, with its own credentials. */
const managementInstructions = (
  accountId: string,
  { stackSet: { name, region, callAs } }: SetupSite,
): SetupInstructions => ({
  awsCli: [
    `aws cloudformation describe-stack-set --stack-set-name ${name} --call-as ${callAs} --region ${region}` +
      ' --query StackSet.TemplateBody --output text > polo-roles.template',
    `aws cloudformation create-stack --stack-name ${name} --region ${region} --template-body file://polo-roles.template` +
      ' --capabilities CAPABILITY_NAMED_IAM',
    `aws cloudformation wait stack-create-complete --stack-name ${name} --region ${region}`,
    `polo-accounts verify ${accountId}`,
  ],
  runbook: 'operations/new-account.md#management-account',
});
