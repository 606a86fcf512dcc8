import * as z from 'zod/mini';
import type { VerdictRules } from '../../../connectors/http/http';
import { answered, call, ok, opened, scripted } from './scripted-fetch';

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
  jest.restoreAllMocks();
});

describe('what is sent again', () => {
  test.each([
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['a date', { 'retry-after': 'Tue, 01 Sep 2026 08:00:05 GMT' }, 5_000],
    [
      'a reset in Unix seconds',
      { 'x-ratelimit-reset': String(Date.parse('2026-09-01T08:00:09Z') / 1000) },
      9_000,
    ],
    [
      'a reset in Unix milliseconds',
      { 'x-ratelimit-reset': String(Date.parse('2026-09-01T08:00:06Z')) },
      6_000,
    ],
    ['a reset in seconds', { 'ratelimit-reset': '4' }, 4_000],
    ['a reset as a date', { 'x-rate-limit-reset': 'Tue, 01 Sep 2026 08:00:03 GMT' }, 3_000],
    ['a time that has passed', { 'retry-after': 'Tue, 01 Sep 2026 07:00:00 GMT' }, 0],
    ['nothing', {}, 1_000],
    ['nonsense', { 'retry-after': 'soon' }, 1_000],
  ])('429 with %s is waited out as told', async (_how, headers, waited) => {
    const { http, clock } = opened();
    scripted(answered(429, headers), ok);
    await expect(http.send('GET', '/keys', call)).resolves.toMatchObject({
      status: 200,
      body: { fine: true },
    });
    expect(clock.passed).toBe(waited);
  });

  test('a wait of more than 20 s in all is not begun', async () => {
    const { http, clock } = opened();
    const asked = scripted(answered(429, { 'retry-after': '15' }));
    await expect(http.send('GET', '/keys', call)).rejects.toMatchObject({ code: 'rate-limited' });
    expect([asked.length, clock.passed]).toEqual([2, 15_000]);
  });

  test.each([
    ['20', 2],
    ['20.001', 1],
  ])('a wait of %s s: sent %i times', async (seconds, sends) => {
    const asked = scripted(answered(429, { 'retry-after': seconds }), ok);
    await opened()
      .http.send('GET', '/keys', call)
      .catch(() => {});
    expect(asked).toHaveLength(sends);
  });

  test('four attempts are the most', async () => {
    const { http, clock } = opened();
    const asked = scripted(answered(503));
    await expect(http.send('DELETE', '/keys/1', call)).rejects.toMatchObject({ code: 'provider-down' });
    expect([asked.length, clock.passed]).toEqual([4, 7_000]);
  });

  test('what is not there yet is asked for again, and what is not said to come is not', async () => {
    const { clock, http } = opened();
    const asked = scripted(answered(404), answered(404), ok);
    await http.send('GET', '/keys/7', { ...call, notYet: [404] });
    expect([asked.length, clock.passed]).toEqual([3, 3_000]);
    const gone = scripted(answered(404));
    await expect(http.send('GET', '/keys/7', { ...call, notYet: [404] })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(gone).toHaveLength(4);
    const once = scripted(answered(404), ok);
    await expect(http.send('GET', '/keys/7', call)).rejects.toMatchObject({ code: 'not-found' });
    expect(once).toHaveLength(1);
  });

  test('what is under way is asked for again, whatever the status, until it is done or too much was asked', async () => {
    const { clock, http } = opened();
    const underWay = z.object({ state: z.literal('running') });
    const running = (status: number) => () => Response.json({ state: 'running' }, { status });
    const asked = scripted(running(202), running(200), ok);
    await http.send('GET', '/jobs/7', { ...call, underWay });
    expect([asked.length, clock.passed]).toEqual([3, 3_000]);
    const endless = scripted(running(202));
    await expect(http.send('GET', '/jobs/7', { ...call, underWay })).rejects.toMatchObject({
      code: 'provider-down',
      message: expect.stringContaining('still working on this'),
    });
    expect(endless).toHaveLength(4);
  });

  test('a reset header on a 500 is no reason to wait for it', async () => {
    const { http, clock } = opened();
    scripted(answered(500, { 'x-ratelimit-reset': '19' }), ok);
    await http.send('GET', '/keys', call);
    expect(clock.passed).toBe(1_000);
  });

  test.each([429, 500, 503])('a call marked once is not resent after %d, whatever it says', async code => {
    const asked = scripted(answered(code, { 'retry-after': '1' }));
    await expect(opened().http.send('POST', '/keys', { ...call, once: true })).rejects.toThrow();
    expect(asked).toHaveLength(1);
  });

  test('a failure whose status misleads is told by the connector', async () => {
    const asked = scripted(answered(400), ok);
    await opened().http.send('POST', '/', { ...call, causes: [['rate-limited', z.string()]] });
    expect(asked).toHaveLength(2);
  });
});

describe('probe', () => {
  const rules: VerdictRules = [
    ['accepted', 200, z.object({ fine: z.literal(true) })],
    ['rejected', 401, z.literal('FAKESECRETbody')],
  ];

  test('waits out one 429 of up to 10 s, once', async () => {
    const { http, clock } = opened();
    const asked = scripted(answered(429, { 'retry-after': '2' }), ok);
    await expect(http.probe('GET', '/me', { bearer: 'k' }, rules)).resolves.toBe('accepted');
    expect([asked.length, clock.passed]).toEqual([2, 2_000]);
    const again = scripted(answered(429, { 'retry-after': '2' }));
    await expect(http.probe('GET', '/me', { bearer: 'k' }, rules)).resolves.toBe('unknown');
    expect(again).toHaveLength(2);
    const long = scripted(answered(429, { 'retry-after': '60' }));
    await expect(http.probe('GET', '/me', { bearer: 'k' }, rules)).resolves.toBe('unknown');
    expect(long).toHaveLength(1);
  });

  test.each([
    ['10', 'accepted'],
    ['10.001', 'unknown'],
  ])('waits out a 429 of %s s: %s', async (seconds, verdict) => {
    scripted(answered(429, { 'retry-after': seconds }), ok);
    await expect(opened().http.probe('GET', '/me', { bearer: 'k' }, rules)).resolves.toBe(verdict);
  });

  test('never asks again with a key that was rejected, and never throws', async () => {
    const asked = scripted(answered(401));
    await expect(opened().http.probe('GET', '/me', { bearer: 'k' }, rules)).resolves.toBe('rejected');
    expect(asked).toHaveLength(1);
    await expect(opened().http.probe('GET', '//evil.test', { bearer: 'k' }, rules)).resolves.toBe('unknown');
    await expect(opened().http.probe('GET', '/me', { bearer: 'k\nx' }, rules)).resolves.toBe('unknown');
    scripted(() => new Error('down'));
    await expect(opened().http.probe('GET', '/me', { bearer: 'k' }, rules)).resolves.toBe('unknown');
  });
});
