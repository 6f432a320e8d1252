/** The one table of failure codes: what each means, whose fault it is, whether trying again helps (design 7). */

/** Who has to act. */
export type Fault = 'caller' | 'operator' | 'aws' | 'platform' | 'polo';

/** One row of the table. `anchor` is a heading in `operations/failures.md`. */
export interface FailureType {
  meaning: string;
  fault: Fault;
  /** True if the activity that raises it is tried again by Temporal. */
  retried: boolean;
  anchor: string;
}

const type = (fault: Fault, retried: boolean, anchor: string, meaning: string): FailureType => ({
  meaning,
  fault,
  retried,
  anchor,
});

export const FAILURES = {
  InvalidInput: type('caller', false, 'invalid-input', 'A workflow got an input that its contract does not allow.'),
  InvalidConfiguration: type('operator', false, 'invalid-configuration', 'The environment is missing or malformed.'),
  AccountNotFound: type(
    'caller',
    false,
    'account-not-found',
    'The organization, or the registry, has no such account.',
  ),
  HubCredentials: type(
    'operator',
    false,
    'hub-credentials',
    "Polo's own AWS credentials are missing, wrong or expired.",
  ),
  HubRefused: type('operator', false, 'hub-refused', 'All formerly active accounts of a sample refuse Polo at once.'),
  NotEntitled: type('operator', false, 'not-entitled', 'AWS denies Polo a call to Organizations or CloudFormation.'),
  WrongOrganization: type(
    'operator',
    false,
    'wrong-organization',
    'AWS answers for another organization than the registry holds.',
  ),
  ListingFailed: type('aws', false, 'listing-failed', 'The listing of the organization ended early; nobody departs.'),
  ListingExpired: type(
    'aws',
    false,
    'listing-failed',
    'A page token expired; the listing starts again from its first page.',
  ),
  ListingShrunk: type(
    'operator',
    false,
    'listing-shrunk',
    'Over half of the known accounts are missing; nobody departs until accepted.',
  ),
  OrganizationsUnavailable: type(
    'aws',
    true,
    'organizations-unavailable',
    'AWS Organizations throttles, fails or does not answer.',
  ),
  RolesUnverified: type(
    'aws',
    true,
    'verification-inconclusive',
    'STS throttles, fails or does not answer for an account.',
  ),
  VerificationInvalid: type(
    'polo',
    false,
    'verification-invalid',
    'STS rejects our request as malformed: a bug or a bad name in the configuration.',
  ),
  StackSetUnreadable: type(
    'aws',
    true,
    'stack-set-unreadable',
    'CloudFormation does not tell about the account in the StackSet.',
  ),
  ManagementAccount: type(
    'caller',
    false,
    'management-account',
    "It is the organization's management account, which no StackSet reaches.",
  ),
  AccountNotActive: type('caller', false, 'account-not-active', 'AWS does not let the account be used now.'),
  Excluded: type('caller', false, 'excluded', 'An operator has excluded the account.'),
  StackSetMissing: type('operator', false, 'stack-set-missing', "CloudFormation does not know Polo's StackSet."),
  StackSetBusy: type('aws', true, 'stack-set-busy', 'Another operation on the StackSet has to end first.'),
  StackSetRejected: type(
    'operator',
    false,
    'stack-set-rejected',
    'CloudFormation refuses to deploy: its words say why.',
  ),
  OperationFailed: type(
    'aws',
    false,
    'operation-failed',
    'The StackSet operation did not deploy the roles to the account.',
  ),
  RoleNameTaken: type(
    'operator',
    false,
    'role-name-taken',
    'A role with the name of one of ours exists in the account, made by somebody else.',
  ),
  InstanceInoperable: type(
    'operator',
    false,
    'instance-inoperable',
    "The account's stack instance is broken and has to be removed by hand.",
  ),
  DeployedButRefused: type(
    'operator',
    false,
    'deployed-but-refused',
    'The StackSet says that the roles are deployed, and the account refuses the read role.',
  ),
  ActionRoleRefused: type(
    'operator',
    false,
    'action-role-refused',
    'The read role works and the action role is refused.',
  ),
  VerificationRefused: type(
    'operator',
    false,
    'verification-refused',
    'The roles worked when they were tried, and were refused when the account was verified.',
  ),
  DeadlinePassed: type('aws', false, 'deadline-passed', 'The StackSet operation took longer than an onboarding waits.'),
  RegistryUnavailable: type(
    'platform',
    true,
    'registry-unavailable',
    'ClickHouse does not answer, or answers that it cannot now.',
  ),
  RegistryRejected: type('operator', false, 'registry-rejected', 'ClickHouse refuses a statement or the credentials.'),
  RegistryShape: type(
    'operator',
    false,
    'registry-shape',
    'A table differs from what Polo writes; nothing was altered.',
  ),
  RegistryLocked: type(
    'operator',
    false,
    'registry-locked',
    'Another process uses the embedded registry in the same directory.',
  ),
  StillRunning: type('platform', true, 'still-running', 'Another run does the work; we look again shortly.'),
  AddressInUse: type('operator', false, 'address-in-use', 'Another process listens at the address of the status page.'),
  SlackRejected: type('operator', false, 'slack-rejected', 'Slack refuses the message: its word says why.'),
  SlackUnavailable: type('platform', true, 'slack-unavailable', 'Slack throttles, fails or does not answer.'),
  HeartbeatFailed: type(
    'platform',
    true,
    'heartbeat-failed',
    "The dead man's switch was called and did not accept it.",
  ),
  Cancelled: type('operator', false, 'run-stopped', 'Somebody cancelled the workflow.'),
  Terminated: type('operator', false, 'run-stopped', 'Somebody terminated the workflow.'),
  TimedOut: type('operator', false, 'run-stopped', 'The workflow did not end within its time limit.'),
  TemporalUnreachable: type('platform', false, 'temporal-unreachable', 'No Temporal server answered for 60 seconds.'),
  Unexpected: type('polo', false, 'unexpected', 'A failure that this table does not know.'),
} as const satisfies Record<string, FailureType>;

export type FailureCode = keyof typeof FAILURES;

/** True for a code of the table. */
export const isFailureCode = (text: unknown): text is FailureCode =>
  typeof text === 'string' && Object.hasOwn(FAILURES, text);

/** Where the runbook explains a code. */
export const runbookAnchor = (code: FailureCode): string => `operations/failures.md#${FAILURES[code].anchor}`;
