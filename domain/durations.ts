/** Every wait and limit of the workflows, in milliseconds: one table (design 5). */

/** What POLO_TIME_SCALE shortens, so that tests and demos needn't wait for what real life takes. */
export const DURATIONS = {
  /** A refusal demotes an active account only after a second one at least this much later (design 4). */
  secondLook: 30_000,
  /** A stack instance counts as settled this long after its operation ended (rule 8). */
  roleSettles: 300_000,
  /** How long a failing call to AWS Organizations is tried again before the listing counts as failed. */
  listingPatience: 1_800_000,
  /** Least times between two loads, and between two inserts, of accounts by one worker. */
  readPause: 200,
  writePause: 1_000,
  /** Pause before a run that began on 0.1.0 sends a command again to an account whose registry could not be reached. */
  registryPause: 15_000,
  /** First and longest pause between two looks at a StackSet operation. */
  operationPause: 10_000,
  operationPauseMax: 60_000,
  /** How long an operation that was just started may be unknown to CloudFormation. */
  operationAppears: 60_000,
  /** How long an onboarding waits for an operation that runs, and for one that is queued behind others. */
  operationRuns: 1_800_000,
  operationQueued: 7_200_000,
  /** First and longest pause before an operation is started again that CloudFormation had no room for. */
  stackSetBusyPause: 10_000,
  stackSetBusyPauseMax: 300_000,
  /** Pause before a deployment that failed for a passing reason is tried again; five times as long before the last try. */
  deploymentPause: 60_000,
  /** How long new roles may still refuse, and the first and longest pause between two looks (facts: AWS, section B). */
  rolesAppear: 180_000,
  rolesPause: 5_000,
  rolesPauseMax: 30_000,
  /** How long nobody may poll a collector's task queue before collectors are given up, and the pause between two looks at it. */
  queuePatience: 60_000,
  queuePause: 10_000,
  /** Pause between two looks at it while collectors run. */
  queueWatch: 30_000,
  /** How long a report waits for accounts whose exclusion ended; the next report goes on. */
  exclusionsPatience: 300_000,
  /** How long a message is tried again while Slack can't take it, and the first and longest pause between two tries. */
  slackPatience: 300_000,
  slackPause: 2_000,
  slackPauseMax: 60_000,
  /** How long the dead man's switch is called again while it does not answer, and the first pause between two tries. */
  heartbeatPatience: 60_000,
  heartbeatPause: 2_000,
  /** How long a worker that starts waits for Temporal and ClickHouse to answer (design 7). */
  startPatience: 60_000,
} as const;
export type Durations = Record<keyof typeof DURATIONS, number>;

/** The table at a scale: 1 is real time, 0.01 a hundred times faster. */
export const scaledDurations = (scale: number): Durations =>
  Object.fromEntries(
    Object.entries(DURATIONS).map(([name, ms]) => [name, Math.max(1, Math.round(ms * scale))]),
  ) as Durations;

/** Time limits of single calls; they guard real systems and are never scaled. */
export const LIMITS = {
  /** The first look of a discovery at both roles, waiting for the STS rate included. It holds a workflow task, which Temporal gives 10 s. */
  glance: 9_000,
  /** Load, first look and write of an account in one; what is not loaded or written by then is left to the account's own calls. */
  atOnce: 20_000,
  atOnceLoaded: 10_000,
  atOnceWritten: 15_000,
  /** One attempt of verifying both roles, waiting for the STS rate included. */
  verifyAttempt: 40_000,
  /** All attempts of a verification. With first look and stack evidence a command holds an account for 84 s at most, and in practice for less than the 60 s of design 3, unless ClickHouse itself keeps everybody waiting. */
  verify: 45_000,
  /** One attempt at the registry. */
  registryAttempt: 25_000,
  /** All attempts at the registry while an account is held. */
  registryHeld: 45_000,
  /** One attempt at CloudFormation, with the SDK's own retries. */
  stackSetAttempt: 30_000,
  /** One attempt at AWS Organizations: up to ten calls at three a second, each with retries. */
  organizationsAttempt: 180_000,
  /**
   * One run of an account's workflow. It takes seconds; one that is stuck, as after a bad deployment, must not hold up every
   * discovery for ever.
   */
  accountRun: 3_600_000,
  /** All attempts of handing a command to it: longer than a stuck run lasts, so that the next run can take it, and than ClickHouse is away as a rule. */
  handOff: 4_500_000,
  /** Whatever the doctor asks of one system: three answers after each other stay within all its checks. */
  check: 9_000,
  /** All checks of the doctor that need a worker: nobody waits longer to hear that something is wrong. */
  checkSetup: 30_000,
  /** A worker's poll lasts up to a minute; one that began longer ago has no worker behind it any more. */
  poll: 75_000,
  /** One attempt at Slack or at the dead man's switch, both of which give up after 10 s by themselves. */
  postAttempt: 15_000,
  /** One attempt of handing a command to a running account workflow; then the activity slot is freed for others. */
  handOffAttempt: 20_000,
} as const;
