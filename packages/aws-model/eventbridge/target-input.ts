// What a rule's target gets: the event, a part of it, a constant, or a template filled from it.
import type { AwsEvent } from '../shared/aws-event';

export interface TargetInput {
  /** JSON text. */
  input?: string;
  /** `$.detail` */
  inputPath?: string;
  inputTransformer?: { inputPathsMap?: Record<string, string>; inputTemplate: string };
}

export interface RuleNames {
  arn: string;
  name: string;
}

/** @returns JSON text, or the text that a template makes */
export function targetInput(target: TargetInput, event: AwsEvent, rule: RuleNames): string {
  if (target.input !== undefined) return target.input;
  if (target.inputPath !== undefined) return JSON.stringify(valueAt(event, target.inputPath) ?? null);
  if (target.inputTransformer) return fill(target.inputTransformer, event, rule);
  return JSON.stringify(event);
}

function fill(
  { inputPathsMap = {}, inputTemplate }: NonNullable<TargetInput['inputTransformer']>,
  event: AwsEvent,
  rule: RuleNames,
): string {
  const reserved: Record<string, unknown> = {
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event.ingestion-time': event.time,
    'aws.events.event': event,
    'aws.events.event.json': event,
  };
  let quoted = false;
  return inputTemplate.replace(/\\.|"|<([^<>]+)>/g, (match, name: string | undefined) => {
    if (match === '"') quoted = !quoted;
    if (name === undefined) return match;
    const path = inputPathsMap[name];
    if (!path && !(name in reserved)) return match;
    const value = path ? valueAt(event, path) : reserved[name];
    return quoted ? insideText(value) : JSON.stringify(value ?? '');
  });
}

function insideText(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return JSON.stringify(text).slice(1, -1);
}

function valueAt(event: unknown, path: string): unknown {
  const steps = path.match(/\['[^']+'\]|\[\d+\]|[^.[\]$]+/g) ?? [];
  return steps.reduce<unknown>((place, step) => {
    const key = step.replace(/^\['?|'?\]$/g, '');
    return (place as Record<string, unknown> | undefined)?.[key];
  }, event);
}
