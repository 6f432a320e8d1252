/** The public contract of the doctor; a part of `contract.ts`, and like it free of dependencies. */

/** Input of `checkSetup`: nothing. */
export type CheckSetupInput = Record<string, never>;

/** One thing that was looked at. */
export interface SetupCheck {
  /** The same in every run, e.g. `Organizations`. */
  name: string;
  /** `not_checked`: what another check found is in its way. */
  status: 'ok' | 'warning' | 'failure' | 'not_checked';
  /** What was found, in one line or several. */
  found: string;
  /** Of warnings and failures: what to do, and the place in the runbooks that explains it. */
  nextStep?: string;
  runbook?: string;
}

/** Result of `checkSetup`, and with more checks what `polo-accounts doctor --json` prints. `status` is that of the worst check. */
export interface CheckSetupResult {
  status: 'ok' | 'warning' | 'failure';
  checks: SetupCheck[];
}
