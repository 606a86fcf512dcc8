import * as z from 'zod/mini';
import type { Cause, HttpCall } from '../../../connectors/http/http';
import { answered, call, ok, opened, scripted } from './scripted-fetch';

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
  jest.restoreAllMocks();
});

describe('where a call may go', () => {
  test.each([
    '//evil.test/keys',
    'https://evil.test/keys',
    '/\\evil.test/keys',
    '/keys/../admin',
    '/keys/%2e%2e/admin',
    '/keys?all=true',
    '/keys#top',
    'keys',
    '/keys /x',
  ])('%s is refused before anything is sent', async path => {
    const asked = scripted(ok);
    await expect(opened().http.send('GET', path, call)).rejects.toMatchObject({ code: 'refused' });
    expect(asked).toEqual([]);
  });

  test('one of several origins may be named, any other is refused', async () => {
    const asked = scripted(ok);
    const { http } = opened();
    await http.send('GET', '/who', { ...call, origin: 'https://sts.acme.test' });
    expect(asked[0]?.url).toBe('https://sts.acme.test/who');
    await expect(http.send('GET', '/who', { ...call, origin: 'https://evil.test' })).rejects.toMatchObject({
      code: 'refused',
    });
    expect(asked).toHaveLength(1);
  });

  test('a redirect is neither followed nor sent again', async () => {
    const asked = scripted(answered(307, { location: 'https://evil.test/' }));
    await expect(opened().http.send('GET', '/keys', call)).rejects.toMatchObject({ code: 'bad-reply' });
    expect(asked.map(({ init }) => init.redirect)).toEqual(['manual']);
  });
});

describe('what is told', () => {
  test.each([
    [
      401,
      'issuer-rejected',
      'Acme answered 401 to POST /keys/7; the issuer credential is not valid here (expired, revoked, or not allowed from this address), so set one that has the scope keys.write with `npx keyturn issuer set acme`',
    ],
    [
      400,
      'refused',
      "Acme answered 400 to POST /keys/7; it rejects this request, so check that Acme allows the key's settings, scopes and name",
    ],
    [
      402,
      'refused',
      expect.stringMatching(/^Acme answered 402 to POST \/keys\/7; its plan does not allow this/),
    ],
    [403, 'refused', 'Acme answered 403 to POST /keys/7; the issuer credential needs the scope keys.write'],
    [404, 'not-found', expect.stringContaining('Acme answered 404 to POST /keys/7; ')],
    [409, 'refused', expect.stringMatching(/; something there conflicts with it \(a name that is taken/)],
    [422, 'refused', expect.stringContaining('; it rejects this request')],
    [302, 'bad-reply', expect.stringContaining('Acme answered 302 to POST /keys/7; ')],
  ])('%d is %s', async (code, kind, message) => {
    scripted(() => new Response('FAKESECRETbody', { status: code }));
    const query = { token: 'FAKESECRETquery' };
    const error = await opened()
      .http.send('POST', '/keys/7', { ...call, query, once: true })
      .catch(thrown => thrown);
    expect(error).toMatchObject({ code: kind, message });
    expect(error.message).not.toContain('FAKESECRET');
    expect(error.cause).toBeUndefined();
  });

  test('every 2xx of the right shape is success, unless its words are those of a failure', async () => {
    const reply = z.object({ id: z.string() });
    scripted(() => Response.json({ id: '7' }, { status: 206 }));
    const { status, body } = await opened().http.send('POST', '/keys', { ...call, reply });
    expect([status, body]).toEqual([206, { id: '7' }]);
    scripted(() => Response.json({ id: '7', errors: ['no'] }));
    const causes: Cause[] = [['refused', z.object({ errors: z.array(z.string()) }), 'ask for less']];
    await expect(opened().http.send('POST', '/keys', { ...call, reply, causes })).rejects.toMatchObject({
      code: 'refused',
      message: 'Acme answered 200 to POST /keys; ask for less',
    });
    scripted(() => new Response('<html>Log in</html>'));
    await expect(opened().http.send('DELETE', '/keys/7', call)).rejects.toMatchObject({ code: 'bad-reply' });
  });

  test('a path that holds a secret is shown as its caller says, also where it leaves the origin', async () => {
    const secret = 'FAKESECRETpath';
    scripted(() => new Response(null, { status: 500 }));
    const shown = { ...call, once: true, shownPath: '/keys/{key}' };
    await expect(opened().http.send('DELETE', `/keys/${secret}`, shown)).rejects.toMatchObject({
      message: expect.stringMatching(/^Acme answered 500 to DELETE \/keys\/\{key\}; /),
    });
    await expect(opened().http.send('DELETE', `/keys/${secret}/..`, shown)).rejects.toMatchObject({
      message: expect.not.stringContaining(secret),
    });
  });

  test.each([
    [401, 'refused', 'a web page came back, so a proxy or a firewall may have refused it'],
    [403, 'refused', 'a web page came back, so a proxy or a firewall may have refused it'],
    [503, 'provider-down', 'it has an error of its own'],
  ])('a web page with %d is %s, and says nothing of the issuer credential', async (status, code, text) => {
    scripted(() => new Response('<!DOCTYPE html><html>Denied</html>', { status }));
    const error = await opened()
      .http.send('POST', '/keys/7', { ...call, once: true })
      .catch(thrown => thrown);
    expect(error).toMatchObject({ code, message: expect.stringContaining(text) });
    expect(error.message).not.toContain('issuer');
  });

  test('a cause that the provider tells comes first, with its own fix', async () => {
    const isFull = z.object({ error: z.literal('full') });
    const causes: HttpCall['causes'] = [['refused', isFull, 'it holds as many keys as it may']];
    const told = async (error: string) => {
      scripted(() => Response.json({ error }, { status: 403 }));
      const thrown = await opened()
        .http.send('POST', '/keys', { ...call, causes, once: true })
        .catch(error => error);
      return thrown.message;
    };
    expect(await told('full')).toBe('Acme answered 403 to POST /keys; it holds as many keys as it may');
    expect(await told('other')).toContain('the issuer credential needs the scope keys.write');
  });

  test('a failed connection is told by its code, without its text', async () => {
    const cause = Object.assign(new Error('FAKESECRETtext'), { code: 'ECONNREFUSED' });
    scripted(() => new TypeError('FAKESECRETfetch failed', { cause }));
    const error = await opened()
      .http.send('GET', '/keys', call)
      .catch(thrown => thrown);
    expect(error).toMatchObject({ code: 'no-answer', message: expect.stringContaining('(ECONNREFUSED)') });
    expect(`${error.stack}${error.cause}`).not.toContain('FAKESECRET');
  });

  test('no answer within 10 s is told as such', async () => {
    const timeout = jest.spyOn(AbortSignal, 'timeout');
    scripted(() => new DOMException('FAKESECRET', 'TimeoutError'));
    await expect(opened().http.send('GET', '/keys', call)).rejects.toThrow(
      'did not answer GET /keys (none within 10 s)',
    );
    expect(timeout.mock.calls).toEqual([[10_000], [10_000], [10_000], [10_000]]);
  });

  test('a credential with a line break is refused without being quoted', async () => {
    const asked = scripted(ok);
    const error = await opened()
      .http.send('GET', '/keys', { ...call, bearer: 'FAKESECRET\nx' })
      .catch(thrown => thrown);
    expect(error).toMatchObject({
      code: 'bad-issuer',
      message: expect.stringContaining('keyturn issuer set acme'),
    });
    expect(`${error.stack}${error.cause}`).not.toContain('FAKESECRET');
    expect(asked).toEqual([]);
  });

  test('a body of another shape is named by its places, not by its values', async () => {
    scripted(() => Response.json({ key: { value: 7, secret: 'FAKESECRET' } }));
    const reply = z.object({ key: z.object({ value: z.string(), id: z.string() }) });
    await expect(opened().http.send('GET', '/keys', { ...call, reply })).rejects.toThrow(
      'Acme answered 200 to GET /keys without a usable "key.value", "key.id"',
    );
  });
});

describe('what is read', () => {
  test('a body of more than 1 MiB is left unread', async () => {
    let sent = 0;
    let cancelled = false;
    const endless = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            sent += 65_536;
            controller.enqueue(new Uint8Array(65_536));
          },
          cancel() {
            cancelled = true;
          },
        }),
      );
    scripted(endless);
    await expect(opened().http.send('GET', '/keys', call)).rejects.toMatchObject({ code: 'bad-reply' });
    expect(sent).toBeLessThan(2 * 1024 * 1024);
    expect(cancelled).toBe(true);
  });

  test.each([
    [1024 * 1024, 'read'],
    [1024 * 1024 + 1, 'bad-reply'],
  ])('a body of %i bytes: %s', async (size, outcome) => {
    scripted(() => new Response(new Uint8Array(size)));
    const read = opened().http.send('GET', '/keys', call);
    expect(
      await read.then(
        () => 'read',
        (error: { code: string }) => error.code,
      ),
    ).toBe(outcome);
  });

  test('text that is not JSON is no error', async () => {
    scripted(() => new Response('<ok/>'));
    await expect(opened().http.send('GET', '/keys', call)).resolves.toMatchObject({
      body: undefined,
      text: '<ok/>',
    });
  });

  test('forms, passwords and queries are sent as they should', async () => {
    const asked = scripted(ok);
    const basic = { user: 'me', password: 'p:w' };
    await opened().http.send('POST', '/keys', {
      ...call,
      bearer: undefined,
      basic,
      form: { a: 'b c' },
      query: { x: 1, y: undefined },
    });
    expect(asked[0]?.url).toBe('https://api.acme.test/keys?x=1');
    expect(asked[0]?.init.body).toBe('a=b+c');
    expect(Object.fromEntries(asked[0]?.init.headers as Headers)).toMatchObject({
      authorization: `Basic ${Buffer.from('me:p:w').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    });
  });
});
