// The connector of an API that is told as data.
import * as z from 'zod/mini';
import type { IssueConnector, KeyFact, ListedKey } from '../contract/connector';
import type { Http, VerdictRules } from '../http/http';
import { everyPage } from '../http/paging';
import { says, shapeOf, textAt, textsIn, timeAt, valueAt, wholeMatch, withTextsAt } from './answers';
import { fillTemplate, jsonOf, pathOf, queryOf, type Values, withCredential } from './api-calls';
import type { HttpApi } from './http-api';

export type ApiIssuer = Record<string, string>;
export type ApiSettings = Record<string, string | undefined>;

/** @param provider its name in config/keys.ts */
export function connectorOf(provider: string, api: HttpApi): IssueConnector<ApiIssuer, ApiSettings> {
  const { title, issuer, key, scopes, create, list, revoke, verify, times = 'iso' } = api;
  const { item, pages } = list;
  const hasOwnHost = api.origin.includes('{');
  const originOf = (settings: ApiSettings) => fillTemplate(api.origin, valuesOf(settings));
  const rules: VerdictRules = verify.proofs.map(each => [each.verdict, each.status, shapeOf(each)] as const);

  function asIssuer(held: ApiIssuer, request: { query?: Record<string, string | number>; json?: unknown }) {
    return withCredential(issuer.presents, held.token ?? '', held, request);
  }

  function ask(
    http: Http,
    secret: string,
    fields: object,
    by: typeof issuer.presents,
    settings: ApiSettings,
  ) {
    const values = valuesOf(settings);
    const request = withCredential(by, secret, { ...fields }, { query: queryOf(verify.query, values) });
    return http.probe(verify.method ?? 'GET', pathOf(verify.path, values), request, rules);
  }

  return {
    provider,
    title,
    kind: 'issue',
    tells: factsListed(api),
    ...(!item.name && { exclusive: true as const }),
    origins: settings => [originOf(settings)],
    issuer: z
      .record(z.string(), z.string())
      .check(z.refine(held => issuerFields(api).every(field => held[field]))),
    issuerHelp: `{${issuerFields(api)
      .map(field => `"${field}"`)
      .join(', ')}}: ${issuer.help}`,
    ...(hasOwnHost && { issuerOrigin: ({ origin = '' }: ApiIssuer) => origin }),
    settings: settingsShape(api),
    scopes: scopes ? 'required' : 'none',
    ...(scopes && {
      knownScopes: {
        form: { pattern: wholeMatch(scopes.matches), like: scopes.like },
        open: 'only their form is told',
      },
    }),
    ...(scopes?.admin && { adminScopes: wholeMatch(scopes.admin) }),
    example: scopes ? { scopes: [scopes.like] } : {},
    secretPattern: wholeMatch(key.matches),
    callOrigins(settings) {
      const [first, ...others] = key.callOrigins ?? [api.origin];
      const values = valuesOf(settings);
      return [fillTemplate(first, values), ...others.map(other => fillTemplate(other, values))];
    },
    presents: key.presents,
    placeholder: key.placeholder,
    unauthorizedMeansNotDone: key.unauthorizedMeansNotDone ?? false,
    propagation: { createMs: (key.acceptedAfter ?? 0) * 1000, revokeMs: (key.rejectedAfter ?? 0) * 1000 },
    ...(key.maxDays !== undefined && { maxKeyDays: () => key.maxDays }),
    nameMaxLength: api.nameMaxLength,

    async create(http, held, { name, scopes: asked, expiresAt, settings }) {
      const values = {
        ...valuesOf(settings),
        name,
        scopes: asked,
        expiresAt: expiresAt.toISOString(),
        expiresAtSeconds: Math.floor(expiresAt.getTime() / 1000),
      };
      const { answer, needs } = create;
      const { body } = await http.send(create.method ?? 'POST', pathOf(create.path, values), {
        ...asIssuer(held, { query: queryOf(create.query, values), json: jsonOf(create.body, values) }),
        needs,
        once: true,
        reply: withTextsAt(answer.id, answer.secret),
      });
      const ends = timeAt(body, answer.expiresAt, times);
      const granted = textsIn(body, answer.scopes);
      return {
        keyId: textAt(body, answer.id) ?? '',
        secret: textAt(body, answer.secret) ?? '',
        ...(ends instanceof Date && { expiresAt: ends.toISOString() }),
        ...(granted && { scopes: granted }),
      };
    },

    list(http, held, settings) {
      const values = valuesOf(settings);
      const reply = z.unknown().check(
        z.refine(body => Array.isArray(valueAt(body, list.items)), {
          path: list.items.split('/').slice(1),
        }),
      );
      return everyPage(title, async (at: string | number | undefined) => {
        const from = at ?? (pages && 'first' in pages ? pages.first : undefined);
        const query = {
          ...queryOf(list.query, values),
          ...(pages && from !== undefined && { [pages.query]: from }),
        };
        const call = { ...asIssuer(held, { query }), needs: list.needs, reply };
        const { body } = await http.send('GET', pathOf(list.path, values), call);
        const found = valueAt(body, list.items);
        const items = Array.isArray(found) ? found : [];
        return { items: items.flatMap(listedKey), next: nextOf(body, items.length, from) };
      });
    },

    async revoke(http, held, keyId, settings) {
      const values = { ...valuesOf(settings), id: keyId };
      const json = revoke.body && jsonOf(revoke.body, values);
      await http.send(revoke.method ?? 'DELETE', pathOf(revoke.path, values), {
        ...asIssuer(held, { query: queryOf(revoke.query, values), json }),
        expect: [...(revoke.gone ?? [404])],
        needs: revoke.needs,
      });
    },

    verify: (http, held, settings) => ask(http, held.secret, held, key.presents[0], settings),
    ...(verify.proofs.some(({ verdict }) => verdict === 'denied') && {
      control: (http: Http, held: ApiIssuer, settings: ApiSettings) =>
        ask(http, held.token ?? '', held, issuer.presents, settings),
    }),
  };

  function listedKey(each: unknown): ListedKey[] {
    if (list.only && !says(each, list.only)) return [];
    const name = textAt(each, item.name);
    const createdAt = timeAt(each, item.createdAt, times);
    const lastUsedAt = timeAt(each, item.lastUsedAt, times);
    const expiresAt = timeAt(each, item.expiresAt, times);
    const granted = textsIn(each, item.scopes);
    return [
      {
        id: textAt(each, item.id) ?? '',
        ...(name !== undefined && { name }),
        ...(createdAt instanceof Date && { createdAt }),
        ...(lastUsedAt && { lastUsedAt }),
        ...(expiresAt && { expiresAt }),
        ...(granted && { scopes: granted }),
      },
    ];
  }

  function nextOf(body: unknown, count: number, from: string | number | undefined) {
    if (!pages) return undefined;
    if ('cursor' in pages) return textAt(body, pages.cursor);
    return count ? Number(from) + 1 : undefined;
  }
}

/** What an issuer credential has. */
function issuerFields({ origin, issuer: { presents } }: HttpApi): string[] {
  const user = presents.in === 'basic' && 'field' in presents.user ? [presents.user.field] : [];
  return ['token', ...user, ...(origin.includes('{') ? ['origin'] : [])];
}

function settingsShape({ settings = {} }: HttpApi): z.ZodMiniType<ApiSettings> {
  const shapes = Object.entries(settings).map(([name, { matches, optional }]) => {
    const shape = z.string().check(z.regex(wholeMatch(matches)));
    return [name, optional ? z.optional(shape) : shape] as const;
  });
  return z.strictObject(Object.fromEntries(shapes));
}

function factsListed({ list: { item }, create: { answer } }: HttpApi): KeyFact[] {
  const facts: [KeyFact, string | undefined][] = [
    ['createdAt', item.createdAt],
    ['lastUsedAt', item.lastUsedAt],
    ['expiresAt', item.expiresAt ?? answer.expiresAt],
    ['scopes', item.scopes ?? answer.scopes],
  ];
  return facts.flatMap(([fact, pointer]) => (pointer === undefined ? [] : [fact]));
}

function valuesOf(settings: ApiSettings): Values {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value = '']) => [`settings.${name}`, value]),
  );
}
