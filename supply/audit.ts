/** Known vulnerabilities of what is installed in production, as npm's registry tells them. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './lockfiles.ts';

const SEVERITIES = ['info', 'low', 'moderate', 'high', 'critical'] as const;
type Severity = (typeof SEVERITIES)[number];

/** The mildest one that fails the check: below it are findings without a way to exploit them. */
const FAILS_FROM: Severity = 'moderate';

/** One known vulnerability. */
export interface Advisory {
  name: string;
  severity: Severity;
  title: string;
  url: string;
  /** The versions that have it. */
  range: string;
}

/** What the registry knows; or why nobody knows, because it doesn't answer such questions, or not now. */
export type Answer = { advisories: Advisory[] } | { unanswered: string };

/** What `npm audit --json` prints: a report, what the registry said instead, or what is wrong with the call. */
interface Printed {
  auditReportVersion?: number;
  /** Vulnerable packages by name. A text in `via` is the name of another one that makes it so. */
  vulnerabilities?: Record<string, { via: (Advisory | string)[] }>;
  message?: string;
  statusCode?: number;
  error?: { summary: string };
}

/** How long the registry may take, in milliseconds: a check must not hang on it. */
const PATIENCE = 20_000;

/** Asks about the production packages of a folder's lockfile. Throws if npm can't even ask. `options` are npm's. */
export const audit = async (folder: string, ...options: string[]): Promise<Answer> => {
  const waiting = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', `--fetch-timeout=${String(PATIENCE)}`];
  const printed = await npm(folder, 'audit', '--json', '--omit=dev', ...waiting, ...options);
  if (!printed.startsWith('{')) throw new Error(`npm audit: expected JSON, got ${JSON.stringify(printed)}`);
  return answerIn(JSON.parse(printed) as Printed);
};

/** What npm prints. That it ends with 1 says nothing: it does so for findings too. */
const npm = (folder: string, ...args: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile('npm', args, { cwd: join(ROOT, folder) }, (error, stdout, stderr) => {
      if (error && stdout === '') reject(new Error(`npm ${args.join(' ')}: ${error.message}\n${stderr}`));
      else resolve(stdout);
    });
  });

const answerIn = ({ auditReportVersion, vulnerabilities = {}, message, statusCode, error }: Printed): Answer => {
  if (auditReportVersion !== undefined) {
    const found = Object.values(vulnerabilities).flatMap(({ via }) => via.filter((cause) => typeof cause !== 'string'));
    return { advisories: found };
  }
  if (message === undefined) throw new Error(`npm audit: ${error?.summary ?? 'said neither a report nor an error'}`);
  // Without the address: it may hold a password.
  return {
    unanswered: statusCode === undefined ? message.replace(/\w+:\/\/\S+/g, '…') : `HTTP ${String(statusCode)}`,
  };
};

/** True for an advisory that fails the check. */
export const isGrave = ({ severity }: Advisory): boolean =>
  SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(FAILS_FROM);

/** An advisory in one line. */
export const advisoryLine = ({ name, range, severity, title, url }: Advisory): string =>
  `${name} ${range}: ${severity}: ${title} (${url})`;
