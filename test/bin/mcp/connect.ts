// `keyturn mcp` in this process, with the official client in front of it and the parts of support/cli.ts behind it.
import { PassThrough } from 'node:stream';
import { Client } from '@modelcontextprotocol/client';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { serve } from '../../../bin/mcp/serve';
import { type Cli, configFile } from '../support/cli';

export interface Connected {
  client: Client;
  /** What went over the wire to the client. */
  wire(): string;
  call(name: string, args?: Record<string, unknown>, options?: { signal?: AbortSignal }): Promise<Answered>;
  close(): Promise<void>;
}

export interface Answered {
  isError: boolean;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the tool answers
  answer: any;
}

/** What answers behind it: those of a set-up, or of a rehearsal. */
export interface Behind extends Pick<Cli, 'clock'> {
  runIn<Result>(act: () => Promise<Result>): Promise<Result>;
}

/** @param config of the environments. @default - that of the set-up */
export async function connect(behind: Behind, config = configFile, environment?: string): Promise<Connected> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const left = new AbortController();
  let wire = '';
  output.on('data', chunk => {
    wire += String(chunk);
  });
  const say = (text: string) => {
    wire += text;
  };
  const served = serve({ config, environment, clock: behind.clock, input, output, say, left: left.signal });
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  // Lines of JSON in both directions: which end is the server is all the same to it.
  await client.connect(new StdioServerTransport(output, input));
  return {
    client,
    wire: () => wire,
    async call(name, args = {}, options) {
      const result = await behind.runIn(() => client.callTool({ name, arguments: args }, options));
      const [{ text }] = result.content as unknown as [{ text: string }];
      return { isError: result.isError === true, text, answer: result.structuredContent };
    },
    async close() {
      await client.close();
      left.abort();
      await served;
    },
  };
}
