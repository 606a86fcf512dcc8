// What most dialects spell alike: keys that are made and listed at one path and ended at another, calls that take a key, and how long
// to wait.
import type { CallKind, Route, WireCall, WireReply } from './dialect';
import type { FakeAccount, FakeKey } from './fake-account';

export interface KeysOnTheWire {
  /** Where keys are made (POST) and listed (GET). */
  path: string;
  /** Where one is ended. @default - DELETE of the path, and the id below it */
  ending?: { method: string; path: string; idIn(call: WireCall): string | undefined };
  /** What a call is told that may not manage keys. */
  refuse(call: WireCall, account: FakeAccount): WireReply | undefined;
  place(call: WireCall, account: FakeAccount): string;
  /** Makes one with `account.add`, and names it in the reply. */
  create(call: WireCall, account: FakeAccount, place: string): WireReply;
  list(keys: FakeKey[], call: WireCall, account: FakeAccount): WireReply;
  revoked(key: FakeKey): WireReply;
  missing(id: string): WireReply;
}

export function keyRoutes(spelling: KeysOnTheWire): Route[] {
  const { path, refuse, place, create, list, revoked, missing } = spelling;
  const below = { method: 'DELETE', path: `${path}/{id}`, idIn: (call: WireCall) => call.params.id };
  const { idIn, ...ending } = spelling.ending ?? below;
  const managed =
    (answer: Route['answer']): Route['answer'] =>
    (call, account) =>
      refuse(call, account) ?? answer(call, account);
  return [
    {
      kind: 'create',
      method: 'POST',
      path,
      answer: managed((call, account) => create(call, account, place(call, account))),
    },
    {
      kind: 'list',
      method: 'GET',
      path,
      answer: managed((call, account) => list(account.present(place(call, account)), call, account)),
    },
    {
      kind: 'revoke',
      ...ending,
      answer: managed((call, account) => {
        const key = account.find(place(call, account), idIn(call));
        if (!key) return missing(idIn(call) ?? '');
        account.revoke(key);
        return { ...revoked(key), key };
      }),
    },
  ];
}

export interface KeyedCall {
  kind: CallKind;
  method: string;
  path: string;
  /** The key as this call has it. */
  secretOf(call: WireCall): string | undefined;
  /** What a key is told that the provider does not accept. */
  refused: WireReply;
  answer(key: FakeKey, call: WireCall, account: FakeAccount): WireReply;
  /** What the issuer credential is told here; a call that is not its own gives `undefined`. */
  issuer?(call: WireCall, account: FakeAccount): WireReply | undefined;
}

/** A call that is made with a key itself. */
export function keyedRoute({ kind, method, path, secretOf, refused, answer, issuer }: KeyedCall): Route {
  return {
    kind,
    method,
    path,
    answer(call, account) {
      const toIssuer = issuer?.(call, account);
      if (toIssuer) return toIssuer;
      const secret = secretOf(call);
      const key = account.enter(secret);
      return key ? { ...answer(key, call, account), key } : { ...refused, key: account.ownerOf(secret) };
    },
  };
}

/** What fills a page, and whether there is more behind it. */
export function pageFrom<T>(items: T[], start: number, size: number): { page: T[]; hasMore: boolean } {
  return { page: items.slice(start, start + size), hasMore: start + size < items.length };
}

/** As RFC 9110 has it: whole seconds, none too few. */
export function retryAfter(now: Date, resetAt: Date): Record<string, string> {
  return { 'retry-after': String(Math.ceil((resetAt.getTime() - now.getTime()) / 1000)) };
}
