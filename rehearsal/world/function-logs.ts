// The log of functions. Lambda writes it as the function's role; a service that is no function logs by other means.
import type { AwsModel } from '@keyturn/aws-model/model';
import { arnIn, assumedRoleArn, type Home } from '@keyturn/aws-model/shared/arn';
import type { PolicyEngine } from '@keyturn/iam/engine';
import type { LeakSearch } from './counts/leaks';

export function createFunctionLogs(parts: {
  model: AwsModel;
  engine: PolicyEngine;
  leaks: LeakSearch;
  home: Home;
}): { write(functionName: string, line: string): void } {
  const { model, engine, leaks, home } = parts;
  const streams = new Set<string>();

  function mayLog(functionName: string): boolean {
    const definition = model.functions.find(functionName);
    if (!definition || model.configuredFunctions.find(functionName)) return true;
    const role = definition.roleArn.slice(definition.roleArn.lastIndexOf('/') + 1);
    const may = (action: string) =>
      engine.authorize({
        caller: { arn: assumedRoleArn(home, role, functionName), kind: 'role' },
        action,
        resource: arnIn(home, 'logs', `log-group:/aws/lambda/${functionName}:log-stream:1`),
        context: {},
        resourceTags: {},
      }).allowed;
    if (!streams.has(functionName) && may('logs:CreateLogStream')) streams.add(functionName);
    return streams.has(functionName) && may('logs:PutLogEvents');
  }

  return {
    write(functionName, line) {
      if (!mayLog(functionName)) return;
      leaks.look('the log', line);
      model.cloudWatch.ingestLogLine(functionName, line);
      model.logs.put(`/aws/lambda/${functionName}`, line);
    },
  };
}
