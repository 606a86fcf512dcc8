// A client and server processes made of plain lists, around a real relay: tests decide who speaks next.
import { createRelay } from '../../../../client/run/relay/relay';
import type { Effect } from '../../../../client/run/relay/relay-state';

export interface Json {
  id?: string | number | null;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
}

export interface RelayServer {
  id: number;
  alive: boolean;
  /** Lines that reached it, oldest first; a test takes them from here. */
  inbox: string[];
  tools: string[];
}

export function setUpRelay() {
  let time = 0;
  const relay = createRelay(() => time);
  const heard: string[] = [];
  const events: Exclude<Effect, { kind: 'to-client' | 'to-server' }>[] = [];
  const servers: RelayServer[] = [];

  function carryOut(effects: Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'to-client') heard.push(effect.line.toString());
      else if (effect.kind === 'to-server') servers[effect.server - 1]!.inbox.push(effect.line.toString());
      else events.push(effect);
      if (effect.kind === 'drained' || effect.kind === 'unfit') servers[effect.server - 1]!.alive = false;
    }
  }

  function start(tools = ['echo']): RelayServer {
    const server = { id: servers.length + 1, alive: true, inbox: [], tools };
    servers.push(server);
    carryOut(relay.begin(server.id));
    return server;
  }

  const say = (line: string | object) => carryOut(relay.fromClient(bytes(line)));
  const reply = (server: RelayServer, line: string | object) =>
    carryOut(relay.fromServer(server.id, bytes(line)));

  /** Answers the oldest line in the server's inbox as a plain MCP server would. */
  function serve(server: RelayServer): void {
    const message = parse(server.inbox.shift()!);
    if (message.method === undefined || message.id === undefined) return;
    reply(server, { result: resultFor(server, message), jsonrpc: '2.0', id: message.id });
  }

  function serveAll(server: RelayServer): void {
    while (server.alive && server.inbox.length) serve(server);
  }

  /** The client's first handshake, up to 2025-11-25. */
  function handshake(server: RelayServer): void {
    say({
      jsonrpc: '2.0',
      id: 'hello',
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', extra: 1 },
    });
    serve(server);
    say({ jsonrpc: '2.0', method: 'notifications/initialized' });
    serveAll(server);
    heard.splice(0);
  }

  function crash(server: RelayServer): void {
    server.alive = false;
    carryOut(relay.gone(server.id));
  }

  function expire(server: RelayServer): void {
    server.alive = false;
    carryOut(relay.expire(server.id));
  }

  const hold = () => carryOut(relay.hold());
  const goOn = () => carryOut(relay.goOn());
  const leave = (server: RelayServer) => carryOut(relay.leave(server.id));
  const comeBack = (server: RelayServer) => carryOut(relay.comeBack(server.id));
  function pass(ms: number): void {
    time += ms;
    carryOut(relay.timePassed());
  }

  const giveUp = () => carryOut(relay.giveUp());
  return {
    relay,
    heard,
    events,
    servers,
    start,
    say,
    reply,
    serve,
    serveAll,
    handshake,
    crash,
    expire,
    giveUp,
    hold,
    goOn,
    leave,
    comeBack,
    pass,
  };
}

function resultFor(server: RelayServer, { method, params }: Json): Record<string, unknown> {
  const capabilities = { tools: { listChanged: true }, logging: {}, resources: { subscribe: true } };
  if (method === 'initialize') return { protocolVersion: params?.protocolVersion, capabilities };
  if (method === 'server/discover') return { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
  if (method === 'tools/list') return { tools: server.tools.map(name => ({ name })) };
  if (method === 'resources/list') return { resources: [] };
  if (method === 'resources/templates/list') return { resourceTemplates: [] };
  return { by: server.id };
}

export type RelaySetup = ReturnType<typeof setUpRelay>;

/** A relay whose client and first server have shaken hands. */
export function startedRelay(): { setup: RelaySetup; first: RelayServer } {
  const setup = setUpRelay();
  const first = setup.start();
  setup.handshake(first);
  return { setup, first };
}

export function parse(line: string): Json {
  return JSON.parse(line) as Json;
}

function bytes(line: string | object): Buffer {
  return Buffer.from(typeof line === 'string' ? line : JSON.stringify(line));
}
