// Requests wait while it is not known which process will serve them.
import { parse, setUpRelay, startedRelay } from './relay-setup';

const call = (id: string | number) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'echo' },
});

describe('while new requests wait', () => {
  it('keeps their order, and lets pass what belongs to earlier ones', () => {
    const { setup, first } = startedRelay();
    setup.say(call(1));
    setup.reply(first, { jsonrpc: '2.0', id: 0, method: 'roots/list' });
    first.inbox.splice(0);
    setup.hold();
    setup.say(call(2));
    setup.say({ jsonrpc: '2.0', method: 'notifications/custom' });
    setup.say({ jsonrpc: '2.0', id: 0, result: { roots: [] } });
    setup.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    const methods = () => first.inbox.splice(0).map(line => parse(line).method);
    expect(methods()).toEqual([undefined, 'notifications/cancelled']);
    setup.goOn();
    expect(methods()).toEqual(['tools/call', 'notifications/custom']);
  });

  it('has a process that must leave first finish, and its successor take what waited', () => {
    const { setup, first } = startedRelay();
    setup.say(call(1));
    setup.leave(first);
    setup.say(call(2));
    expect(setup.events).toEqual([{ kind: 'switched', to: 1, from: undefined }]);
    setup.serveAll(first);
    expect(setup.events.at(-1)).toEqual({ kind: 'drained', server: 1 });
    const second = setup.start();
    setup.serveAll(second);
    expect(setup.events.at(-1)).toEqual({ kind: 'switched', to: 2, from: undefined });
    const answers = setup.heard.map(parse).filter(({ id }) => id !== undefined);
    expect(answers).toMatchObject([
      { id: 1, result: { by: 1 } },
      { id: 2, result: { by: 2 } },
    ]);
  });

  it('gives them to the old process where it stays after all', () => {
    const { setup, first } = startedRelay();
    setup.say(call(1));
    setup.leave(first);
    setup.say(call(2));
    const changed = '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}';
    setup.reply(first, changed);
    setup.comeBack(first);
    setup.serveAll(first);
    expect(setup.heard[0]).toBe(changed);
    expect(setup.heard.slice(1).map(line => parse(line).id)).toEqual([1, 2]);
    expect(first.alive).toBe(true);
  });
});

it('says whether a fresh process can be asked for proof that it is ready', () => {
  const setup = setUpRelay();
  const first = setup.start();
  const known = setup.relay.sessionKnown;
  expect(known()).toBe('no');
  setup.say({ jsonrpc: '2.0', id: 0, method: 'initialize', params: {} });
  expect(known()).toBe('soon');
  setup.serve(first);
  expect(known()).toBe('soon');
  setup.hold();
  setup.say({ jsonrpc: '2.0', method: 'notifications/initialized' });
  expect(known()).toBe('yes');
});
