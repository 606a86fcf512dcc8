// What one process and the client say to each other passes as they wrote it.
import { startedRelay } from './relay-setup';

const call = (id: string | number) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'echo' },
});

describe('with one process', () => {
  it.each([
    [
      'unknown fields and odd spacing',
      '{ "x" : [1 , 2],"jsonrpc":"2.0","id":7 ,"method":"tools/call","params":{"é":"\\u0041"}}',
    ],
    ['an id beyond 2^53', '{"jsonrpc":"2.0","id":12345678901234567890,"method":"a"}'],
    ['a trailing carriage return', '{"jsonrpc":"2.0","id":1,"method":"a"}\r'],
    ['a response to a question', '{"jsonrpc":"2.0","id":0,"result":{"roots":[]}}'],
    ['a line that is no JSON', 'hello {'],
  ])('passes on what the client wrote, byte for byte: %s', (_what, line) => {
    const { setup, first } = startedRelay();
    setup.reply(first, { jsonrpc: '2.0', id: 0, method: 'roots/list' });
    setup.say(line);
    expect(first.inbox.pop()).toBe(line);
  });

  it.each([
    ['an answer', '{"result" : {"content":[{"type":"text","text":"a\\"}b"}]},"jsonrpc":"2.0", "id":1}'],
    ['a notification', '{"method":"notifications/message","params":{"level":"info","data":1.0}}'],
    ['a request', '{"id":0,"jsonrpc":"2.0","method":"roots/list","z":1e2}'],
    ['an error without an id', '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}'],
  ])('passes on what the server wrote, byte for byte: %s', (_what, line) => {
    const { setup, first } = startedRelay();
    setup.say(call(1));
    setup.reply(first, line);
    expect(setup.heard).toEqual([line]);
  });

  it('keeps what is no JSON-RPC off the channel to the client', () => {
    const { setup, first } = startedRelay();
    setup.reply(first, 'Server running on stdio');
    expect(setup.heard).toEqual([]);
    expect(setup.events.at(-1)).toMatchObject({ kind: 'stray' });
  });

  it('keeps a batch on one line, in both directions', () => {
    const { setup, first } = startedRelay();
    const batch = JSON.stringify([call(1), call(2)]);
    setup.say(batch);
    expect(first.inbox.splice(0)).toEqual([batch]);
    const answers = '[{"jsonrpc":"2.0","id":2,"result":{}},{"jsonrpc":"2.0","id":1,"result":{}}]';
    setup.reply(first, answers);
    expect(setup.heard).toEqual([answers]);
  });

  it('keeps a batch together while it waits', () => {
    const { setup, first } = startedRelay();
    setup.hold();
    setup.say([call(1), call(2)]);
    setup.say(call(3));
    setup.say([call(4)]);
    expect(first.inbox).toEqual([]);
    setup.goOn();
    expect(first.inbox).toEqual([[call(1), call(2)], call(3), [call(4)]].map(line => JSON.stringify(line)));
  });

  it('sends each part of a batch to the process that it is for', () => {
    const { setup, first } = startedRelay();
    setup.say({ ...call(1), params: { name: 'research', task: {} } });
    setup.reply(first, { jsonrpc: '2.0', id: 1, result: { task: { taskId: 't1', status: 'working' } } });
    const second = setup.start();
    setup.serveAll(second);
    setup.serveAll(first);
    first.inbox.splice(0);
    const ask = { jsonrpc: '2.0', id: 2, method: 'tasks/get', params: { taskId: 't1' } };
    setup.say([ask, call(3)]);
    expect([first.inbox, second.inbox]).toEqual([[JSON.stringify([ask])], [JSON.stringify([call(3)])]]);
  });

  it.each([
    ['the request', '{"jsonrpc":"2.0","id":null,"method":"tools/call","params":{}}', 'first'],
    ['its answer', '{"jsonrpc":"2.0","id":null,"result":{"content":[]}}', 'client'],
  ])('passes on %s whose id is null', (_what, line, to) => {
    const { setup, first } = startedRelay();
    if (to === 'first') setup.say(line);
    else setup.reply(first, line);
    expect(to === 'first' ? first.inbox : setup.heard).toEqual([line]);
  });
});
