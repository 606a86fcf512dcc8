// What a function may tell the event bus: only what is Keyturn's own.
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { eventSource } from '../config/aws/names';

export function tellsEventBus(scope: Construct, sid = 'TellsEventBus'): PolicyStatement {
  return new PolicyStatement({
    sid,
    actions: ['events:PutEvents'],
    resources: [defaultBusArn(scope)],
    conditions: { StringEquals: { 'events:source': eventSource } },
  });
}

function defaultBusArn(scope: Construct): string {
  return Stack.of(scope).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
}
