// The page of a sandbox in a browser: no fault of accessibility by day, by night and on a phone, no resource from elsewhere, with
// few keys and with a thousand; and it follows what happens.
import type { Browser, Page } from 'puppeteer-core';
import { eventRow } from '../../../bin/report/events';
import type { StoryEvent } from '../../../bin/report/lives';
import { type Endpoint, openEndpoint } from '../../../rehearsal/sandbox/endpoint';
import type { LiveKey } from '../../../rehearsal/sandbox/live-keys';
import { livePage } from '../../../rehearsal/sandbox/live-page';
import { keyRows, type LiveSections } from '../../../rehearsal/sandbox/live-sections';
import { faultsOf, inBrowser, launchBrowser, type Scheme, showAs, ways } from '../browser';

const keysOf = (count: number): LiveKey[] =>
  Array.from({ length: count }, (_, n) => ({
    name: `prod/sendgrid/server-${n}`,
    state: n === 0 ? 'its provider refuses it' : n === 1 ? 'rotates now' : 'fine',
    mood: n === 0 ? 'bad' : n === 1 ? 'busy' : 'good',
    keyId: `id-of-${n}`,
    since: new Date('2027-01-01T00:00:00Z'),
    ...(n % 3 === 0 && { older: `older-${n}` }),
  }));

const kinds: StoryEvent['kind'][] = [
  'fault',
  'failed',
  'recovered',
  'alarm',
  'replaced',
  'told',
  'note',
  'rotated',
];

let sections: LiveSections;
let endpoint: Endpoint;
let browser: Browser | undefined;
const tokens = { control: 'c'.repeat(32), page: 'p'.repeat(32) };

function show(keys: LiveKey[], verdict: string): void {
  sections = {
    verdict: `<p class="verdict bad">${verdict}</p>`,
    figures: `<div><dt>keys</dt><dd class="good">${keys.length}</dd></div><div><dt>failed</dt><dd class="bad">1</dd></div>`,
    keys: keyRows(keys),
    incidents: '<article><h3>prod/a/b: under way</h3><p>why</p><pre>keyturn incidents show x</pre></article>',
    lifelines: '<svg viewBox="0 0 10 10" role="img" aria-label="Life of every key"></svg>',
    events: `<table><tbody>${kinds
      .map((kind, n) =>
        eventRow({ at: new Date('2027-01-01T00:00:00Z'), kind, text: 'what happened', number: n }),
      )
      .join('')}</tbody></table>`,
  };
}

beforeAll(async () => {
  endpoint = await openEndpoint({
    instance: 'x',
    tokens,
    answer: async () => ({ text: '', facts: {} }),
    page: () => livePage('x', 'prod', { ...sections, findings: 'none', schedule: 'none', readers: 'none' }),
    live: () => sections,
    holdsSecret: () => false,
  });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await endpoint.close();
});

interface Seen {
  page: Page;
  /** Hosts that it asked. */
  hosts: Set<string>;
  /** What the browser complained of. */
  complaints: string[];
}

async function open(width: number, scheme: Scheme): Promise<Seen> {
  const page = await browser!.newPage();
  const seen: Seen = { page, hosts: new Set(), complaints: [] };
  page.on('request', request => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'data:') seen.hosts.add(host);
  });
  page.on('console', message => seen.complaints.push(message.text()));
  page.on('pageerror', error => seen.complaints.push(String(error)));
  await showAs(page, width, scheme);
  await page.goto(`${endpoint.origin}/?token=${tokens.page}`);
  return seen;
}

inBrowser('in Chromium', () => {
  describe.each([3, 1_000])('with %i keys', count => {
    test.each(ways)('%s shows it without a fault', async (_, width, scheme) => {
      show(keysOf(count), 'one key is not fine');
      const { page, hosts, complaints } = await open(width, scheme);
      try {
        expect(await faultsOf(page)).toEqual([]);
        const sizeOf = (side: string) => page.evaluate(`document.documentElement.scroll${side}`);
        expect(await sizeOf('Width')).toBe(width);
        // A thousand keys scroll in their own place.
        expect(await sizeOf('Height')).toBeLessThan(4_000);
        expect([...hosts]).toEqual([new URL(endpoint.origin).host]);
        expect(complaints).toEqual([]);
      } finally {
        await page.close();
      }
    });
  });

  test('axe is heard: a fault that is planted is found', async () => {
    show(keysOf(3), '<span style="color:#ccc">faint</span><img src="data:,">');
    const { page } = await open(1440, 'light');
    expect((await faultsOf(page)).join('\n')).toContain('image-alt');
    await page.close();
  });

  test('it follows what happens, finds a key, and says when nobody answers any more', async () => {
    show(keysOf(1_000), 'one key is not fine');
    const { page } = await open(1440, 'light');
    const text = (id: string) => page.evaluate(`document.getElementById('${id}').textContent`);
    const says = (id: string, begins: string) =>
      page.waitForFunction(`document.getElementById('${id}').textContent.startsWith('${begins}')`);
    expect(await text('found')).toBe('1,000 keys');
    await page.type('#find', 'server-77 ');
    expect(await text('found')).toBe('11 of 1,000 keys');
    show(keysOf(1_001), 'two keys are not fine');
    await says('verdict', 'two keys are not fine');
    await says('found', '11 of 1,001 keys');
    // As when the sandbox has ended: nobody answers who knows it.
    tokens.page = 'q'.repeat(32);
    await says('verdict', 'The sandbox no longer answers.');
    tokens.page = 'p'.repeat(32);
    await says('verdict', 'two keys are not fine');
    await page.close();
  });

  test('what others wrote is text on it', async () => {
    const [first] = keysOf(1);
    show([{ ...first!, keyId: '<img src=x onerror=document.title="run">' }], 'one');
    const { page } = await open(1440, 'light');
    expect(await page.title()).toBe('Keyturn sandbox: x');
    expect(await page.evaluate("document.querySelectorAll('#keys img').length")).toBe(0);
    await page.close();
  });
});

test('its policy admits one script and one style by their hashes, and nothing else', async () => {
  show(keysOf(3), 'fine');
  const reply = await fetch(`${endpoint.origin}/?token=${tokens.page}`);
  const policy = reply.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  const html = await reply.text();
  expect(html.match(/<script|<style/g)).toHaveLength(2);
  expect(html).not.toMatch(/ on\w+=| style=|src="http|href="http/);
});
