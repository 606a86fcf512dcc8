import { createWorld, parse, type WorldServer } from './relay-world';

type World = ReturnType<typeof createWorld>;

function begun(): { world: World; first: WorldServer } {
  const world = createWorld();
  const first = world.start();
  world.handshake(first);
  return { world, first };
}

const call = (id: string | number) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'echo' },
});

describe('a handover', () => {
  it('replays the handshake as the client wrote it, level and subscriptions, and swallows the answers', () => {
    const { world, first } = begun();
    world.say({ jsonrpc: '2.0', id: 1, method: 'logging/setLevel', params: { level: 'debug' } });
    world.say({ jsonrpc: '2.0', id: 2, method: 'resources/subscribe', params: { uri: 'a://1' } });
    world.say({ jsonrpc: '2.0', id: 3, method: 'resources/subscribe', params: { uri: 'a://2' } });
    world.say({ jsonrpc: '2.0', id: 4, method: 'resources/unsubscribe', params: { uri: 'a://1' } });
    world.serveAll(first);
    world.heard.splice(0);
    const second = world.start();
    expect(parse(second.inbox[0]!)).toMatchObject({ method: 'initialize', params: { extra: 1 } });
    world.serve(second);
    expect(second.inbox.map(line => parse(line).method)).toEqual([
      'notifications/initialized',
      'logging/setLevel',
      'resources/subscribe',
      'tools/list',
      'resources/list',
      'resources/templates/list',
    ]);
    expect(parse(second.inbox[2]!).params).toEqual({ uri: 'a://2' });
    world.serveAll(second);
    world.serveAll(first);
    expect(world.heard).toEqual([]);
    expect(world.events).toContainEqual({ kind: 'switched', to: 2, from: 1 });
  });

  it('sends new requests to the new process, and forwards the late answers of the old one', () => {
    const { world, first } = begun();
    world.say(call(1));
    const second = world.start();
    world.say(call(2));
    world.serveAll(second);
    world.say(call(3));
    world.serveAll(second);
    expect(world.heard.map(parse)).toMatchObject([{ id: 3, result: { by: 2 } }]);
    world.serveAll(first);
    expect(world.heard.map(parse).slice(1)).toMatchObject([
      { id: 1, result: { by: 1 } },
      { id: 2, result: { by: 1 } },
    ]);
    expect(world.events.at(-1)).toEqual({ kind: 'drained', server: 1 });
  });

  it('keeps the old process where the new one dies, refuses or speaks another revision', () => {
    const refusals: ((world: World, server: WorldServer) => void)[] = [
      (world, server) => world.crash(server),
      (world, server) => {
        world.reply(server, {
          jsonrpc: '2.0',
          id: parse(server.inbox[0]!).id,
          error: { code: 1, message: 'no' },
        });
      },
      (world, server) => {
        const result = { protocolVersion: '2024-11-05', capabilities: {} };
        world.reply(server, { jsonrpc: '2.0', id: parse(server.inbox[0]!).id, result });
      },
      (world, server) => {
        world.serve(server);
        world.crash(server);
      },
      (world, server) => world.expire(server),
    ];
    for (const refuse of refusals) {
      const { world, first } = begun();
      const second = world.start();
      refuse(world, second);
      expect(world.events.at(-1)).toMatchObject({ kind: 'unfit', server: 2 });
      world.say(call(1));
      world.serveAll(first);
      expect(world.heard.map(parse)).toMatchObject([{ id: 1, result: { by: 1 } }]);
    }
  });

  it('tells the client of other tools, and only of other tools', () => {
    for (const tools of [['echo'], ['echo', 'add']]) {
      const { world, first } = begun();
      const second = world.start(tools);
      world.serveAll(second);
      world.serveAll(first);
      const told = world.heard.map(line => parse(line).method);
      expect(told).toEqual(tools.length === 1 ? [] : ['notifications/tools/list_changed']);
    }
  });

  it('reads every page of a list before it compares', () => {
    const { world, first } = begun();
    const second = world.start();
    const page = (server: WorldServer, more: boolean, name: string) => {
      const at = server.inbox.findIndex(line => parse(line).method === 'tools/list');
      const { id, params } = parse(server.inbox.splice(at, 1)[0]!);
      world.reply(server, {
        jsonrpc: '2.0',
        id,
        result: { tools: [name], ...(more && { nextCursor: `after-${name}` }) },
      });
      return params;
    };
    world.serve(second);
    page(second, true, 'a');
    expect(page(second, false, 'b')).toEqual({ cursor: 'after-a' });
    page(first, true, 'a');
    page(first, false, 'c');
    world.serveAll(second);
    world.serveAll(first);
    expect(world.heard.map(line => parse(line).method)).toEqual(['notifications/tools/list_changed']);
  });

  it('prefixes the ids of questions by later processes, and brings the answers back', () => {
    const { world, first } = begun();
    const ask = {
      jsonrpc: '2.0',
      id: 0,
      method: 'sampling/createMessage',
      params: { _meta: { progressToken: 0 } },
    };
    world.reply(first, ask);
    const second = world.start();
    world.serveAll(second);
    world.reply(second, ask);
    const [one, two] = world.heard.map(parse);
    expect([one!.id, two!.id]).toEqual([0, 'keyturn:2:0']);
    world.say({
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: 'keyturn:2:0', progress: 1 },
    });
    world.say('{"jsonrpc":"2.0","id":"keyturn:2:0","result":{"model":"m"}}');
    expect(second.inbox).toEqual([
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":0,"progress":1}}',
      '{"jsonrpc":"2.0","id":0,"result":{"model":"m"}}',
    ]);
    first.inbox.splice(0);
    world.say('{"jsonrpc":"2.0","id":0,"result":{"model":"n"}}');
    expect(first.inbox).toEqual(['{"jsonrpc":"2.0","id":0,"result":{"model":"n"}}']);
  });

  it('routes a cancellation to the process that has the request, and waits for it no longer', () => {
    const { world, first } = begun();
    world.say(call(1));
    const second = world.start();
    world.serveAll(second);
    world.serveAll({ ...first, inbox: first.inbox.splice(1) });
    second.inbox.splice(0);
    world.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    expect(parse(first.inbox.at(-1)!).method).toBe('notifications/cancelled');
    expect(second.inbox).toEqual([]);
    expect(world.events.at(-1)).toEqual({ kind: 'drained', server: 1 });
  });

  it('tells both processes of changed roots, and the client of resources at the new one only', () => {
    const { world, first } = begun();
    world.say(call(1));
    const second = world.start();
    world.serveAll(second);
    world.heard.splice(0);
    world.say({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' });
    expect([first, second].map(({ inbox }) => parse(inbox.at(-1)!).method)).toEqual(
      Array(2).fill('notifications/roots/list_changed'),
    );
    for (const server of [first, second]) {
      world.reply(server, {
        jsonrpc: '2.0',
        method: 'notifications/resources/updated',
        params: { uri: `a://${server.id}` },
      });
      world.reply(server, {
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken: server.id },
      });
    }
    expect(world.heard.map(line => parse(line).params)).toEqual([
      { progressToken: 1 },
      { uri: 'a://2' },
      { progressToken: 2 },
    ]);
  });

  it('holds what the new process says until it has answered the handshake', () => {
    const { world } = begun();
    const second = world.start();
    const log = '{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"up"}}';
    world.reply(second, log);
    expect(world.heard).toEqual([]);
    world.serve(second);
    expect(world.heard).toEqual([log]);
  });
});
