/** What we depend on: each package is defended, has a licence that we allow, and runs no script that we haven't looked at. */
import assert from 'node:assert/strict';
import { isAllowed, licenceProblems } from '../../supply/licences.ts';
import { FOLDERS, lockedPackages, readManifest, type LockedPackage } from '../../supply/lockfiles.ts';
import { filesBelow, read } from '../support/documents.ts';

const namesOf = (...packages: (object | undefined)[]): string[] => packages.flatMap((some) => Object.keys(some ?? {}));

describe('docs/dependencies.md', () => {
  const sections = new Map(
    read('docs/dependencies.md')
      .split(/^## /m)
      .map((section) => [section.split('\n')[0] ?? '', section] as const),
  );
  /** The packages that a section defends, and how. */
  const linesIn = (heading: string): [string, string][] =>
    [...(sections.get(heading) ?? '').matchAll(/^- `([^`]+)`: (.+)$/gm)].map(([, name = '', why = '']) => [name, why]);
  const defendedIn = (heading: string): string[] => linesIn(heading).map(([name]) => name);

  for (const [folder, prefix] of [
    ['.', ''],
    ['infra/polo', 'infra/polo '],
  ] as const) {
    const { dependencies, optionalDependencies, devDependencies } = readManifest(folder);
    const [production, development] =
      prefix === '' ? ['In production', 'For development'] : [`${prefix}in production`, `${prefix}for development`];

    it(`defends just the packages of ${folder}/package.json, in its order`, () => {
      assert.deepEqual(defendedIn(production), namesOf(dependencies, optionalDependencies).sort());
      assert.deepEqual(defendedIn(development), namesOf(devDependencies).sort());
    });
  }

  it('defends just the Python packages that tests install', () => {
    const tests = [...filesBelow('test', '.ts'), ...filesBelow('infra/polo/test', '.ts')].map(read).join('\n');
    const installed = [...tests.matchAll(/'([\w-]+)==[\d.]+'/g)].map(([, name = '']) => name);
    assert.deepEqual(defendedIn('Python, in tests'), [...new Set(installed)].sort());
  });

  it('says each time why, in one sentence', () => {
    const lines = [...sections.keys()].flatMap(linesIn);
    assert.ok(lines.length > 40);
    for (const [name, why] of lines) assert.match(why, /^.{10,}\.$/, name);
  });
});

describe('licences', () => {
  const locked = (licence?: string): LockedPackage => ({
    name: 'some-package',
    version: '1.2.3',
    development: false,
    installScript: false,
    ...(licence !== undefined && { licence }),
  });

  for (const folder of FOLDERS) {
    it(`of everything that ${folder}/package-lock.json installs are allowed`, () => {
      const packages = lockedPackages(folder);
      assert.ok(packages.length > 80);
      assert.deepEqual(licenceProblems(packages), []);
    });
  }

  it('that nobody allowed are told, with the package, and so is a package without one', () => {
    assert.deepEqual(licenceProblems([locked('MIT'), locked('GPL-3.0-only'), locked()]), [
      'some-package@1.2.3: expected a licence of supply/licences.ts, got GPL-3.0-only',
      'some-package@1.2.3: expected a licence of supply/licences.ts, got none in its manifest',
    ]);
  });

  it('may be chosen from, and have to be obeyed together', () => {
    for (const expression of ['MIT', '(MIT OR GPL-3.0-or-later)', 'GPL-2.0-only OR MIT', 'Apache-2.0 AND MIT']) {
      assert.equal(isAllowed(expression), true, expression);
    }
    for (const expression of [
      '',
      'mit',
      'MIT AND GPL-3.0-only',
      'UNLICENSED',
      'SEE LICENSE IN LICENSE.md',
      'GPL-2.0-only WITH Classpath-exception-2.0',
      '(MIT OR Apache-2.0) AND (GPL-3.0-only)',
      'GPL-3.0-only AND (GPL-2.0-only OR MIT)',
    ]) {
      assert.equal(isAllowed(expression), false, expression);
    }
  });
});

describe('install scripts', () => {
  for (const folder of FOLDERS) {
    it(`of ${folder}/package-lock.json are each named in allowScripts, and no others; none may run`, () => {
      const { allowScripts = {} } = readManifest(folder);
      const having = lockedPackages(folder).filter(({ installScript }) => installScript);
      assert.deepEqual(Object.keys(allowScripts).sort(), [...new Set(having.map(({ name }) => name))].sort());
      assert.deepEqual([...new Set(Object.values(allowScripts))], [false]);
    });
  }

  it('that are not named fail an installation', () => {
    assert.match(read('infra/polo/.npmrc'), /^strict-allow-scripts=true$/m);
    for (const file of ['local/install.js', '.ci/run'])
      assert.match(read(file), /\bci\b.*--strict-allow-scripts/, file);
  });

  it('of our own don’t keep npx polo-accounts from running in a clone', () => {
    assert.doesNotMatch(read('.npmrc'), /strict-allow-scripts/);
  });
});
