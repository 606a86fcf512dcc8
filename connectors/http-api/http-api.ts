// An API that makes, lists and revokes keys over HTTP, told as data: what `connectors: { wiki: { httpApi: { ... } } }` in
// config/keys.ts holds. This folder makes a connector of it; nothing of it is code, so it can be read and reviewed as it stands.
import type { PlainPresentation } from './api-calls';

/**
 * In texts: `{name}`, `{id}`, `{expiresAt}` (ISO 8601), `{expiresAtSeconds}` (since 1970), `{settings.team}`. A text in a body
 * that is nothing but `{scopes}` becomes the list, and one that is nothing but `{expiresAtSeconds}` the number.
 */
export type Template = string;

/** Where a value stands in the JSON of an answer (RFC 6901): `/data/0/id`. */
export type Pointer = string;

export type JsonTemplate =
  | Template
  | number
  | boolean
  | null
  | readonly JsonTemplate[]
  | { readonly [field: string]: JsonTemplate };

interface ApiCall {
  /** Of the origin: `/v1/teams/{settings.team}/keys`. */
  readonly path: Template;
  readonly query?: Readonly<Record<string, Template>>;
  /** What the issuer credential needs for it, for the text of a 401 or 403: `the role "key admin"`. */
  readonly needs: string;
}

/** A value in an answer. */
export type Says =
  | { readonly at: Pointer; readonly is: string | number | boolean }
  /** A regular expression that the whole text matches. `at: ''` is the whole of a body that is no JSON. */
  | { readonly at: Pointer; readonly matches: string };

/** `rejected` and `denied` need the provider's own words: a status alone proves nothing. */
export type ApiProof = { readonly status: number } & (
  | { readonly verdict: 'accepted'; readonly has: Pointer }
  | ({ readonly verdict: 'accepted' | 'rejected' | 'denied' } & Says)
);

export type TimeForm = 'iso' | 'seconds' | 'milliseconds';

export interface HttpApi<Setting extends string = string> {
  /** As people call it: `Team wiki`. */
  readonly title: string;
  /** Scheme and host of every call: `https://wiki.example.com`, `https://{settings.tenant}.example.com`. */
  readonly origin: Template;
  /** What a key's `settings` have: texts, each of which matches a regular expression as a whole. @default - none */
  readonly settings?: { readonly [S in Setting]: { readonly matches: string; readonly optional?: true } };
  /** The admin credential: `{"token"}`, with `"user"` where Basic takes it from a field, and `"origin"` where settings choose the host. */
  readonly issuer: {
    /** One line for the person who pastes it: what to create, with which rights. */
    readonly help: string;
    readonly presents: PlainPresentation;
  };
  readonly key: {
    /** Every way that the API documents; `verify` uses the first. */
    readonly presents: readonly [PlainPresentation, ...PlainPresentation[]];
    /** A regular expression that the whole key matches. */
    readonly matches: string;
    /** Has the shape of a key, and is plainly none. */
    readonly placeholder: string;
    /** Hosts that servers call with it. @default - the origin */
    readonly callOrigins?: readonly [Template, ...Template[]];
    /** True where a 401 shows that the call was not carried out. @default false */
    readonly unauthorizedMeansNotDone?: boolean;
    /** How long a fresh key may be rejected, and a revoked one accepted. Seconds. @default 0 */
    readonly acceptedAfter?: number;
    readonly rejectedAfter?: number;
    /** Days after which it ends by itself, at most. @default - it does not */
    readonly maxDays?: number;
  };
  /** @default - keys have none */
  readonly scopes?: {
    readonly matches: string;
    readonly like: string;
    /** Those that can make keys or change members. @default - none can */
    readonly admin?: string;
  };
  readonly create: ApiCall & {
    /** @default 'POST' */
    readonly method?: 'POST' | 'PUT';
    readonly body: { readonly [field: string]: JsonTemplate };
    readonly answer: {
      readonly id: Pointer;
      readonly secret: Pointer;
      readonly expiresAt?: Pointer;
      readonly scopes?: Pointer;
    };
  };
  readonly list: ApiCall & {
    readonly items: Pointer;
    /** In each item. Keys without `name` have a place of their own: then each key needs settings that no other key has. */
    readonly item: {
      readonly id: Pointer;
      readonly name?: Pointer;
      readonly createdAt?: Pointer;
      readonly lastUsedAt?: Pointer;
      readonly expiresAt?: Pointer;
      readonly scopes?: Pointer;
    };
    /** Items that count; others are of keys that have ended. @default - all do */
    readonly only?: Says;
    /** @default - one answer has all */
    readonly pages?:
      | { readonly cursor: Pointer; readonly query: string }
      /** Numbered from `first`; the one that is empty is the last. */
      | { readonly query: string; readonly first: number };
  };
  readonly revoke: ApiCall & {
    /** @default 'DELETE' */
    readonly method?: 'DELETE' | 'POST' | 'PUT' | 'PATCH';
    readonly body?: { readonly [field: string]: JsonTemplate };
    /** Statuses that say that there is no such key any more. @default [404] */
    readonly gone?: readonly number[];
  };
  /** A call that every key may make, made with the key. */
  readonly verify: Pick<ApiCall, 'path' | 'query'> & {
    /** @default 'GET' */
    readonly method?: 'GET' | 'POST';
    readonly proofs: readonly [ApiProof, ...ApiProof[]];
  };
  /** How its answers write times. @default 'iso' */
  readonly times?: TimeForm;
  /** The longest name that it keeps as it is, in characters. */
  readonly nameMaxLength: number;
}
