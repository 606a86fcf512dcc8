// What a place outside AWS says on the wire, stated from its documentation and not from our courier.
import type { WireCall, WireReply } from '../providers/dialect';
import { matchPath } from '../providers/fake-wire';

export interface HostedPlace {
  /** As `deliverTo` names its kind. */
  readonly to: string;
  readonly origin: string;
  /** @returns what answers it; `undefined` for what is no call of its own: others may have the same host */
  find(call: WireCall, now: Date): (() => WireReply) | undefined;
}

/** The first route that fits: method, path with `{name}` in it, and what is answered. */
export type PlaceRoute = readonly [
  method: string,
  path: string,
  answer: (params: Record<string, string>, call: WireCall, now: Date) => WireReply,
];

export function routed(
  routes: readonly PlaceRoute[],
  call: WireCall,
  now: Date,
): (() => WireReply) | undefined {
  for (const [method, path, answer] of routes) {
    const params = method === call.method ? matchPath(path, call.path) : undefined;
    if (params) return () => withDate(answer(params, call, now), now);
  }
  return undefined;
}

/** As every server does, by its own clock. */
function withDate(reply: WireReply, now: Date): WireReply {
  return { ...reply, headers: { date: now.toUTCString(), ...reply.headers } };
}

export function isBearer({ headers }: WireCall, tokens: ReadonlySet<string>): boolean {
  return tokens.has(headers.authorization?.replace(/^Bearer /, '') ?? '');
}
