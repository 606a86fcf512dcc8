// MCP 2026-07-28: no handshake, and what lives on between requests.
import { createWorld, parse } from './relay-world';

describe('a client of MCP 2026-07-28', () => {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
  };
  const listen = {
    jsonrpc: '2.0',
    id: 'listen:1',
    method: 'subscriptions/listen',
    params: { _meta: { ..._meta, progressToken: 9 }, notifications: { toolsListChanged: true } },
  };
  const onStream = (method: string) => ({
    jsonrpc: '2.0',
    method,
    params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 'listen:1' } },
  });
  const acknowledged = onStream('notifications/subscriptions/acknowledged');
  const changed = onStream('notifications/tools/list_changed');

  function listening(tools: string[]) {
    const world = createWorld();
    const first = world.start();
    world.say(listen);
    world.reply(first, acknowledged);
    first.inbox.splice(0);
    expect(world.heard.splice(0)).toHaveLength(1);
    const second = world.start(tools);
    return { world, first, second };
  }

  it('is asked nothing: the new process is tried with server/discover', () => {
    const { second } = listening(['echo']);
    expect(parse(second.inbox[0]!)).toMatchObject({ method: 'server/discover', params: { _meta } });
    expect(parse(second.inbox[0]!).params!._meta).not.toHaveProperty('progressToken');
  });

  it('keeps its streams: opened again at the new process, acknowledged once, ended never', () => {
    const { world, first, second } = listening(['echo']);
    world.serve(second);
    world.serve(second);
    expect(second.inbox.map(line => parse(line))).toEqual([listen]);
    world.reply(second, acknowledged);
    world.serveAll(first);
    world.reply(first, {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 'listen:1' },
    });
    expect(world.heard).toEqual([]);
    expect(world.events.at(-1)).toEqual({ kind: 'drained', server: 1 });
    world.reply(second, changed);
    expect(world.heard.map(parse)).toEqual([changed]);
  });

  it('hears of other tools on the stream that asked for it', () => {
    const { world, first, second } = listening(['add']);
    world.serve(second);
    world.serve(second);
    world.serveAll(first);
    expect(world.heard.map(parse)).toEqual([changed]);
  });
});
