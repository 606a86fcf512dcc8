// Places outside AWS in the way of `fetch`: no request leaves this process.

import type { HostedPlace } from '../../rehearsal/places/hosted-place';
import type { WireReply } from '../../rehearsal/providers/dialect';

/** - `before`: it was not carried out. `after`: it was, and its answer is lost. */
export type PlaceFault = 'drop-before' | 'drop-after' | WireReply;

export interface PlaceCall {
  /** `PUT https://api.github.com/repos/...` */
  asked: string;
  /** How many calls came before. */
  index: number;
  headers: Headers;
  body: string;
}

export interface HostedPlaces {
  calls: PlaceCall[];
  close(): void;
}

export function hostPlaces(
  places: readonly HostedPlace[],
  clock: { now(): Date },
  intercept: (call: PlaceCall) => PlaceFault | undefined = () => undefined,
): HostedPlaces {
  const realFetch = globalThis.fetch;
  const calls: PlaceCall[] = [];
  globalThis.fetch = async (input, init = {}) => {
    const url = new URL(String(input));
    const headers = new Headers(init.headers);
    const method = init.method ?? 'GET';
    const body = String(init.body ?? '');
    if (init.redirect !== 'manual') throw new Error('a redirect would be followed');
    const call = { asked: `${method} ${url.origin}${url.pathname}`, index: calls.length, headers, body };
    calls.push(call);
    const fault = intercept(call);
    if (fault === 'drop-before') throw new TypeError('fetch failed');
    const wire = {
      method,
      origin: url.origin,
      path: url.pathname,
      params: {},
      query: url.searchParams,
      headers: Object.fromEntries(headers),
      text: body,
      json: body ? JSON.parse(body) : {},
      form: new URLSearchParams(),
    };
    const known = places.filter(({ origin }) => origin === url.origin);
    const carryOut = () => known.map(place => place.find(wire, clock.now())?.()).find(Boolean);
    if (typeof fault === 'object') return responseOf(fault);
    const reply = carryOut();
    if (!reply) throw new Error(`nobody answers ${call.asked}`);
    if (fault === 'drop-after') throw new TypeError('fetch failed');
    return responseOf(reply);
  };
  return {
    calls,
    close: () => {
      globalThis.fetch = realFetch;
    },
  };
}

function responseOf({ status, headers, body }: WireReply): Response {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return new Response(status === 204 || body === undefined ? null : text, { status, headers });
}
