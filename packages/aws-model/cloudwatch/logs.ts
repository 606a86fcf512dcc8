// CloudWatch Logs: the newest lines of each log group, found by time and by a pattern on JSON.
import * as z from 'zod';
import type { Virtual } from '../clock/virtual';
import { arnIn, type Home } from '../shared/arn';
import { page } from '../shared/page';
import type { Access } from '../wire/access';
import { AwsError } from '../wire/aws-error';
import { operation, type Service } from '../wire/operation';
import { awsJson } from '../wire/protocol';

export interface Logs {
  service: Service;
  create(group: string): void;
  /** Where there is no such group, it is created, as Lambda does. */
  put(group: string, line: string): void;
}

interface Line {
  at: number;
  text: string;
}

const filterInput = z.strictObject({
  logGroupName: z.string().min(1).max(512),
  startTime: z.int().min(0).optional(),
  endTime: z.int().min(0).optional(),
  filterPattern: z.string().max(1024).default(''),
  limit: z.int().min(1).max(10_000).default(10_000),
  nextToken: z.string().optional(),
});

/** A quarter has more lines than anybody reads. */
const keptAtMost = 1_000;

export function createLogs({ access, virtual, ...home }: Home & { access: Access; virtual: Virtual }): Logs {
  const groups = new Map<string, Line[]>();
  function create(group: string): Line[] {
    const lines = groups.get(group) ?? [];
    groups.set(group, lines);
    return lines;
  }

  return {
    create,
    put(group, text) {
      const lines = create(group);
      lines.push({ at: virtual.now().getTime(), text });
      if (lines.length > 2 * keptAtMost) lines.splice(0, keptAtMost);
    },
    service: {
      name: 'logs',
      protocol: awsJson('1.1'),
      operations: {
        FilterLogEvents: operation(filterInput, (input, call) => {
          const { logGroupName, startTime = 0, endTime = Number.POSITIVE_INFINITY, limit, nextToken } = input;
          const resource = arnIn(home, 'logs', `log-group:${logGroupName}:*`);
          access.permit(call, { action: 'logs:FilterLogEvents', resource });
          const lines = groups.get(logGroupName);
          if (!lines)
            throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
          const matches = patternOf(input.filterPattern);
          const found = lines.filter(({ at, text }) => at >= startTime && at < endTime && matches(text));
          const { items, next } = page(found, limit, nextToken);
          return {
            events: items.map(({ at, text }, n) => ({
              logStreamName: 'stream',
              timestamp: at,
              ingestionTime: at,
              message: text,
              eventId: `${at}${n}`,
            })),
            searchedLogStreams: [],
            ...(next && { nextToken: next }),
          };
        }),
      },
    },
  };
}

/** `{ $.level = "ERROR" }`, or nothing; no other pattern is modelled. */
function patternOf(pattern: string): (line: string) => boolean {
  if (!pattern) return () => true;
  const [, field = '', value] = /^\{ \$\.(\w+) = "([^"]*)" \}$/.exec(pattern) ?? [];
  if (value === undefined)
    throw new AwsError('InvalidParameterException', `Invalid filter pattern, or not modelled: ${pattern}`);
  return line => {
    try {
      return (JSON.parse(line) as Record<string, unknown>)[field] === value;
    } catch {
      return false;
    }
  };
}
