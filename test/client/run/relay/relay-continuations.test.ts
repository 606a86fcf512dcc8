// What a client comes back to, and that only the process can go on with that began it.
import { parse, type RelayServer, type RelaySetup, startedRelay } from './relay-setup';

const call = (id: string | number) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'echo' },
});

describe('a form behind a URL', () => {
  const complete = {
    jsonrpc: '2.0',
    method: 'notifications/elicitation/complete',
    params: { elicitationId: 'f1' },
  };
  const start: Record<string, (setup: RelaySetup, first: RelayServer) => void> = {
    'that the server asks to open': (setup, first) => {
      const params = { mode: 'url', url: 'https://x', elicitationId: 'f1' };
      setup.reply(first, { jsonrpc: '2.0', id: 0, method: 'elicitation/create', params });
      setup.say({ jsonrpc: '2.0', id: 0, result: { action: 'accept' } });
    },
    'without which a request is refused': (setup, first) => {
      setup.say(call(1));
      const error = { code: -32042, message: 'open', data: { elicitations: [{ elicitationId: 'f1' }] } };
      setup.reply(first, { jsonrpc: '2.0', id: 1, error });
    },
  };

  it.each(Object.keys(start))('%s keeps its process until it is filled in', name => {
    const { setup, first } = startedRelay();
    start[name]!(setup, first);
    const second = setup.start();
    setup.serveAll(second);
    setup.serveAll(first);
    expect(first.alive).toBe(true);
    setup.reply(first, complete);
    expect(setup.heard.map(parse)).toContainEqual(complete);
    expect(first.alive).toBe(false);
  });
});

it('lets a process go whose task has lived as long as it said', () => {
  const { setup, first } = startedRelay();
  setup.say({ ...call(1), params: { name: 'research', task: {} } });
  const task = { taskId: 't1', status: 'working', ttl: 3_600_000 };
  setup.reply(first, { jsonrpc: '2.0', id: 1, result: { task } });
  const second = setup.start();
  setup.serveAll(second);
  setup.serveAll(first);
  setup.pass(3_599_999);
  expect(first.alive).toBe(true);
  setup.pass(1);
  expect(first.alive).toBe(false);
});

it('asks for a task where it runs, and lets that process live until the result is fetched', () => {
  const { setup, first } = startedRelay();
  setup.say({ ...call(1), params: { name: 'research', task: {} } });
  setup.reply(first, { jsonrpc: '2.0', id: 1, result: { task: { taskId: 't1', status: 'working' } } });
  first.inbox.splice(0);
  const second = setup.start();
  setup.serveAll(second);
  setup.serveAll(first);
  setup.say({ jsonrpc: '2.0', id: 2, method: 'tasks/get', params: { taskId: 't1' } });
  expect(parse(first.inbox.at(-1)!).id).toBe(2);
  setup.serveAll(first);
  expect(first.alive).toBe(true);
  setup.say({ jsonrpc: '2.0', id: 3, method: 'tasks/result', params: { taskId: 't1' } });
  setup.serveAll(first);
  expect(setup.events.at(-1)).toEqual({ kind: 'drained', server: 1 });
});

it('asks for the next page where the one before it came from, also where two lists name theirs alike', () => {
  const { setup, first } = startedRelay();
  const list = (id: number, method: string, cursor?: string) => ({
    jsonrpc: '2.0',
    id,
    method,
    params: cursor === undefined ? {} : { cursor },
  });
  const page = (id: number, result: object) => ({
    jsonrpc: '2.0',
    id,
    result: { ...result, nextCursor: 'page-2' },
  });
  setup.say(list(1, 'tools/list'));
  setup.reply(first, page(1, { tools: [] }));
  first.inbox.splice(0);
  const second = setup.start();
  setup.serveAll(second);
  setup.say(list(2, 'resources/list'));
  expect(parse(second.inbox.at(-1)!).id).toBe(2);
  setup.reply(second, page(2, { resources: [] }));
  second.inbox.splice(0);
  setup.say(list(3, 'resources/list', 'page-2'));
  expect(second.inbox.map(line => parse(line).id)).toEqual([3]);
  setup.say(list(4, 'tools/list', 'page-2'));
  expect(parse(first.inbox.at(-1)!).id).toBe(4);
  expect(second.inbox).toHaveLength(1);
});
