/** The page in a browser: what people see, hear and can do with it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { findChromium } from '../local/findChromium.ts';
import { registryError } from '../registry/errors.ts';
import { openRegistry, type Registry } from '../registry/registry.ts';
import type { StatusServer } from '../worker/statusServer.ts';
import { HOSTILE, startPage, startPageOn, writeAllGood, writeStory } from './support/pageStory.ts';

/** The story's accounts that the tests name. */
const HOSTILE_ID = '000000000013';
const PENDING_ID = '000000000018';

/** Runs in the browser: the lowest contrast of any text to what is painted behind it, and which text that is. */
const lowestContrast = (): { ratio: number; text: string } => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (!canvas) throw new Error('no canvas');
  const channels = (colour: string): number[] => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = channels(colour).map((value) =>
      value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundOf = (element: Element | null): string => {
    for (let at = element; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (channels(backgroundColor)[3] === 255) return backgroundColor;
    }
    return 'white';
  };
  let lowest = { ratio: Infinity, text: '' };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent?.trim() ?? '';
    const element = walker.currentNode.parentElement;
    if (text === '' || !element?.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const ink = element instanceof SVGElement ? style.fill : style.color;
    const [light = 0, dark = 0] = [luminance(ink), luminance(groundOf(element))].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < lowest.ratio) lowest = { ratio, text };
  }
  return lowest;
};

/** Runs in the browser: by how many pixels the page is wider than its window. */
const overflow = (): number => document.documentElement.scrollWidth - document.documentElement.clientWidth;

describe('the page in Chromium', function () {
  this.timeout(60_000);
  this.slow(5_000);

  let folder: string;
  let browser: Browser;
  const registries: Registry[] = [];
  const servers: Record<string, StatusServer> = {};
  const pages: { page: Page; complaints: string[] }[] = [];

  before(async () => {
    browser = await chromium.launch({
      executablePath: findChromium(),
      // Its own sandbox doesn't work for root, as in a container.
      chromiumSandbox: process.getuid?.() !== 0,
    });
    folder = await mkdtemp(join(tmpdir(), 'polo-page-'));
    const now = Date.now();
    for (const [database, write] of Object.entries({ story: writeStory, good: writeAllGood, empty: undefined })) {
      const registry = await openRegistry({ database, dataDir: folder });
      registries.push(registry);
      await write?.(registry, now);
      servers[database] = await startPage(registry);
    }
    servers['down'] = await startPageOn(() => {
      throw registryError('RegistryUnavailable', 'no answer');
    });
  });

  after(async () => {
    // Any of these may be absent if `before` failed: then that is what counts.
    await (browser as Browser | undefined)?.close();
    for (const server of Object.values(servers)) await server.close();
    for (const registry of registries) await registry.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Opens a page of a server; whatever its console says is a complaint. */
  const open = async (path = '/', options: BrowserContextOptions = {}, server = 'story'): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 1240, height: 900 }, ...options });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
    await page.addInitScript(`
      // The compiler of the tests notes the names of functions with a function of its own.
      globalThis.__name = (named) => named;
      document.addEventListener('securitypolicyviolation', (event) => console.error('violation of ' + event.violatedDirective));
    `);
    pages.push({ page, complaints });
    await page.goto(`http://${servers[server]?.address ?? ''}${path}`);
    return page;
  };

  afterEach(async () => {
    const opened = pages.splice(0);
    for (const { page } of opened) await page.context().close();
    for (const { complaints } of opened) assert.deepEqual(complaints, []);
  });

  it('tells the state first, by role, in words and in its title', async () => {
    const page = await open();
    const banner = page.getByRole('alert');
    assert.match(
      await banner.innerText(),
      /^\s*Gaps\s+8 of 21 accounts are not covered\.\s+Oldest: Example Organization \(/,
    );
    assert.equal(await page.title(), '8 of 21 not covered · Polo accounts');
    assert.match(
      await (await open('/', {}, 'good')).getByRole('status').innerText(),
      /^\s*All covered\s+All 10 accounts are covered/,
    );
    assert.match(
      await (await open('/', {}, 'empty')).getByRole('alert').innerText(),
      /^\s*Never ran\s+No discovery has ever/,
    );
  });

  it('says that the registry is down', async () => {
    const page = await open('/', {}, 'down');
    assert.match(await page.getByRole('alert').innerText(), /^\s*Registry unavailable\s+The registry does not answer/);
    // The browser itself notes a 503.
    const complaints = pages[0]?.complaints.splice(0) ?? [];
    assert.deepEqual(
      complaints.filter((text) => !text.includes('503')),
      [],
    );
  });

  it('has headings, landmarks, a picture with words, and tables with captions and headers', async () => {
    const page = await open();
    assert.deepEqual(await page.getByRole('heading', { level: 2 }).allInnerTexts(), [
      'Access over time',
      'Gaps',
      'Accounts',
    ]);
    for (const role of ['banner', 'main', 'contentinfo', 'search'] as const)
      assert.equal(await page.getByRole(role).count(), 1, role);
    const picture = page.getByRole('img', { name: 'Accounts by access over time' });
    assert.equal(await picture.count(), 1);
    assert.equal(await picture.locator('.loss').count(), 3);
    const table = page.getByRole('table', { name: '1–23 of 23 accounts' });
    assert.equal(await table.getByRole('columnheader').count(), 7);
    assert.equal(await table.getByRole('row').count(), 24);
    assert.equal(await table.getByRole('rowheader').count(), 23);
  });

  it('filters accounts by status and search, and comes back', async () => {
    const page = await open();
    await page.getByRole('link', { name: 'no access 2' }).click();
    assert.equal(new URL(page.url()).search, '?status=no_access');
    await page.getByRole('table', { name: '1–2 of 2 accounts' }).waitFor();
    assert.equal(await page.locator('[aria-current]').innerText(), 'no access 2');
    await page.getByRole('searchbox').fill('LEGACY');
    await page.keyboard.press('Enter');
    await page.getByRole('table', { name: '1–1 of 1 account' }).waitFor();
    assert.deepEqual(
      [...new URL(page.url()).searchParams],
      [
        ['status', 'no_access'],
        ['q', 'LEGACY'],
      ],
    );
    await page.goBack();
    await page.getByRole('table', { name: '1–2 of 2 accounts' }).waitFor();
  });

  it('shows an account with its history, newest first, and how to set it up', async () => {
    const page = await open();
    await page.locator('#accounts').getByRole('link', { name: 'checkout-staging' }).click();
    await page.getByRole('heading', { level: 1, name: `checkout-staging (${PENDING_ID})` }).waitFor();
    assert.match(await page.locator('#setup').innerText(), new RegExp(`polo-accounts onboard ${PENDING_ID}`));
    assert.equal(await page.getByRole('table', { name: 'What happened, newest first' }).getByRole('row').count(), 2);
    await page.goto(`${new URL(page.url()).origin}/accounts/000000000015`);
    const times = await page.locator('.history time').allInnerTexts();
    assert.equal(times.length, 3);
    assert.deepEqual(times, [...times].sort().reverse());
  });

  it('opens instructions by keyboard alone, in the order of the page, with a visible focus', async () => {
    const page = await open();
    const focused = () =>
      page.evaluate(() => {
        const element = document.activeElement;
        if (!element) return { name: '', top: 0, outline: '' };
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const top = element.getBoundingClientRect().top + scrollY;
        return { name: element.textContent.trim(), top, outline: `${outlineStyle} ${outlineWidth}` };
      });
    await page.keyboard.press('Tab');
    assert.equal((await focused()).name, 'Skip to the content');
    let last = 0;
    for (let stops = 0; ; stops += 1) {
      assert(stops < 40, 'the instructions are not within 40 stops');
      await page.keyboard.press('Tab');
      const { name, top, outline } = await focused();
      assert.equal(outline, 'solid 3px', name);
      assert(top >= last - 40, `${name} comes after something that is below it`);
      last = top;
      if (name === 'How to set it up') break;
    }
    await page.keyboard.press('Enter');
    const details = page.locator('.gap-list details[open]');
    assert.equal(await details.count(), 1);
    assert.match(await details.innerText(), /aws cloudformation create-stack-instances/);
    await page.keyboard.press('Tab');
    assert.equal((await focused()).name, 'Start the onboarding');
  });

  it('skips to the content', async () => {
    const page = await open();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(new URL(page.url()).hash, '#content');
  });

  for (const path of ['/', `/accounts/${HOSTILE_ID}`, `/accounts/${PENDING_ID}`]) {
    it(`fits a narrow screen, with everything unfolded: ${path}`, async () => {
      const page = await open(path, { viewport: { width: 360, height: 740 } });
      assert.equal(await page.evaluate(overflow), 0);
      for (const summary of await page.locator('summary').all()) await summary.click();
      assert.equal(await page.evaluate(overflow), 0);
    });
  }

  it('is dark where that is wanted, and readable in both', async () => {
    const grounds: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [path, server] of [
        ['/', 'story'],
        ['/?status=active', 'story'],
        [`/accounts/${HOSTILE_ID}`, 'story'],
        ['/', 'good'],
        ['/', 'empty'],
      ] as const) {
        const page = await open(path, { colorScheme }, server);
        for (const summary of await page.locator('summary').all()) await summary.click();
        const { ratio, text } = await page.evaluate(lowestContrast);
        assert(ratio >= 4.5, `${colorScheme} ${server}${path}: "${text}" has ${ratio.toFixed(2)}`);
        grounds.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
      }
    }
    assert.equal(new Set(grounds).size, 2, grounds.join());
  });

  it('prints black on white, with everything unfolded and nothing to click', async () => {
    const page = await open('/', { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const colours = await page.evaluate(() => {
      const { color, backgroundColor } = getComputedStyle(document.body);
      return [color, backgroundColor];
    });
    assert.deepEqual(colours, ['rgb(0, 0, 0)', 'rgb(255, 255, 255)']);
    const [instructions] = await page.locator('.setup pre').all();
    assert((await instructions?.boundingBox())?.height, 'the instructions are folded');
    assert.equal(await page.locator('nav:visible, form:visible').count(), 0);
    assert((await page.pdf()).length > 10_000);
  });

  it('loads nothing from elsewhere, and runs no script', async () => {
    const page = await open();
    const loaded = await page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
    );
    assert.deepEqual(
      [...new Set(loaded)].filter((path) => path !== '/favicon.svg'),
      ['/style.css'],
    );
    assert.equal(await page.locator('script').count(), 0);
    const violation = page.waitForEvent('console');
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.injected = true';
      document.body.append(script);
    });
    assert.match((await violation).text(), /Content Security Policy|violation of script-src/);
    assert.equal(await page.evaluate(() => 'injected' in window), false);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
    pages[0]?.complaints.splice(0);
  });

  it('shows a hostile name as the text that it is', async () => {
    for (const path of ['/', `/accounts/${HOSTILE_ID}`, `/?q=${encodeURIComponent(HOSTILE)}`]) {
      const page = await open(path);
      assert((await page.locator('main').innerText()).includes(HOSTILE), path);
      assert.equal(await page.locator('script, img, b, i').count(), 0, path);
    }
  });
});
