// A process that dies loses only what it owed, and says so.
import { parse, startedRelay } from './relay-setup';

const call = (id: string | number) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'echo' },
});

describe('a process that dies', () => {
  it('leaves one error for each open request, and what comes meanwhile waits for the next process', () => {
    const { setup, first } = startedRelay();
    setup.say(call(1));
    setup.say(call(2));
    setup.serve(first);
    setup.crash(first);
    setup.say(call(3));
    setup.say(call(4));
    setup.say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 4 } });
    const second = setup.start();
    setup.serveAll(second);
    const answers = setup.heard.map(parse).filter(({ id }) => id !== undefined);
    expect(answers).toMatchObject([
      { id: 1 },
      { id: 2, error: { code: -32603 } },
      { id: 3, result: { by: 2 } },
    ]);
    // Nobody knows what the dead process offered.
    expect(setup.heard.some(line => line.includes('list_changed'))).toBe(true);
  });

  it('takes back its open questions at the client', () => {
    const { setup, first } = startedRelay();
    setup.reply(first, { jsonrpc: '2.0', id: 5, method: 'elicitation/create' });
    setup.crash(first);
    expect(parse(setup.heard.at(-1)!)).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: 5 },
    });
  });

  it('answers what waits with an error once no process will come', () => {
    const { setup, first } = startedRelay();
    setup.crash(first);
    setup.say(call(1));
    setup.giveUp();
    expect(setup.heard.map(parse)).toMatchObject([{ id: 1, error: { code: -32603 } }]);
  });

  it('is told from one whose time to drain is over: that one still runs, and is heard no more', () => {
    const { setup, first } = startedRelay();
    setup.say(call(1));
    const second = setup.start();
    setup.serveAll(second);
    setup.expire(first);
    setup.reply(first, { jsonrpc: '2.0', id: 1, result: {} });
    expect(setup.heard.map(parse).filter(({ id }) => id === 1)).toMatchObject([{ error: {} }]);
  });
});
