/** Everything that documents and code link to, and every command that the runbooks name, exists. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import * as cloudFormation from '@aws-sdk/client-cloudformation';
import * as organizations from '@aws-sdk/client-organizations';
import * as sts from '@aws-sdk/client-sts';
import { Command, CommanderError } from 'commander';
import { FAILURES } from '../../domain/failures.ts';
import { anchorsIn, commandsIn, commandsOf, filesBelow, read, RUNBOOKS, withoutBlocks } from '../support/documents.ts';

/** A link: where it stands, and where it leads. */
interface Link {
  from: string;
  path: string;
  anchor?: string;
}

/** Links of a document, to other files of the repository. */
const linksIn = (from: string, text: string): Link[] =>
  [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const to = path === '' ? from : posix.join(posix.dirname(from), path);
    return [{ from, path: to, ...(anchor !== undefined && { anchor }) }];
  });

/** Places in documents that code and examples name, written from the root. */
const namedIn = (from: string, text: string): Link[] =>
  [...text.matchAll(/\b((?:operations|docs)\/[\w-]+\.md)(?:#([\w-]+))?/g)].map(([, path = '', anchor]) => ({
    from,
    path,
    ...(anchor !== undefined && { anchor }),
  }));

/** What is wrong with a link; undefined if nothing. */
const problemOfLink = ({ from, path, anchor }: Link): string | undefined => {
  const where = `${from}: ${path}`;
  if (!existsSync(new URL(`../../${path}`, import.meta.url))) return `${where} does not exist`;
  if (anchor === undefined || anchorsIn(read(path)).includes(anchor)) return undefined;
  return `${where} has no heading #${anchor}`;
};

const problemsOf = <T>(items: T[], problemOf: (item: T) => string | undefined): string[] =>
  items.flatMap((item) => problemOf(item) ?? []);

const DOCUMENTS = filesBelow('', '.md');
const SOURCES = filesBelow('', '.ts').filter((file) => !/(^|\/)test\//.test(file));

describe('links', () => {
  const links = DOCUMENTS.flatMap((file) => linksIn(file, read(file)));
  const named = [...SOURCES, ...DOCUMENTS].flatMap((file) => namedIn(file, read(file)));

  it('lead to files and headings that exist, in all documents', () => {
    assert.ok(links.filter(({ anchor }) => anchor !== undefined).length > 50);
    assert.deepEqual(problemsOf(links, problemOfLink), []);
  });

  it('lead to files and headings that exist, in all sources', () => {
    assert.ok(named.some(({ from, anchor }) => from === 'domain/setup.ts' && anchor === 'manual-path'));
    assert.deepEqual(problemsOf(named, problemOfLink), []);
  });

  it('would be found wrong', () => {
    const wrong = '[a](worker.md#nothing) [b](nothing.md) [c](#nothing)';
    assert.equal(problemsOf(linksIn('operations/new-account.md', wrong), problemOfLink).length, 3);
    assert.equal(problemsOf(namedIn('x.ts', "'operations/failures.md#nothing'"), problemOfLink).length, 1);
  });
});

describe('new-account.md', () => {
  const document = read('operations/new-account.md');

  it('has the headings that others may link to', () => {
    assert.deepEqual(anchorsIn(document).slice(1), [
      'when-to-use',
      'prerequisites',
      'before-you-start',
      'automatic-path',
      'manual-path',
      'management-account',
      'verify',
      'protect-resources',
      'permissions-explained',
      'troubleshooting',
      'rollback',
      'offboarding',
      'escalation',
      'last-drilled',
    ]);
  });

  it('sends every code of its table to the heading of that code', () => {
    const rows = [...document.matchAll(/^\| `(\w+)` .*\]\((?:failures\.md)?#([\w-]+)\)/gm)];
    assert.ok(rows.length >= 18);
    for (const [, code = '', anchor] of rows) {
      assert.equal((FAILURES as Record<string, { anchor: string }>)[code]?.anchor, anchor, code);
    }
  });

  it('has every code that an onboarding ends with', () => {
    const table = [...document.matchAll(/^\| `(\w+)` /gm)].map(([, code]) => code);
    const source = SOURCES.filter((file) =>
      /^(workflows\/(onboard|deploy|await|try|verifyBoth)|domain\/onboarding|activities\/stackSets)/.test(file),
    )
      .map(read)
      .join('\n');
    const raised = Object.keys(FAILURES).filter((code) => source.includes(`'${code}'`));
    assert.ok(raised.length >= 8, raised.join(' '));
    const others = ['InvalidInput', 'StillRunning', 'Cancelled', 'Terminated', 'TimedOut', 'Unexpected'];
    assert.deepEqual(
      raised.filter((code) => !table.includes(code) && !others.includes(code)),
      [],
    );
  });
});

/** The command line with all its commands, which do nothing here but check their arguments. */
const program = async (): Promise<Command> => {
  const command = new Command('polo-accounts').exitOverride();
  command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  for (const file of filesBelow('client', '.ts').filter((name) => name !== 'client/main.ts')) {
    const module = (await import(`../../${file}`)) as Record<string, unknown>;
    for (const [name, add] of Object.entries(module)) {
      if (/^add[A-Z]/.test(name) && typeof add === 'function') (add as (program: Command) => void)(command);
    }
  }
  const silence = (of: Command): void => {
    for (const each of of.commands) {
      silence(each);
      if (each.commands.length === 0) each.action(() => undefined);
    }
  };
  silence(command);
  return command;
};

/** What stands for something in a text, as a reader would write it. */
const filledIn = (word: string): string =>
  word.replace('$ACCOUNT_ID', '012345678901').replace(/^N$/, '3').replace(/^ID$/, '012345678901');

const problemOfPolo = async ([, ...words]: string[]): Promise<string | undefined> => {
  const polo = await program();
  const [name, ...rest] = words;
  // In a sentence a command may be named without its arguments.
  if (name === undefined || (rest.length === 0 && polo.commands.some((command) => command.name() === name))) {
    return undefined;
  }
  try {
    await polo.parseAsync(words.map(filledIn), { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return undefined;
    return `polo-accounts ${words.join(' ')}: ${error instanceof Error ? error.message : String(error)}`;
  }
};

const problemOfNpm = ([, ...words]: string[]): string | undefined => {
  const folder = words[0] === '--prefix' ? `${words.splice(0, 2)[1] ?? ''}/` : '';
  const { scripts } = JSON.parse(read(`${folder}package.json`)) as { scripts: Record<string, string> };
  const [verb = '', script = ''] = words;
  if (['ci', 'install', 'ping'].includes(verb)) return undefined;
  const name = verb === 'run' ? script : verb;
  return name in scripts ? undefined : `npm ${words.join(' ')}: ${folder}package.json has no script ${name}`;
};

const CLIENTS: Record<string, Record<string, unknown>> = { cloudformation: cloudFormation, organizations, sts };

/** Services whose clients aren't installed: infra/polo compares their operations with AWS's reference. */
const OTHER_SERVICES = ['cloudtrail', 'ec2', 'iam', 'logs', 's3api', 'sagemaker'];

/** Options of the command line itself. */
const AWS_OPTIONS = ['max-items', 'output', 'query', 'region'];

const pascal = (name: string): string => name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The members of an operation's input, from the SDK's own schema; undefined if there is no such operation. */
const parametersOf = (client: Record<string, unknown>, operation: string): string[] | undefined => {
  const command = client[`${pascal(operation)}Command`] as (new (input: object) => { schema: unknown[] }) | undefined;
  if (!command) return undefined;
  const input = new command({}).schema[4];
  const shape = typeof input === 'function' ? (input as () => unknown)() : input;
  // An operation without parameters has no structure as its input.
  return Array.isArray(shape) ? (shape[4] as string[]) : [];
};

const problemOfAws = (command: string[]): string | undefined => {
  const [, service = '', operation = '', ...words] = command;
  const said = command.slice(0, 3).join(' ');
  if (OTHER_SERVICES.includes(service)) return undefined;
  const client = CLIENTS[service];
  if (!client) return `${said}: the service is not known`;
  // In a sentence a service may be named alone.
  if (command.length === 2) return undefined;
  if (operation === 'wait') {
    const waiter = `waitUntil${pascal(words[0] ?? '')}`;
    return waiter in client ? undefined : `${said}: there is no ${waiter}`;
  }
  const parameters = parametersOf(client, operation);
  if (!parameters) return `${said}: there is no such operation`;
  const wrong = words
    .flatMap((word) => /^--([a-z-]+)/.exec(word)?.[1] ?? [])
    .filter((option) => {
      const names = [pascal(option), pascal(option.replace(/^no-/, ''))];
      return !AWS_OPTIONS.includes(option) && !names.some((name) => parameters.includes(name));
    });
  return wrong.length === 0 ? undefined : `${said}: there is no --${wrong.join(', --')}`;
};

const problemOf = async (command: string[]): Promise<string | undefined> => {
  const [name, second] = command;
  if (name === 'npx' && second === 'polo-accounts') return problemOf(command.slice(1));
  if (name === 'polo-accounts') return problemOfPolo(command);
  if (name === 'npm') return problemOfNpm(command);
  if (name === 'aws' && second !== undefined) return problemOfAws(command);
  return undefined;
};

describe('commands in the runbooks', () => {
  const commands = RUNBOOKS.flatMap((file) =>
    commandsIn(read(file).replaceAll('<command>', 'coverage')).map((command) => ({ file, command })),
  );
  const named = (name: string): string[][] =>
    commands.filter(({ command }) => command[0] === name).map(({ command }) => command);

  it('are found', () => {
    assert.ok(RUNBOOKS.length >= 7);
    assert.ok(named('polo-accounts').length > 40);
    assert.ok(named('aws').length > 40);
    assert.ok(named('npm').length > 5);
    assert.ok(named('npx').length > 5);
  });

  it('exist, with their options and arguments', async () => {
    const problems = [];
    for (const { file, command } of commands) {
      const problem = await problemOf(command);
      if (problem !== undefined) problems.push(`${file}: ${problem}`);
    }
    assert.deepEqual(problems, []);
  });

  for (const wrong of [
    'polo-accounts onbord "$ACCOUNT_ID"',
    'polo-accounts onboard "$ACCOUNT_ID" --forse',
    'polo-accounts exclude "$ACCOUNT_ID"',
    'polo-accounts verify 42',
    'npx polo-accounts cover',
    'npm run deploy',
    'npm --prefix infra/polo run worker',
    'ROOT=$(aws organizations list-root)',
    'aws cloudformation describe-stack-set --stack-set "$STACK_SET"',
    'aws cloudformation wait stack-created --stack-name x',
    'aws dynamo list-tables',
  ]) {
    it(`would be found wrong: ${wrong}`, async () => {
      const [command = []] = commandsOf(wrong);
      assert.ok(await problemOf(command));
    });
  }
});
