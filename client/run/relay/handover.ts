// Brings a fresh process to where the old one is (handshake, log level, subscriptions), and compares what the two offer.
import { textOf, valueAt } from './json-spans';
import { announcements, digestPage, type List, listsOf, newDigest } from './lists';
import {
  type Answer,
  againAs,
  notificationLine,
  type Request,
  requestLine,
  resultText,
  stringKey,
} from './message';
import type { RelayProbe, ServerState } from './server-state';
import { agreedIn, type Session } from './session';

/** JSON-RPC's "method not found": of `server/discover` it proves at least that the process works. */
function isUnknownMethod({ line, error }: Answer): boolean {
  const code = valueAt(line, error, 'code');
  return code !== undefined && textOf(line, code) === '-32601';
}

type ListProbe = Extract<RelayProbe, { kind: 'list' }>;

export interface HandoverOutput {
  send(server: ServerState, line: Buffer): void;
  tellClient(line: Buffer): void;
  /** The process has answered the handshake: what it says may pass. */
  greeted(server: ServerState): void;
  /** It has taken in everything: new requests may go to it. */
  ready(server: ServerState): void;
  unfit(server: ServerState, reason: string): void;
  note(text: string): void;
}

export interface Handover {
  greet(server: ServerState, active: ServerState | undefined): void;
  takeAnswer(server: ServerState, probe: RelayProbe, answer: Answer): void;
  /** Repeats at one process what the client has set up at another. */
  repeat(server: ServerState, request: Request): void;
  /** Tells the client where `fresh` offers something else than `old` did, as soon as both have said it. */
  compare(old: ServerState | undefined, fresh: ServerState): void;
  settleComparison(): void;
}

export function createHandover(session: Session, out: HandoverOutput): Handover {
  let baseline: ServerState | undefined;
  let comparison: { old: ServerState | undefined; fresh: ServerState; open: Set<List> } | undefined;

  const envelope = () => (session.initialize ? {} : { _meta: session.envelope });

  function ask(server: ServerState, probe: RelayProbe, line: (id: string) => Buffer): void {
    const id = `keyturn:${server.id}:${++server.probesSent}`;
    server.probes.set(stringKey(id), probe);
    out.send(server, line(id));
  }

  function askPage(server: ServerState, probe: ListProbe, cursor?: string): void {
    ask(server, probe, id =>
      requestLine(id, probe.list.method, { ...envelope(), ...(cursor !== undefined && { cursor }) }),
    );
  }

  function readLists(server: ServerState, features: Set<string>): void {
    for (const list of listsOf(features)) askPage(server, { kind: 'list', list, digest: newDigest() });
  }

  function repeat(server: ServerState, request: Request): void {
    ask(server, { kind: 'session', request }, id => againAs(request, id));
  }

  function greet(server: ServerState, active: ServerState | undefined): void {
    baseline = active;
    const { initialize, envelope: modern } = session;
    if (initialize) ask(server, { kind: 'greeting', method: 'initialize' }, id => againAs(initialize, id));
    else if (modern) {
      const method = 'server/discover';
      ask(server, { kind: 'greeting', method }, id => requestLine(id, method, { _meta: modern }));
    } else {
      server.greeted = true;
      out.ready(server);
    }
  }

  /** Why the process cannot take over; `undefined` where it can. */
  function obstacleIn(method: string, answer: Answer): string | undefined {
    const isReplayed = method === 'initialize';
    if (answer.failed && (isReplayed || !isUnknownMethod(answer))) return `it refused ${method}`;
    const [now, before] = [agreedIn(answer).protocolVersion, session.agreed?.protocolVersion];
    return isReplayed && now !== before ? `it speaks MCP ${now}, its predecessor ${before}` : undefined;
  }

  function takeGreeting(server: ServerState, method: string, answer: Answer): void {
    const obstacle = obstacleIn(method, answer);
    if (obstacle) {
      out.unfit(server, obstacle);
      return;
    }
    const agreed = agreedIn(answer);
    server.greeted = true;
    out.greeted(server);
    if (method === 'initialize') {
      out.send(server, session.initialized ?? notificationLine('notifications/initialized'));
      if (session.level) repeat(server, session.level);
      for (const request of session.subscriptions.values()) repeat(server, request);
    }
    const features = new Set([...agreed.features, ...(session.agreed?.features ?? [])]);
    readLists(server, features);
    if (baseline?.greeted && baseline.phase !== 'gone') readLists(baseline, features);
  }

  function takePage(server: ServerState, probe: ListProbe, answer: Answer): void {
    const cursor = resultText(answer, 'nextCursor');
    digestPage(probe.digest, probe.list, answer);
    if (cursor === undefined) server.lists.set(probe.list, probe.digest.digest('base64'));
    else askPage(server, probe, cursor);
    settleComparison();
  }

  function takeAnswer(server: ServerState, probe: RelayProbe, answer: Answer): void {
    if (probe.kind === 'greeting') takeGreeting(server, probe.method, answer);
    if (probe.kind === 'list') takePage(server, probe, answer);
    if (probe.kind === 'session' && answer.failed) {
      out.note(`the new process refused ${probe.request.method}, which the old process had accepted`);
    }
    if (server.phase === 'starting' && server.greeted && server.probes.size === 0) out.ready(server);
  }

  function compare(old: ServerState | undefined, fresh: ServerState): void {
    // A comparison that never came to its end: told once too often is better than never.
    const unsettled = comparison?.open ?? [];
    comparison = { old, fresh, open: new Set(fresh.lists.keys()) };
    announce([...unsettled]);
    settleComparison();
  }

  function settleComparison(): void {
    if (!comparison) return;
    const { old, fresh, open } = comparison;
    const oldHasSpoken = !old || old.phase === 'gone' || old.probes.size === 0;
    const changed: List[] = [];
    for (const list of open) {
      const before = old?.lists.get(list);
      if (before === undefined && !oldHasSpoken) continue;
      open.delete(list);
      // A list that has changed since was announced by the process itself.
      const now = fresh.lists.get(list);
      if (now !== undefined && now !== before) changed.push(list);
    }
    announce(changed);
  }

  function announce(differing: List[]): void {
    for (const line of announcements(differing, session)) out.tellClient(line);
  }

  return { greet, takeAnswer, repeat, compare, settleComparison };
}
