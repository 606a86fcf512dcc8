// A tool of an assistant that runs one command: what it takes, how its answer is paged, and what is cut.
import * as z from 'zod';
import type { Command, CommandContext } from '../terminal/command';
import { ask } from './ask';
import { page } from './fields';
import { aboutOthersText } from './others-text';
import type { Paged, Pages } from './pages';

/** What every answer is looked up with. */
export interface ToolContext {
  /** The configuration file. */
  config: string;
  /** Where the question names no environment. */
  environment: string | undefined;
  clock: CommandContext['clock'];
  pages: Pages;
  signal: AbortSignal;
}

export interface Tool {
  name: string;
  title: string;
  description: string;
  input: z.ZodObject;
  output: z.ZodObject;
  /** Asks nobody but this machine. */
  isLocal?: true;
  /** @param input as `input` has parsed it. @returns what `output` parses */
  answer(input: object, asking: ToolContext): Promise<unknown>;
}

const longest = 200;
export const word = () => z.string().min(1).max(longest);
const environment = word()
  .optional()
  .describe('An environment of the configuration; needed if there are several and none was set at the start');
export const inEnvironment = { environment };
export const selection = {
  server: word().optional().describe('Only keys of this MCP server'),
  provider: word().optional().describe('Only keys of this provider'),
  team: word().optional().describe('Only keys of this team'),
};
const paging = {
  limit: z.int().min(1).max(200).default(50).describe('How many entries of the list at most'),
  cursor: z
    .string()
    .optional()
    .describe('`page.nextCursor` of the page before; with the same other arguments'),
};

/** A tool that runs one command. */
export function tool<Input extends z.ZodRawShape, Output extends z.ZodObject, Flags extends object>(parts: {
  name: string;
  title: string;
  about: string;
  input: Input;
  output: Output;
  isLocal?: true;
  load(): Promise<Command<Flags & { json?: boolean }>>;
  flags(input: z.output<z.ZodObject<Input>>, common: { config: string; env: string | undefined }): Flags;
  paged?: Paged<z.output<Output>>;
}): Tool {
  const { name, title, about, output, isLocal, paged } = parts;
  const input = z.strictObject({ ...parts.input, ...(paged && paging) });
  return {
    name,
    title,
    description: `${about} ${aboutOthersText}`,
    input: input as unknown as z.ZodObject,
    output: paged ? output.extend({ page }) : output,
    ...(isLocal && { isLocal }),
    async answer(given, { config, environment, clock, pages, signal }) {
      const {
        cursor,
        limit = 0,
        ...asked
      } = given as {
        cursor?: string;
        limit?: number;
        environment?: string;
      };
      const flags = parts.flags(asked as z.output<z.ZodObject<Input>>, {
        config,
        env: asked.environment ?? environment,
      });
      const look = async () =>
        output.parse(
          await ask((await parts.load()) as Command<object>, flags, clock, signal),
        ) as z.output<Output>;
      if (!paged) return look();
      const of = JSON.stringify([name, asked]);
      const found = await pages.page({ of, cursor, limit }, paged, look);
      const { answer, cut } = shortened(found.answer);
      return { ...answer, page: { ...found.page, ...(cut.length && { cut }) } };
    },
  };
}

/** Lists besides the one that is paged. */
const sideListAtMost = 200;

function shortened<Answer extends object>(
  answer: Answer,
): { answer: Answer; cut: { list: string; total: number; shown: number }[] } {
  const cut: { list: string; total: number; shown: number }[] = [];
  const walk = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) {
      if (value.length > sideListAtMost) cut.push({ list: path, total: value.length, shown: sideListAtMost });
      return value.slice(0, sideListAtMost).map(item => walk(item, `${path}[]`));
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, held]) => [name, walk(held, path ? `${path}.${name}` : name)]),
    );
  };
  return { answer: walk(answer, '') as Answer, cut };
}
