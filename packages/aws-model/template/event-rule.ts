// AWS::Events::Rule, as templates have it.
import type { RuleFromTemplate } from '../eventbridge/eventbridge';
import type { RuleTarget } from '../eventbridge/rule-delivery';

export function readEventRule(name: string, properties: Record<string, unknown>): RuleFromTemplate {
  return {
    name,
    eventPattern: properties.EventPattern as RuleFromTemplate['eventPattern'],
    scheduleExpression: properties.ScheduleExpression as string | undefined,
    state: properties.State as RuleFromTemplate['state'],
    targets: ((properties.Targets ?? []) as Record<string, unknown>[]).map(ruleTarget),
  };
}

function ruleTarget(written: Record<string, unknown>): RuleTarget {
  const { Id, Arn, Input, InputPath, InputTransformer, RetryPolicy, DeadLetterConfig, RoleArn, ...others } =
    written;
  const unknown = Object.keys(others);
  if (unknown.length)
    throw new Error(`a rule's target has ${unknown.join(', ')}, which the model does not play`);
  const transformer = InputTransformer as
    | { InputPathsMap?: Record<string, string>; InputTemplate: string }
    | undefined;
  const retries = RetryPolicy as
    | { MaximumRetryAttempts?: number; MaximumEventAgeInSeconds?: number }
    | undefined;
  return {
    id: String(Id),
    arn: String(Arn),
    roleArn: RoleArn as string | undefined,
    input: Input as string | undefined,
    inputPath: InputPath as string | undefined,
    inputTransformer: transformer && {
      inputPathsMap: transformer.InputPathsMap,
      inputTemplate: transformer.InputTemplate,
    },
    retryPolicy: retries && {
      maximumRetryAttempts: retries.MaximumRetryAttempts,
      maximumEventAgeInSeconds: retries.MaximumEventAgeInSeconds,
    },
    deadLetterArn: (DeadLetterConfig as { Arn?: string } | undefined)?.Arn,
  };
}
