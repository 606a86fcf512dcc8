// The official SDKs' clients, as an MCP host uses them; what comes over the wire is counted on its way in.
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client as ClientV2, type Transport as TransportV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  ElicitRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { lostAfterMs } from './lane';

export interface McpClient {
  /** @returns the result's text; rejects where the answer is an error */
  call(tool: string, args: object, onProgress?: (step: number) => void): Promise<string>;
  /** Starts a task. @returns its result's text */
  callTask(tool: string, args: object): Promise<string>;
  /** Listens for changes of the tools. */
  listen(): Promise<{ changes(): number; hasEnded(): boolean }>;
  /** Answers that came for a request that had been answered before. */
  duplicated(): number;
  close(): Promise<void>;
}

export interface Start {
  command: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
}

/** A person who is asked takes a moment, in which a server may be replaced. */
const answerMs = 150;
const info = { name: 'keyturn-test', version: '1' };
type ToolResult = { isError?: boolean; content?: unknown };

export async function connectClient(
  sdk: 1 | 2,
  start: Start,
  onStderr: (text: string) => void,
): Promise<McpClient> {
  const transport =
    sdk === 1 ? new StdioV1({ ...start, stderr: 'pipe' }) : new StdioV2({ ...start, stderr: 'pipe' });
  (transport.stderr as Readable).on('data', chunk => onStderr(String(chunk)));
  return sdk === 1 ? connectV1(transport) : connectV2(transport);
}

export async function connectV1(transport: TransportV1): Promise<McpClient> {
  const client = new ClientV1(info, { capabilities: { sampling: {}, elicitation: {} } });
  client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => ({
    role: 'assistant',
    model: 'none',
    content: { type: 'text', text: JSON.stringify(params.messages) },
  }));
  client.setRequestHandler(ElicitRequestSchema, () => answerQuestion());
  await client.connect(transport);
  const duplicated = countAnswers(transport);
  return {
    async callTask(name, args) {
      const params = { name, arguments: args as Record<string, unknown> };
      const options = { task: { ttl: lostAfterMs }, timeout: lostAfterMs };
      for await (const step of client.experimental.tasks.callToolStream(
        params,
        CallToolResultSchema,
        options,
      )) {
        if (step.type === 'result') return textOf(step.result as ToolResult);
        if (step.type === 'error') throw step.error;
      }
      throw new Error('the task has ended without a result');
    },
    listen: () => Promise.reject(new Error('clients of the first generation do not listen')),
    call: async (name, args, onProgress) =>
      textOf(
        (await client.callTool({ name, arguments: args as Record<string, unknown> }, undefined, {
          timeout: lostAfterMs,
          ...(onProgress && { onprogress: ({ progress }) => onProgress(progress) }),
        })) as ToolResult,
      ),
    duplicated,
    close: () => client.close(),
  };
}

export async function connectV2(transport: TransportV2): Promise<McpClient> {
  // It asks the server first which generation of the protocol it speaks.
  const client = new ClientV2(info, {
    versionNegotiation: { mode: 'auto' },
    capabilities: { elicitation: {} },
  });
  client.setRequestHandler('elicitation/create', () => answerQuestion());
  await client.connect(transport);
  const duplicated = countAnswers(transport);
  return {
    callTask: () => Promise.reject(new Error('clients of the second generation have no tasks')),
    async listen() {
      let changes = 0;
      let hasEnded = false;
      client.setNotificationHandler('notifications/tools/list_changed', () => void changes++);
      const stream = await client.listen({ toolsListChanged: true });
      void stream.closed.then(() => {
        hasEnded = true;
      });
      return { changes: () => changes, hasEnded: () => hasEnded };
    },
    call: async (name, args) =>
      textOf(
        (await client.callTool({ name, arguments: args as never }, { timeout: lostAfterMs })) as ToolResult,
      ),
    duplicated,
    close: () => client.close(),
  };
}

async function answerQuestion() {
  await sleep(answerMs);
  return { action: 'accept' as const, content: { sure: true } };
}

/** The ids of answers, seen before the SDK sees them. */
function countAnswers(transport: object): () => number {
  const seen = new Set<unknown>();
  let duplicated = 0;
  const heard = transport as {
    onmessage?: (message: { id?: unknown; method?: string }, ...rest: unknown[]) => void;
  };
  const pass = heard.onmessage;
  heard.onmessage = (message, ...rest) => {
    if (message.method === undefined && message.id !== undefined) {
      if (seen.has(message.id)) duplicated++;
      seen.add(message.id);
    }
    pass?.(message, ...rest);
  };
  return () => duplicated;
}

function textOf({ isError, content }: ToolResult): string {
  const text = JSON.stringify(content);
  if (isError) throw new Error(`the tool failed: ${text}`);
  return text;
}
