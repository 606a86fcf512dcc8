// `keyturn mcp`: answers an assistant's questions over stdio, and changes nothing. This folder holds what an assistant may ask, how
// that is answered, and what keeps the answers harmless.
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { KeyturnError } from '../../core/errors';
import { version } from '../../package.json';
import type { CommandContext } from '../terminal/command';
import { type AnswerTool, call } from './call';
import { aboutOthersText } from './others-text';
import { createPages } from './pages';
import { addResources } from './resources';
import { redactionOf } from './secrets-of-shell';
import type { Tool } from './tool';
import { tools } from './tools';

export interface ServeOptions {
  config: string;
  environment: string | undefined;
  clock: CommandContext['clock'];
  input: Readable;
  output: Writable;
  /** For people: what went wrong with the connection. */
  say(text: string): void;
  /** Aborted where nobody reads the answers any more, or a person ends it. */
  left: AbortSignal;
}

const instructions = [
  'Keyturn manages the API keys of MCP servers: it issues, rotates, watches and revokes them.',
  'This server only reads. No tool of it changes anything, and none shows the value of a key.',
  'Where something has to be changed, tell the person which command to run, and why; commands stand in `fix`, `command` and `nextSteps`. Do not run them yourself.',
  'Begin with `status`, or with `why-did-this-fail` where something does not work; `runbook` says what a message means.',
  aboutOthersText,
].join(' ');

/** Until the client closes its end: what it has asked by then is answered, if that does not take long. */
export async function serve(served: ServeOptions): Promise<void> {
  const { clock, input, output, say, left } = served;
  const ended = new AbortController();
  const redaction = redactionOf(process.env);
  const pages = createPages(clock);
  const open = new Set<Promise<unknown>>();
  const answer: AnswerTool = (tool, given, signal) => {
    const asking = { ...served, pages, signal: AbortSignal.any([signal, ended.signal]) };
    const called = call(tool, given, asking, redaction);
    open.add(called);
    called.finally(() => open.delete(called));
    return called;
  };
  // The transport would drop what is under way at the end of its input.
  const messages = new PassThrough();
  input.pipe(messages, { end: false });
  const connection = serveStdio(() => createServer(served, answer), {
    transport: new StdioServerTransport(messages, output),
    onerror: error => say(errorInWords(error)),
  });
  await Promise.race([endOf(input), aborted(left)]);
  await Promise.race([
    allAnswered(open),
    aborted(left),
    new Promise(resolve => setTimeout(resolve, answeredWithinMs).unref()),
  ]);
  ended.abort(new KeyturnError('no-answer', 'the client has disconnected'));
  await connection.close();
}

/** After the end of its input: as long as clients of MCP's SDK wait for an answer. A client that has gone sends a signal, or reads no more. */
const answeredWithinMs = 60_000;

function endOf(input: Readable): Promise<void> {
  return new Promise(resolve => {
    for (const event of ['end', 'close', 'error']) input.once(event, () => resolve());
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The last messages may not have been read yet. */
async function allAnswered(open: Set<Promise<unknown>>): Promise<void> {
  do {
    await Promise.allSettled(open);
    await new Promise(resolve => setTimeout(resolve, 20));
  } while (open.size);
}

function createServer(served: ServeOptions, answer: AnswerTool): McpServer {
  const server = new McpServer({ name: 'keyturn', title: 'Keyturn', version }, { instructions });
  for (const tool of tools) addTool(server, tool, answer);
  addResources(server, served, answer);
  return server;
}

function addTool(server: McpServer, tool: Tool, answer: AnswerTool): void {
  const { name, title, description, input, output, isLocal = false } = tool;
  const annotations = {
    title,
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: !isLocal,
  };
  const standard = input['~standard'];
  // Checked where it is answered, so that whatever is wrong is told in words.
  const inputSchema = {
    '~standard': { ...standard, validate: (value: unknown) => ({ value }) },
  } as typeof input;
  server.registerTool(
    name,
    { title, description, inputSchema, outputSchema: output, annotations },
    async (given, { mcpReq }) => {
      const called = await answer(tool, given, mcpReq.signal);
      const content = [{ type: 'text' as const, text: called.text }];
      return called.isError ? { isError: true, content } : { content, structuredContent: called.answer };
    },
  );
}

/** What the client sent may be anything: of it, nothing is repeated. */
function errorInWords({ name }: Error): string {
  return `npx keyturn mcp: the client sent something that is not a message of the protocol (${name}), or does not read its input\n`;
}
