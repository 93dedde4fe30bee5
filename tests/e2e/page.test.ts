import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestSystem, type TestSystem } from '@slipstream/testkit';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAllCopiedOnce, type SimTrade } from './copied.ts';

const BROWSER = '/usr/bin/chromium';
const there = existsSync(BROWSER);
if (!there) process.stdout.write(`skipped: ${BROWSER} is not here; install the package chromium\n`);
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

describe.skipIf(!there)('the page in a real browser', () => {
  const profile = mkdtempSync(join(tmpdir(), 'slipstream-browser-'));
  const complaints: string[] = [];
  let system: TestSystem;
  let browser: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    system = await startTestSystem(['--seed', '21', '--wallets', '2', '--rate', '0', '--hold']);
    const { wallets } = await system.sim<{ wallets: string[] }>('/state');
    await system.follow(...wallets);
    await system.sim('/start', {});
    const { trades } = await system.sim<{ trades: SimTrade[] }>('/burst', {
      wallet: wallets[0],
      count: 3,
      perTransaction: 1,
    });
    await expectAllCopiedOnce(system, trades);
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: BROWSER,
      headless: true,
      args: FLAGS,
    });
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
  });
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
    rmSync(profile, { recursive: true, force: true });
  });

  test('the printed link signs in once, and the page shows copies', async () => {
    await page.goto(system.stack.signInUrl);
    await page.waitForFunction('/EXECUTE|Copied/i.test(document.body.textContent)');
    expect(await page.title()).toMatch(/Slipstream/);
    expect(complaints).toEqual([]);
  });

  test('the link does not sign in a second time', async () => {
    const reply = await fetch(system.stack.signInUrl, { redirect: 'manual' });
    expect(reply.headers.get('set-cookie')).toBeNull();
  });

  test('live trading is switched on by two steps, the second confirmed, and off by one', async () => {
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.message());
      void dialog.accept();
    });
    const reaches = (state: string) => page.locator(`#live-state:text-is("${state}")`).waitFor();
    await reaches('off');
    await page.click('text=To SHADOW');
    await reaches('shadow');
    expect(asked).toEqual([]);
    await page.click('text=To ON');
    await reaches('on');
    expect(asked).toHaveLength(1);
    await page.click('#live-switches >> text=Stop');
    await reaches('off');
    expect(await system.rows('select live_trading_state from config.system_switches')).toEqual([
      { live_trading_state: 'OFF' },
    ]);
    expect(await page.textContent('#live-figures')).toContain('$10,000.00');
    expect(complaints).toEqual([]);
  });

  test('a phone shows it without sideways scrolling', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const overflow = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(overflow).toBeLessThanOrEqual(0);
  });
});
