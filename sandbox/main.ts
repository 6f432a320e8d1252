/** `npm run sandbox`: runs a sandbox until it is told to end. */
import { parseArgs } from 'node:util';
import { ACTION_ROLE_NAME, ENVIRONMENT, STACK_SET_REGION } from '../domain/names.ts';
import { HUBS } from './sandbox.ts';
import type { Hub, SandboxOptions } from './sandbox.ts';
import { startSandbox } from './server.ts';

const USAGE = `Usage: npm run sandbox -- [options]
  --port N            port on 127.0.0.1, 0 = any free one (0)
  --accounts N        accounts in the organization, 1 to 50000 (24)
  --seed N            another number, another organization (1)
  --env NAME          prefix of the read role's name, as POLO_ENV (demo)
  --external-id ID    what the roles' trust policies demand (nothing)
  --action-role NAME  name of the action role, or none (${ACTION_ROLE_NAME})
  --hub KIND          ${HUBS.join(' | ')}: the account that Polo runs in (management)
  --stack-set-region R  region of the StackSet (${STACK_SET_REGION})
  --role ROLE         one more role that exists, an ARN or a name in the management account; may be repeated
`;

const readNumber = (name: string, given: string, least: number, most: number): number => {
  const value = /^\d+$/.test(given) ? Number(given) : NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`--${name} must be a number from ${least} to ${most}, not "${given}"`);
};

const readPattern = (name: string, given: string, pattern: RegExp): string => {
  if (pattern.test(given)) return given;
  throw new Error(`--${name} must match ${pattern.source}, not "${given}"`);
};

const readHub = (given: string): Hub => {
  const hub = HUBS.find((name) => name === given);
  if (hub) return hub;
  throw new Error(`--hub must be one of ${HUBS.join(', ')}, not "${given}"`);
};

const readOptions = (args: string[]): SandboxOptions | 'help' => {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '0' },
      accounts: { type: 'string', default: '24' },
      seed: { type: 'string', default: '1' },
      env: { type: 'string', default: 'demo' },
      'external-id': { type: 'string' },
      'action-role': { type: 'string' },
      hub: { type: 'string', default: 'management' },
      'stack-set-region': { type: 'string', default: STACK_SET_REGION },
      role: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { 'external-id': externalId, 'action-role': actionRole } = values;
  const options: SandboxOptions = {
    port: readNumber('port', values.port, 0, 65535),
    accounts: readNumber('accounts', values.accounts, 1, 50_000),
    seed: readNumber('seed', values.seed, 0, 2 ** 32 - 1),
    env: readPattern('env', values.env, ENVIRONMENT),
    hub: readHub(values.hub),
    stackSetRegion: readPattern('stack-set-region', values['stack-set-region'], /^[a-z]{2}(-[a-z]+)+-\d$/),
    roles: values.role.map((role) => readPattern('role', role, /^(arn:aws:iam::\d{12}:role\/)?[\w+=,.@/-]{1,128}$/)),
  };
  if (externalId !== undefined) {
    options.externalId = readPattern('external-id', externalId, /^[\w+=,.@:/-]{2,1224}$/);
  }
  if (actionRole !== undefined) options.actionRole = readPattern('action-role', actionRole, /^[\w+=,.@-]{1,64}$/);
  if (options.hub !== 'management' && options.accounts === 1) {
    throw new Error(`--hub ${options.hub} needs at least 2 accounts`);
  }
  return options;
};

const main = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const sandbox = await startSandbox(options);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void sandbox.close());
  process.stdout.write(`${JSON.stringify({ url: sandbox.url })}\n`);
};

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
});
