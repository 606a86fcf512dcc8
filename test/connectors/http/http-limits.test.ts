// What a provider can cost by what it answers: every limit at both sides of its edge, and work counted where it could grow
// faster than what was read.
import * as z from 'zod/mini';
import { bindConnector } from '../../../connectors/contract/bind';
import { answersAtMost } from '../../../connectors/http/allowance';
import { everyPage, itemsAtMost, nextPage } from '../../../connectors/http/paging';
import { connectorFor } from '../../../connectors/index';
import { readXmlPage } from '../../../connectors/providers/aws-iam/aws-query';
import { TestClock } from '../../support/provider-setup';
import { call, opened, scripted } from './scripted-fetch';

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
  jest.restoreAllMocks();
});

const text = (body: string) => () => new Response(body);
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'read',
    (error: { code: string }) => error.code,
  );

describe('one answer', () => {
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const wide = (values: number) => `[${Array(values).fill('1')}]`;

  test.each([
    ['100 levels', nested(100), 'read'],
    ['101 levels', nested(101), 'bad-reply'],
    ['half a million levels', nested(500_000), 'bad-reply'],
    ['101 levels of objects that never close', '{"a":'.repeat(101), 'bad-reply'],
    ['50,000 values', wide(50_000), 'read'],
    ['50,001 values', wide(50_001), 'bad-reply'],
    ['brackets and commas within a text', JSON.stringify(`${nested(200)}\\"${','.repeat(60_000)}`), 'read'],
  ])('%s: %s', async (_what, body, outcome) => {
    scripted(text(body));
    expect(await codeOf(opened().http.send('GET', '/keys', call))).toBe(outcome);
  });

  test('names the limit, and a probe takes it for no proof', async () => {
    scripted(text(nested(101)));
    const { http } = opened();
    await expect(http.send('GET', '/keys', call)).rejects.toThrow(
      'Acme answered 200 to GET /keys with more than 100 levels of JSON; check',
    );
    expect(await http.probe('GET', '/keys', {}, [['accepted', 200, z.any()]])).toBe('unknown');
  });

  test('of many wrong values, a few are named', async () => {
    scripted(text(wide(1_000)));
    const reply = z.array(z.object({ id: z.string() }));
    await expect(opened().http.send('GET', '/keys', { ...call, reply })).rejects.toThrow(
      /without a usable "0", "1", "2", "3", "4", \.\.\.; its API/,
    );
  });

  test('a member named __proto__ changes no object', async () => {
    scripted(text('{"__proto__":{"polluted":true},"id":"7","id":"8"}'));
    const reply = z.object({ id: z.string() });
    const { body } = await opened().http.send('GET', '/keys', { ...call, reply });
    expect([body, ({} as { polluted?: true }).polluted]).toEqual([{ id: '8' }, undefined]);
  });
});

describe('all answers to one piece of work', () => {
  const ask = async (times: number, http = opened().http) => {
    for (let asked = 0; asked < times; asked++) await http.send('GET', '/keys', call);
  };

  test('calls', async () => {
    const asked = scripted(text('{}'));
    expect(await codeOf(ask(answersAtMost.calls))).toBe('read');
    expect(await codeOf(ask(answersAtMost.calls + 1))).toBe('bad-reply');
    expect(asked).toHaveLength(2 * answersAtMost.calls);
  });

  test('text', async () => {
    const page = ' '.repeat(1024 * 1024);
    scripted(text(page));
    expect(await codeOf(ask(32))).toBe('read');
    expect(await codeOf(ask(33))).toBe('bad-reply');
  });

  test.each([
    [9, 'read'],
    [10, 'no-answer'],
  ])('ten seconds each, %i times and once more: %s', async (times, outcome) => {
    const { clock, http } = opened();
    scripted(() => {
      void clock.sleep(10_000);
      return new Response('{}');
    });
    await ask(times - 1, http);
    expect(await codeOf(ask(1, http))).toBe(outcome);
  });

  test('a key has all of it for each thing that is asked', async () => {
    const asked = scripted(() => Response.json({ result: [] }));
    const provider = bindConnector(connectorFor('sendgrid'), {
      readIssuer: async () => ({ apiKey: 'SG.FAKESECRET' }),
      environment: 'prod',
      spec: { scopes: [], settings: {}, maxGapDays: 31, overlapHours: 24 },
      clock: new TestClock(),
    });
    if (provider.kind !== 'issue') throw new Error('SendGrid issues keys');
    for (let times = 0; times <= answersAtMost.calls; times++) await provider.list();
    expect(asked).toHaveLength(answersAtMost.calls + 1);
  });
});

describe('a list', () => {
  const pages = (...nexts: (string | undefined)[]) => {
    let read = 0;
    return everyPage('Acme', async () => ({ items: ['key'], next: nexts[read++] }));
  };

  test('ends with its last page', async () => expect(await pages('2', '3', undefined)).toHaveLength(3));

  test.each([
    ['the same page again', ['2', '2'], 'the same next page twice'],
    ['a circle', ['2', '3', '4', '2'], 'the same next page twice'],
    ['a name too long', ['x'.repeat(1_001)], 'more than 1000 characters'],
  ])('is refused with %s', async (_what, nexts, message) => {
    await expect(pages(...nexts)).rejects.toMatchObject({
      code: 'bad-reply',
      message: expect.stringContaining(message),
    });
  });

  test('a name of 1,000 characters is one', async () =>
    expect(await pages('x'.repeat(1_000), undefined)).toHaveLength(2));

  test.each([
    [itemsAtMost, 'read'],
    [itemsAtMost + 1, 'bad-reply'],
  ])('of %i keys: %s', async (size, outcome) => {
    const list = everyPage('Acme', async () => ({ items: Array(size).fill('key'), next: undefined }));
    expect(await codeOf(list)).toBe(outcome);
  });
});

describe('the next page in headers', () => {
  const next = (headers: Record<string, string>) => nextPage('Acme', new Headers(headers));

  test.each([
    ['<https://a.test/k?page=2>; rel="next"', '2'],
    ['<https://a.test/k?x=1&page=3&y=2>;rel=next', '3'],
    [
      '<https://a.test/k?page=1>; rel="prev", <https://a.test/k?page=3>; rel="next", </k?page=9>; rel="last"',
      '3',
    ],
    ['<https://a.test/k?page=1>; title="a"; rel="next"', '1'],
    ['<https://evil.test/steal?page=4>; rel="next"', '4'],
    ['<https://a.test/k?page=1>; rel="prev"', undefined],
    ['<https://a.test/k?page=2', undefined],
    ['rel="next"', undefined],
    ['', undefined],
  ])('is found in: %s', (link, page) => expect(next({ link })).toBe(page));

  test('x-next-page comes first, and is empty on the last page', () => {
    expect(next({ 'x-next-page': '5', link: '<https://a.test/?page=2>; rel="next"' })).toBe('5');
    expect(next({ 'x-next-page': '' })).toBeUndefined();
  });

  test.each<Record<string, string>>([
    { 'x-next-page': 'https://evil.test/' },
    { 'x-next-page': '-1' },
    { link: '<https://a.test/k?cursor=abc>; rel="next"' },
    { link: '<https://a.test/k?page=1e9>; rel="next"' },
  ])('one without a number is no end of the list: %j', headers => {
    expect(() => next(headers)).toThrow('a next page without a number');
  });

  test.each([
    ['links that never end', '<'],
    ['links of nothing', '<>'],
    ['pages that are no numbers', '<?page=1'],
    ['other relations', '<?page=1>;rel="prev",'],
    ['parameters', '<?page=1>;;;;;;;;'],
    ['spaces', '<?page=1>;          '],
  ])('%s take twice the steps for twice the text', (_what, piece) => {
    const steps = (times: number) => {
      const work = (['indexOf', 'slice', 'split', 'replace'] as const).map(name =>
        jest.spyOn(String.prototype, name),
      );
      next({ link: piece.repeat(times) });
      const counted = work.reduce((sum, { mock }) => sum + mock.calls.length, 0);
      jest.restoreAllMocks();
      return counted;
    };
    const [few, many] = [steps(1_000), steps(2_000)];
    expect(many).toBeLessThanOrEqual(2 * few);
  });
});

test('of a list in XML, members that never end are read once', () => {
  const page = (members: string) => `<R>${members}</R>`;
  expect(readXmlPage(page('<member>a</member><member>b</member>'), 'R').members).toEqual(['a', 'b']);
  // Each would be looked through to the end of the text.
  expect(readXmlPage(page('<member>'.repeat(130_000)), 'R').members).toHaveLength(130_000);
});
