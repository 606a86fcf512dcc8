// What one provider says on the wire, stated from its documentation and not from our connector: a dialect that took its
// host or paths from the connector could not tell when those are wrong.
import type { ErrorCode } from '../../core/errors';
import type { SecretValue } from '../../core/key/secret-value';
import type { Verdict } from '../../core/provider';
import type { FakeAccount, FakeKey, Settings } from './fake-account';
import type { ProvenIdentity } from './federation';

export type CallKind =
  | 'exchange'
  | 'sign-in'
  | 'create'
  | 'list'
  | 'revoke'
  | 'verify'
  | 'install'
  | 'use'
  | 'other';

/** A request as the fake provider got it. */
export interface WireCall {
  method: string;
  /** Where it was meant to go: `https://api.sendgrid.com`. */
  origin: string;
  path: string;
  /** What stood in the places of the route's path: `/v3/api_keys/{id}`. */
  params: Record<string, string>;
  query: URLSearchParams;
  headers: Record<string, string>;
  text: string;
  /** Parsed JSON; an empty object where the body is none. */
  json: Record<string, unknown>;
  form: URLSearchParams;
  /** Of an AWS role, where the call has a JWT that proves it. */
  identity?: ProvenIdentity | undefined;
}

export interface WireReply {
  status: number;
  headers?: Record<string, string>;
  /** A string goes out as it is, all else as JSON. */
  body?: unknown;
  /** The key that the call was about, for the record. */
  key?: FakeKey;
}

export interface Route {
  kind: CallKind;
  method: string;
  path: string;
  /** Where one path serves several operations. */
  when?(call: WireCall): boolean;
  answer(call: WireCall, account: FakeAccount): WireReply;
}

/**
 * What the provider says to `verify` in a case that its routes do not play: of whom, what follows from it (`rejected` and
 * `denied` are answers to dead keys), the answer, and where that is from: kind of source, date, link.
 * Every other 401 and 403 that a live key can get belongs here.
 */
export type VerifyAnswer = readonly [of: string, means: Verdict, reply: WireReply, evidence: string];

/** From what proves most to what proves least; `memory` is general knowledge that nobody has confirmed. */
export const evidenceKinds = ['recorded', 'openapi', 'source', 'docs', 'seen', 'memory'] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

/** Kind, the day on which it was read, and where or what: `docs 2026-11-28 https://...`. */
export type Evidence = `${EvidenceKind} ${number}-${number}-${number} ${string}`;

/** The provider's own description of its API, where a test may find one. */
export interface Description {
  /** Names of files. */
  files: string[];
  /** Of a kind of key that the description covers. @default - those of the sample */
  settings?: Settings;
  /** What it is known to lack or to have wrong, each with its reason. */
  known: [fault: string, why: string][];
}

/** How servers reach the provider as their own AWS role. */
export interface FederationDialect {
  /** What a valid key says of it under `federate` in `config/keys.ts`. */
  sample: Settings;
  /** Hosts that answer for a server with these settings. */
  origins(settings: Settings): string[];
  /** Another server's, beside that of the sample. */
  other: Settings;
  /** One ordinary call with a token. @default - as with a key */
  use?(token: string, now: Date): WireRequest;
}

export interface Dialect {
  provider: string;
  /** Where the provider says so, and what was taken on trust. */
  evidence: Evidence[];
  described?: Description;
  /** Absent where it accepts no AWS roles. */
  federation?: FederationDialect;
  /** One valid key, as `config/keys.ts` would hold it. */
  sample: { settings: Settings; scopes: string[] };
  /** Hosts that answer for a key with these settings. */
  origins(settings: Settings): string[];
  /** The one place (project, app, user) in which such a key lives. */
  place(settings: Settings): string;
  /** An issuer credential that the fake accepts. */
  issuer(settings: Settings): Record<string, string>;
  /** Where tokens are minted: a root that the fake accepts from now on, as a person would store it. */
  root?(settings: Settings, account: FakeAccount): SecretValue;
  /** The value of such a key as AWS keeps it where AWS rotates it: https://docs.aws.amazon.com/secretsmanager/latest/userguide/mes-partners.html */
  awsValue?(key: SecretValue, settings: Settings): Record<string, string>;
  /** How late news of a new and of a revoked key arrives. Milliseconds. */
  delays: { createMs: number; revokeMs: number };
  /** Keys a page of a list holds, small so that paging is seen. */
  pageSize: number;
  /** How many keys one place takes, where that is few. */
  capacity?: number;
  /** How many calls it takes within so long, where that is known or was taken on trust. */
  allows?: { calls: number; seconds: number };
  /** `429` as this provider spells it. */
  tooMany(now: Date, resetAt: Date): WireReply;
  routes: Route[];
  /** Where a key's settings name paths: those of routes that are elsewhere with these settings. @default - all stand where they say */
  pathsIn?(settings: Settings): Record<string, string>;
  /** How the provider tells a failure inside an answer of success, and what such a failure is. */
  failuresInside?: readonly (readonly [ErrorCode, WireReply])[];
  /** What it knows a key by, where it never sees the secret: the public half of it. `undefined` for what is no key. */
  knownBy?(secret: string): string | undefined;
  /** Where another dialect plays a call of the same host and path: whether this one is about what this dialect plays. @default - it is */
  isOwn?(call: WireCall, account: FakeAccount): boolean;
  /** Tokens minted from a root may do all that it may, whatever was asked. */
  tokensHaveAllScopes?: true;
  /** Ending a token leaves the consent that it came from as it is, where minting uses up a root. */
  tokensEndAlone?: true;
  /** How long it takes a root again that minting used up, where it does. Milliseconds. @default - it never does */
  rootGraceMs?: number;
  /** Its API has no other name for a key than the key itself, so paths of the admin's calls hold it. */
  namesKeysBySecret?: true;
  /** Empty where there is nobody to ask. */
  verifyAnswers: VerifyAnswer[];
  /** One ordinary call that an MCP server makes with its key. */
  use(value: SecretValue, settings: Settings, now: Date): WireRequest;
}

/** What goes into `fetch`. */
export interface WireRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: string;
}

export function bearerOf(call: WireCall): string | undefined {
  return /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1];
}

export function basicOf(call: Pick<WireCall, 'headers'>): { user: string; password: string } | undefined {
  const encoded = /^Basic (.+)$/.exec(call.headers.authorization ?? '')?.[1];
  const match = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString());
  const [, user, password] = match ?? [];
  return user === undefined || password === undefined ? undefined : { user, password };
}

/** Who says that it signed a JWT; nothing is checked. */
export function signerOf(jwt: string | null | undefined): string | undefined {
  try {
    return JSON.parse(Buffer.from((jwt ?? '').split('.')[1] ?? '', 'base64url').toString()).iss;
  } catch {
    // Not a JWT.
    return undefined;
  }
}

export function unixSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
