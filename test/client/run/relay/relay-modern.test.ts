// MCP 2026-07-28: no handshake, and what lives on between requests.
import { parse, setUpRelay } from './relay-setup';

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
    const setup = setUpRelay();
    const first = setup.start();
    setup.say(listen);
    setup.reply(first, acknowledged);
    first.inbox.splice(0);
    expect(setup.heard.splice(0)).toHaveLength(1);
    const second = setup.start(tools);
    return { setup, first, second };
  }

  it('is asked nothing: the new process is tried with server/discover', () => {
    const { second } = listening(['echo']);
    expect(parse(second.inbox[0]!)).toMatchObject({ method: 'server/discover', params: { _meta } });
    expect(parse(second.inbox[0]!).params!._meta).not.toHaveProperty('progressToken');
  });

  it('keeps its streams: opened again at the new process, acknowledged once, ended never', () => {
    const { setup, first, second } = listening(['echo']);
    setup.serve(second);
    setup.serve(second);
    expect(second.inbox.map(line => parse(line))).toEqual([listen]);
    setup.reply(second, acknowledged);
    setup.serveAll(first);
    setup.reply(first, {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 'listen:1' },
    });
    expect(setup.heard).toEqual([]);
    expect(setup.events.at(-1)).toEqual({ kind: 'drained', server: 1 });
    setup.reply(second, changed);
    expect(setup.heard.map(parse)).toEqual([changed]);
  });

  it('hears of other tools on the stream that asked for it', () => {
    const { setup, first, second } = listening(['add']);
    setup.serve(second);
    setup.serve(second);
    setup.serveAll(first);
    expect(setup.heard.map(parse)).toEqual([changed]);
  });

  describe('comes back to the process that it began with', () => {
    const answer = (id: number, result: object) => ({ jsonrpc: '2.0', id, result });
    const inputRequired = (requestState: string) => ({
      resultType: 'input_required',
      inputRequests: { name: { method: 'elicitation/create', params: {} } },
      requestState,
    });
    const again = (id: number, requestState: string) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { _meta, name: 'ask', requestState, inputResponses: {} },
    });

    function asked() {
      const setup = setUpRelay();
      const first = setup.start();
      setup.say({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { _meta, name: 'ask' } });
      setup.reply(first, answer(1, inputRequired('sealed-1')));
      first.inbox.splice(0);
      const second = setup.start();
      setup.serveAll(second);
      setup.serveAll(first);
      return { setup, first, second };
    }

    it('with the state that it sealed, over as many rounds as it takes', () => {
      const { setup, first, second } = asked();
      setup.say(again(2, 'sealed-1'));
      setup.reply(first, answer(2, inputRequired('sealed-2')));
      setup.say(again(3, 'sealed-2'));
      expect(first.inbox.map(line => parse(line).id)).toEqual([2, 3]);
      expect(first.alive).toBe(true);
      setup.reply(first, answer(3, { resultType: 'complete', content: [] }));
      expect(setup.events.at(-1)).toEqual({ kind: 'drained', server: 1 });
      expect(second.inbox).toEqual([]);
    });

    it('and sends the same again after an error', () => {
      const { setup, first } = asked();
      setup.say(again(2, 'sealed-1'));
      setup.reply(first, { jsonrpc: '2.0', id: 2, error: { code: -32603, message: 'try again' } });
      expect(first.alive).toBe(true);
      setup.say(again(3, 'sealed-1'));
      expect(parse(first.inbox.at(-1)!).id).toBe(3);
    });

    it('until that has timed out', () => {
      const { setup, first, second } = asked();
      setup.pass(10 * 60_000 - 1);
      expect(first.alive).toBe(true);
      setup.pass(1);
      expect(setup.events.at(-1)).toEqual({ kind: 'drained', server: 1 });
      setup.say(again(2, 'sealed-1'));
      expect(parse(second.inbox[0]!).id).toBe(2);
    });

    it('to turn a page of a list', () => {
      const setup = setUpRelay();
      const first = setup.start();
      const list = (id: number, cursor?: string) => ({
        jsonrpc: '2.0',
        id,
        method: 'resources/list',
        params: { _meta, ...(cursor && { cursor }) },
      });
      setup.say(list(1));
      setup.reply(first, answer(1, { resources: [], nextCursor: 'page-2' }));
      first.inbox.splice(0);
      const second = setup.start();
      setup.serveAll(second);
      setup.serveAll(first);
      setup.say(list(2, 'page-2'));
      expect(parse(first.inbox[0]!).id).toBe(2);
      setup.reply(first, answer(2, { resources: [] }));
      expect(first.alive).toBe(false);
    });
  });

  it('is not settled on by a first try with server/discover', () => {
    const setup = setUpRelay();
    const first = setup.start();
    setup.say({ jsonrpc: '2.0', id: 0, method: 'server/discover', params: { _meta } });
    expect(setup.relay.sessionKnown()).toBe('no');
    setup.serveAll(first);
    setup.say({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } });
    expect(setup.relay.sessionKnown()).toBe('yes');
  });

  it.each([
    [-32601, 'drained'],
    [-32022, 'unfit'],
  ])('takes an error %i to server/discover as proof or not: %s', (code, kind) => {
    const { setup, first, second } = listening(['echo']);
    const { id } = parse(second.inbox.shift()!);
    setup.reply(second, { jsonrpc: '2.0', id, error: { code, message: 'no' } });
    setup.serveAll(second);
    setup.serveAll(first);
    expect(setup.events.at(-1)).toMatchObject({ kind });
  });
});
