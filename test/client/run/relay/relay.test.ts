import { parse, type RelayServer, type RelaySetup, startedRelay } from './relay-setup';

const call = (id: string | number) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'echo' },
});

describe('a handover', () => {
  it('replays the handshake as the client wrote it, level and subscriptions, and swallows the answers', () => {
    const { setup, first } = startedRelay();
    setup.say({ jsonrpc: '2.0', id: 1, method: 'logging/setLevel', params: { level: 'debug' } });
    setup.say({ jsonrpc: '2.0', id: 2, method: 'resources/subscribe', params: { uri: 'a://1' } });
    setup.say({ jsonrpc: '2.0', id: 3, method: 'resources/subscribe', params: { uri: 'a://2' } });
    setup.say({ jsonrpc: '2.0', id: 4, method: 'resources/unsubscribe', params: { uri: 'a://1' } });
    setup.serveAll(first);
    setup.heard.splice(0);
    const second = setup.start();
    expect(parse(second.inbox[0]!)).toMatchObject({ method: 'initialize', params: { extra: 1 } });
    setup.serve(second);
    expect(second.inbox.map(line => parse(line).method)).toEqual([
      'notifications/initialized',
      'logging/setLevel',
      'resources/subscribe',
      'tools/list',
      'resources/list',
      'resources/templates/list',
    ]);
    expect(parse(second.inbox[2]!).params).toEqual({ uri: 'a://2' });
    setup.serveAll(second);
    setup.serveAll(first);
    expect(setup.heard).toEqual([]);
    expect(setup.events).toContainEqual({ kind: 'switched', to: 2, from: 1 });
  });

  it('sends new requests to the new process, and forwards the late answers of the old one', () => {
    const { setup, first } = startedRelay();
    setup.say(call(1));
    const second = setup.start();
    setup.say(call(2));
    setup.serveAll(second);
    setup.say(call(3));
    setup.serveAll(second);
    expect(setup.heard.map(parse)).toMatchObject([{ id: 3, result: { by: 2 } }]);
    setup.serveAll(first);
    expect(setup.heard.map(parse).slice(1)).toMatchObject([
      { id: 1, result: { by: 1 } },
      { id: 2, result: { by: 1 } },
    ]);
    expect(setup.events.at(-1)).toEqual({ kind: 'drained', server: 1 });
  });

  it('keeps the old process where the new one dies, refuses or speaks another revision', () => {
    const refusals: ((setup: RelaySetup, server: RelayServer) => void)[] = [
      (setup, server) => setup.crash(server),
      (setup, server) => {
        setup.reply(server, {
          jsonrpc: '2.0',
          id: parse(server.inbox[0]!).id,
          error: { code: 1, message: 'no' },
        });
      },
      (setup, server) => {
        const result = { protocolVersion: '2024-11-05', capabilities: {} };
        setup.reply(server, { jsonrpc: '2.0', id: parse(server.inbox[0]!).id, result });
      },
      (setup, server) => {
        setup.serve(server);
        setup.crash(server);
      },
      (setup, server) => setup.expire(server),
    ];
    for (const refuse of refusals) {
      const { setup, first } = startedRelay();
      const second = setup.start();
      refuse(setup, second);
      expect(setup.events.at(-1)).toMatchObject({ kind: 'unfit', server: 2 });
      setup.say(call(1));
      setup.serveAll(first);
      expect(setup.heard.map(parse)).toMatchObject([{ id: 1, result: { by: 1 } }]);
    }
  });

  it('tells the client of other tools, and only of other tools', () => {
    for (const tools of [['echo'], ['echo', 'add']]) {
      const { setup, first } = startedRelay();
      const second = setup.start(tools);
      setup.serveAll(second);
      setup.serveAll(first);
      const told = setup.heard.map(line => parse(line).method);
      expect(told).toEqual(tools.length === 1 ? [] : ['notifications/tools/list_changed']);
    }
  });

  it('reads every page of a list before it compares', () => {
    const { setup, first } = startedRelay();
    const second = setup.start();
    const page = (server: RelayServer, more: boolean, name: string) => {
      const at = server.inbox.findIndex(line => parse(line).method === 'tools/list');
      const { id, params } = parse(server.inbox.splice(at, 1)[0]!);
      setup.reply(server, {
        jsonrpc: '2.0',
        id,
        result: { tools: [name], ...(more && { nextCursor: `after-${name}` }) },
      });
      return params;
    };
    setup.serve(second);
    page(second, true, 'a');
    expect(page(second, false, 'b')).toEqual({ cursor: 'after-a' });
    page(first, true, 'a');
    page(first, false, 'c');
    setup.serveAll(second);
    setup.serveAll(first);
    expect(setup.heard.map(line => parse(line).method)).toEqual(['notifications/tools/list_changed']);
  });

  it('prefixes the ids of questions by later processes, and brings the answers back', () => {
    const { setup, first } = startedRelay();
    const ask = {
      jsonrpc: '2.0',
      id: 0,
      method: 'sampling/createMessage',
      params: { _meta: { progressToken: 0 } },
    };
    setup.reply(first, ask);
    const second = setup.start();
    setup.serveAll(second);
    setup.reply(second, ask);
    const [one, two] = setup.heard.map(parse);
    expect([one!.id, two!.id]).toEqual([0, 'keyturn:2:0']);
    setup.say({
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: 'keyturn:2:0', progress: 1 },
    });
    setup.say('{"jsonrpc":"2.0","id":"keyturn:2:0","result":{"model":"m"}}');
    expect(second.inbox).toEqual([
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":0,"progress":1}}',
      '{"jsonrpc":"2.0","id":0,"result":{"model":"m"}}',
    ]);
    first.inbox.splice(0);
    setup.say('{"jsonrpc":"2.0","id":0,"result":{"model":"n"}}');
    expect(first.inbox).toEqual(['{"jsonrpc":"2.0","id":0,"result":{"model":"n"}}']);
  });

  it('routes a cancellation to the process that has the request, and waits for it no longer', () => {
    const { setup, first } = startedRelay();
    setup.say(call(1));
    const second = setup.start();
    setup.serveAll(second);
    setup.serveAll({ ...first, inbox: first.inbox.splice(1) });
    second.inbox.splice(0);
    setup.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    expect(parse(first.inbox.at(-1)!).method).toBe('notifications/cancelled');
    expect(second.inbox).toEqual([]);
    expect(setup.events.at(-1)).toEqual({ kind: 'drained', server: 1 });
  });

  it('tells both processes of changed roots, and the client of resources at the new one only', () => {
    const { setup, first } = startedRelay();
    setup.say(call(1));
    const second = setup.start();
    setup.serveAll(second);
    setup.heard.splice(0);
    setup.say({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' });
    expect([first, second].map(({ inbox }) => parse(inbox.at(-1)!).method)).toEqual(
      Array(2).fill('notifications/roots/list_changed'),
    );
    for (const server of [first, second]) {
      setup.reply(server, {
        jsonrpc: '2.0',
        method: 'notifications/resources/updated',
        params: { uri: `a://${server.id}` },
      });
      setup.reply(server, {
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken: server.id },
      });
    }
    expect(setup.heard.map(line => parse(line).params)).toEqual([
      { progressToken: 1 },
      { uri: 'a://2' },
      { progressToken: 2 },
    ]);
  });

  it('holds what the new process says until it has answered the handshake', () => {
    const { setup } = startedRelay();
    const second = setup.start();
    const log = '{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"up"}}';
    setup.reply(second, log);
    expect(setup.heard).toEqual([]);
    setup.serve(second);
    expect(setup.heard).toEqual([log]);
  });
});
