// One call of a tool: its arguments are checked, it is answered, and nothing leaves that holds a secret. Whatever fails is told as
// the answer of the tool, in words.
import type * as z from 'zod';
import { nearest } from '../../core/key/nearest';
import type { Redaction } from '../../core/text/redaction';
import { describeFailure } from '../terminal/exit-code';
import { ownText } from './others-text';
import type { Tool, ToolContext } from './tool';

export type ToolAnswer =
  | { isError: false; answer: Record<string, unknown>; text: string }
  | { isError: true; text: string };

export type AnswerTool = (tool: Tool, given: unknown, signal: AbortSignal) => Promise<ToolAnswer>;

export async function call(
  tool: Tool,
  given: unknown,
  asking: ToolContext,
  redaction: Redaction,
): Promise<ToolAnswer> {
  const input = tool.input.safeParse(given ?? {});
  if (!input.success) {
    const text = input.error.issues.map(issue => wrongArgument(tool, issue, given)).join(' ');
    return failed(text, redaction);
  }
  try {
    const answer = tool.output.parse(await tool.answer(input.data, asking));
    const clean = withoutSecrets(answer, redaction) as Record<string, unknown>;
    return { isError: false, answer: clean, text: JSON.stringify(clean) };
  } catch (error) {
    const { code, message } = describeFailure(error);
    return failed(`${inArguments(message)} (${code})`, redaction);
  }
}

/** Errors name flags; commands in them stay as a person runs them. */
function inArguments(message: string): string {
  return message
    .split('`')
    .map((part, n) => (n % 2 ? part : part.replace(/--env\b/g, '"environment"')))
    .join('`');
}

function failed(text: string, redaction: Redaction): ToolAnswer {
  return { isError: true, text: ownText(redaction.redact(text)) };
}

function withoutSecrets(value: unknown, redaction: Redaction): unknown {
  if (typeof value === 'string') return redaction.redact(value);
  if (Array.isArray(value)) return value.map(each => withoutSecrets(each, redaction));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [redaction.redact(name), withoutSecrets(held, redaction)]),
  );
}

const shownAtMost = 60;

/** The place, the value, and the fix. */
function wrongArgument({ name, input }: Tool, issue: z.core.$ZodIssue, given: unknown): string {
  const known = Object.keys(input.shape);
  if (issue.code === 'unrecognized_keys')
    return issue.keys
      .map(key => {
        const close = nearest(key, known);
        const fix = close
          ? `did you mean "${close}"?`
          : known.length
            ? `use ${known.join(', ')}.`
            : 'call it without arguments.';
        return `${name}: "${key.slice(0, shownAtMost)}" is not one of its arguments; ${fix}`;
      })
      .join(' ');
  const place = issue.path.map(String).join('.');
  const value = issue.path.reduce<unknown>(
    (held, part) => (held as Record<PropertyKey, unknown> | undefined)?.[part],
    given,
  );
  const shown =
    value === undefined ? 'missing' : (JSON.stringify(value) ?? typeof value).slice(0, shownAtMost);
  return `${place || name}: ${shown}; ${issue.message}.`;
}
