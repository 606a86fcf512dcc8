// Which process a request goes to, as an explicit state with named transitions; no connection and no clock.

export interface Routing {
  /** New requests go there. */
  serving: number | undefined;
  /** It ends before another one starts, so that it gets no new calls, not even in its own sessions. */
  leaving: number | undefined;
  /** No process will come any more. */
  hasGivenUp: boolean;
}

export const noProcessYet: Routing = { serving: undefined, leaving: undefined, hasGivenUp: false };

export function served(routing: Routing, process: number): Routing {
  return { ...routing, serving: process };
}

export function left(routing: Routing, process: number): Routing {
  return { ...routing, leaving: process };
}

export function cameBack(routing: Routing): Routing {
  return { ...routing, leaving: undefined };
}

export function processGone({ serving, leaving, hasGivenUp }: Routing, process: number): Routing {
  return {
    serving: serving === process ? undefined : serving,
    leaving: leaving === process ? undefined : leaving,
    hasGivenUp,
  };
}

export function gaveUp(routing: Routing): Routing {
  return { ...routing, hasGivenUp: true };
}

/**
 * @param holder the process that holds what the request continues; `gone` where its session ended with one
 * @param isCall false of an answer to the server itself, or a notice: it belongs to a call that is open already
 * @returns `wait` until another process serves
 */
export function routeOf(
  { serving, leaving, hasGivenUp }: Routing,
  holder: number | 'gone' | undefined,
  isCall: boolean,
): number | 'gone' | 'wait' | 'none' {
  if (holder !== undefined && (holder !== leaving || !isCall)) return holder;
  if (holder === undefined && serving !== undefined && serving !== leaving) return serving;
  return hasGivenUp ? 'none' : 'wait';
}
