/** What npm says about our packages: known vulnerabilities, from a stand-in for its registry, and the bill of materials. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { advisoryLine, audit, isGrave, type Answer } from '../supply/audit.ts';
import { lockedPackages, readManifest, ROOT } from '../supply/lockfiles.ts';

/** What the registry tells of a package. */
const advisory = (severity: string) => ({
  id: 1,
  url: 'https://example.com/advisory',
  title: 'Prototype pollution',
  severity,
  vulnerable_versions: '<999',
  cwe: [],
  cvss: { score: 0, vectorString: null },
});

describe('npm audit', function () {
  this.timeout(120_000);
  let registry: Server;
  let asked: Record<string, string[]>;
  let answer: { status: number; body: unknown };
  before(async () => {
    registry = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const isAudit = request.url === '/-/npm/v1/security/advisories/bulk';
        if (isAudit) asked = JSON.parse(gunzipSync(Buffer.concat(parts)).toString()) as typeof asked;
        const { status, body } = isAudit ? answer : { status: 404, body: {} };
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    await once(registry.listen(0, '127.0.0.1'), 'listening');
  });
  after(() => registry.close());

  const auditing = (status: number, body: unknown): Promise<Answer> => {
    answer = { status, body };
    const { port } = registry.address() as AddressInfo;
    return audit('.', `--registry=http://127.0.0.1:${String(port)}`, '--fetch-retries=0');
  };

  it('asks about everything that runs in production, and is content if nothing is known', async () => {
    assert.deepEqual(await auditing(200, {}), { advisories: [] });
    const production = lockedPackages('.').filter(({ development, name }) => !development && name in asked);
    assert.ok(production.some(({ name }) => name === 'zod'));
    assert.ok(production.some(({ name }) => name === '@temporalio/worker'));
  });

  it('tells each advisory once, and counts those from moderate on', async () => {
    const found = await auditing(200, { zod: [advisory('moderate')], undici: [advisory('low')] });
    assert.ok('advisories' in found);
    assert.deepEqual(found.advisories.filter(isGrave).map(advisoryLine), [
      'zod <999: moderate: Prototype pollution (https://example.com/advisory)',
    ]);
  });

  it('does not count what only development needs', async () => {
    assert.deepEqual(await auditing(200, { mocha: [advisory('critical')] }), { advisories: [] });
  });

  it('is not answered by a registry without advisories, one that fails, and one that is not there', async () => {
    for (const status of [404, 405, 500]) {
      assert.deepEqual(await auditing(status, {}), { unanswered: `HTTP ${String(status)}` });
    }
    const nowhere = await audit('.', '--registry=http://user:hush@127.0.0.1:9', '--fetch-retries=0');
    assert.ok('unanswered' in nowhere);
    assert.match(nowhere.unanswered, /ECONNREFUSED/);
    assert.doesNotMatch(nowhere.unanswered, /hush/);
  });

  it('throws where npm cannot even ask: that is not the registry', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'polo-empty-'));
    await assert.rejects(audit(relative(ROOT, empty)), /npm audit: This command requires an existing lockfile/);
    await rm(empty, { recursive: true });
  });
});

describe('npm run sbom', function () {
  this.timeout(120_000);

  it('prints CycloneDX of all that runs in production, and of nothing else', async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], {
      cwd: ROOT,
      maxBuffer: 64 * 1024 * 1024,
    });
    const bom = JSON.parse(stdout) as {
      bomFormat: string;
      metadata: { component: { name: string; version: string } };
      components: { name: string; version: string }[];
    };
    const { name, version } = readManifest('.');
    assert.equal(bom.bomFormat, 'CycloneDX');
    assert.deepEqual([bom.metadata.component.name, bom.metadata.component.version], [name, version]);
    const listed = (packages: { name: string; version: string }[]): string[] =>
      [...new Set(packages.map((each) => `${each.name}@${each.version}`))].sort();
    assert.deepEqual(listed(bom.components), listed(lockedPackages('.').filter(({ development }) => !development)));
  });
});
