// The shape of an API that is told as data (connectors/http-api/http-api.ts), with what is wrong and the fix for each field.
import * as z from 'zod';
import { text } from './account-shape';

const what = (is: string, fix: string) => ({ error: `${is}; ${fix}` });
const line = z.string(what('is not text', 'write it in quotes')).min(1, what('is empty', 'write a line'));
const pointer = text(/^(\/([^~/]|~[01])*)*$/, 'is not a JSON pointer; begin it with a slash, like /data/id');
const innerPointer = pointer.min(2, what('points to nothing', 'begin it with a slash, like /data/id'));
const path = text(/^\/[^?#\s\\]*$/, 'is not a path; begin it with a slash, and put a query into `query`');
const originTemplate = text(
  /^https:\/\/[A-Za-z0-9.{}-]+(:\d+)?$/,
  'is not an origin; write scheme and host without a path, like https://api.example.com',
);
const pattern = z
  .string(what('is not text', 'write a regular expression in quotes'))
  .refine(isPattern, what('is not a regular expression', 'correct it'));
const query = z
  .record(
    z.string(),
    z.string(what('is not text', 'write it in quotes')),
    what('must be an object', 'write { name: value }'),
  )
  .optional();
const seconds = z
  .number(what('is not a number', 'give seconds'))
  .min(0, what('is below 0', 'give seconds'))
  .optional();

const presents = z.discriminatedUnion(
  'in',
  [
    z.strictObject({ in: z.literal('header'), name: line, scheme: line.optional() }),
    z.strictObject({
      in: z.literal('basic'),
      user: z.union([z.strictObject({ text: z.string() }), z.strictObject({ field: line })], {
        error: "is neither { text } nor { field }; write { text: 'api' }",
      }),
    }),
    z.strictObject({ in: z.literal('query'), name: line }),
    z.strictObject({ in: z.enum(['form', 'json']), name: line }),
  ],
  {
    error:
      "is not a place in a request; write it like { in: 'header', name: 'authorization', scheme: 'Bearer' }",
  },
);

type Json = string | number | boolean | null | Json[] | { [field: string]: Json };
const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)], {
    error: 'is not JSON; write text, numbers, true, false, null, lists and objects',
  }),
);
const body = z.record(z.string(), json, what('must be an object', 'write the JSON that is sent'));
const call = { path, query, needs: line };
const value = z.union([z.string(), z.number(), z.boolean()], {
  error: 'is not a value; write text, a number, true or false',
});
const says = z.union(
  [z.strictObject({ at: pointer, is: value }), z.strictObject({ at: pointer, matches: pattern })],
  {
    error: "has no effect; write { at: '/error/code', is: 'invalid_key' }, or `matches` in place of `is`",
  },
);
const status = z
  .int(what('is not a status', 'give one like 401'))
  .min(200, what('is not the status of a response', 'give 200 to 599'))
  .max(599, what('is not the status of a response', 'give 200 to 599'));
const verdict = z.enum(['accepted', 'rejected', 'denied'], {
  error: 'is not a verdict; use "accepted", "rejected" or "denied"',
});
const proof = z.union(
  [
    z.strictObject({ verdict: z.literal('accepted'), status, has: innerPointer }),
    z.strictObject({ verdict, status, at: pointer, is: value }),
    z.strictObject({ verdict, status, at: pointer, matches: pattern }),
  ],
  {
    error:
      "proves nothing, since a status alone says nothing about the key; add the words: { verdict: 'rejected', status: 401, at: '/error', is: 'invalid_key' }, or for accepted { has: '/id' }",
  },
);

export const httpApiShape = z
  .strictObject({
    title: line,
    origin: originTemplate,
    settings: z
      .record(
        text(/^[a-z][A-Za-z0-9]*$/, 'is not a name for a setting; use letters and digits'),
        z
          .strictObject({ matches: pattern, optional: z.literal(true).optional() })
          .describe("must be an object; write it like { matches: '[a-z]+' }"),
        what('must be an object', "write it like { team: { matches: '[a-z]+' } }"),
      )
      .optional(),
    issuer: z.strictObject({ help: line, presents }).describe('must be an object; write { help, presents }'),
    key: z
      .strictObject({
        presents: z.array(presents, what('is not a list', 'name each place where a key may stand')).min(1, {
          error: 'is empty; say where a key stands in a request',
        }),
        matches: pattern,
        placeholder: line,
        callOrigins: z.array(originTemplate, what('is not a list', 'list origins')).min(1).optional(),
        unauthorizedMeansNotDone: z
          .boolean(what('is not a boolean', 'write true or false, without quotes'))
          .optional(),
        acceptedAfter: seconds,
        rejectedAfter: seconds,
        maxDays: z.int(what('is not a number of days', 'give whole days')).min(1).optional(),
      })
      .describe('must be an object; write { presents, matches, placeholder }')
      .refine(
        ({ matches, placeholder }) => !isPattern(matches) || new RegExp(`^(?:${matches})$`).test(placeholder),
        { path: ['placeholder'], error: 'does not have the shape of a key; let it match `matches`' },
      ),
    scopes: z
      .strictObject({ matches: pattern, like: line, admin: pattern.optional() })
      .describe('must be an object; write { matches, like }')
      .optional(),
    create: z
      .strictObject({
        ...call,
        method: z.enum(['POST', 'PUT'], { error: 'creates nothing; use "POST" or "PUT"' }).optional(),
        body,
        answer: z
          .strictObject({
            id: innerPointer,
            secret: innerPointer,
            expiresAt: innerPointer.optional(),
            scopes: innerPointer.optional(),
          })
          .describe('must be an object; write { id, secret } as pointers'),
      })
      .describe('must be an object; write { path, needs, body, answer }'),
    list: z
      .strictObject({
        ...call,
        items: pointer,
        item: z
          .strictObject({
            id: innerPointer,
            name: innerPointer.optional(),
            createdAt: innerPointer.optional(),
            lastUsedAt: innerPointer.optional(),
            expiresAt: innerPointer.optional(),
            scopes: innerPointer.optional(),
          })
          .describe('must be an object; write { id, name } as pointers'),
        only: says.optional(),
        pages: z
          .union(
            [
              z.strictObject({ cursor: innerPointer, query: line }),
              z.strictObject({ query: line, first: z.int().min(0) }),
            ],
            {
              error:
                "is not a way to page; write { cursor: '/next', query: 'after' } or { query: 'page', first: 1 }",
            },
          )
          .optional(),
      })
      .describe('must be an object; write { path, needs, items, item }'),
    revoke: z
      .strictObject({
        ...call,
        method: z
          .enum(['DELETE', 'POST', 'PUT', 'PATCH'], { error: 'revokes nothing; use "DELETE" or "POST"' })
          .optional(),
        body: body.optional(),
        gone: z.array(status, what('is not a list', 'list statuses')).optional(),
      })
      .describe('must be an object; write { path, needs }'),
    verify: z
      .strictObject({
        path,
        query,
        method: z.enum(['GET', 'POST'], { error: 'cannot ask about a key; use "GET" or "POST"' }).optional(),
        proofs: z
          .array(proof, what('is not a list', 'list what answers prove'))
          .refine(
            proofs =>
              ['accepted', 'dead'].every(means =>
                proofs.some(({ verdict: said }) => (means === 'accepted') === (said === 'accepted')),
              ),
            {
              error:
                'does not tell valid keys from dead ones; add a proof of accepted, and one of rejected or denied',
            },
          ),
      })
      .describe('must be an object; write { path, proofs }'),
    times: z
      .enum(['iso', 'seconds', 'milliseconds'], {
        error: 'is not a time format; use "iso", "seconds" or "milliseconds"',
      })
      .optional(),
    nameMaxLength: z
      .int(what('is not a number of characters', 'give a whole number'))
      .min(
        50,
        what('has no room for the names that Keyturn gives', 'leave `item.name` out where names are shorter'),
      ),
  })
  .describe(
    'must be an object; write { title, origin, issuer, key, create, list, revoke, verify, nameMaxLength }',
  );

function isPattern(source: string): boolean {
  try {
    return new RegExp(`^(?:${source})$`) !== undefined;
  } catch {
    return false;
  }
}
