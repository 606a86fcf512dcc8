// The types of Lambda's resources; all others stand in resource-types.ts.
import { alphanumerics } from '../shared/identifiers';
import { arn, nameless, nameOf, type ResourceType } from './identity';

export const functionTypes: Record<string, ResourceType> = {
  'AWS::Lambda::Function': {
    properties: [
      'Architectures',
      'Code',
      'DeadLetterConfig',
      'Description',
      'Environment',
      'FunctionName',
      'Handler',
      'LoggingConfig',
      'MemorySize',
      'ReservedConcurrentExecutions',
      'Role',
      'Runtime',
      'Timeout',
      'VpcConfig',
    ],
    identify: ({ FunctionName }, place) => {
      const name = nameOf(FunctionName, place);
      return { ref: name, arn: arn('lambda', place, `function:${name}`) };
    },
  },
  'AWS::Lambda::Permission': {
    properties: [
      'Action',
      'FunctionName',
      'FunctionUrlAuthType',
      'InvokedViaFunctionUrl',
      'Principal',
      'SourceAccount',
      'SourceArn',
    ],
    identify: nameless,
  },
  'AWS::Lambda::Url': {
    properties: ['AuthType', 'TargetFunctionArn'],
    identify: ({ TargetFunctionArn }, { region, random }) => {
      const host = `${alphanumerics(random, 32).toLowerCase()}.lambda-url.${region}.on.aws`;
      const functionArn = String(TargetFunctionArn);
      return {
        ref: functionArn,
        attributes: { FunctionArn: functionArn, FunctionUrl: `https://${host}/` },
      };
    },
  },
  'AWS::Lambda::ResourcePolicy': { properties: ['PolicyDocument', 'ResourceArn'], identify: nameless },
  'AWS::Lambda::EventInvokeConfig': {
    properties: [
      'DestinationConfig',
      'FunctionName',
      'MaximumEventAgeInSeconds',
      'MaximumRetryAttempts',
      'Qualifier',
    ],
    identify: nameless,
  },
};
