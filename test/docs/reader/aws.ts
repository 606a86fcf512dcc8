// A line for the aws CLI as a call of the SDK: the same operation and parameters, which the compiler and the sandbox can check.

/** Service of the CLI -> the SDK's package and client */
const services: Record<string, [name: string, client: string]> = {
  cloudformation: ['cloudformation', 'CloudFormationClient'],
  dynamodb: ['dynamodb', 'DynamoDBClient'],
  iam: ['iam', 'IAMClient'],
  kms: ['kms', 'KMSClient'],
  logs: ['cloudwatch-logs', 'CloudWatchLogsClient'],
  secretsmanager: ['secrets-manager', 'SecretsManagerClient'],
  sts: ['sts', 'STSClient'],
};

interface SdkCall {
  name: string;
  client: string;
  command: string;
  input: Record<string, unknown>;
}

function sdkCallOf(line: string): SdkCall {
  const [, service = '', operation = '', ...words] = line.split(/\s+/);
  const [name, client] = services[service] ?? [];
  if (!name || !client) throw new Error(`${line}: add ${service} to test/docs/reader/aws.ts`);
  const input: Record<string, unknown> = {};
  while (words.length) {
    const word = words.shift() ?? '';
    const [, no, flag = ''] = /^--(no-)?(.+)$/.exec(word) ?? [];
    // The parameters of logs begin with a small letter.
    const pascal = pascalOf(flag);
    const parameter = service === 'logs' ? pascal.charAt(0).toLowerCase() + pascal.slice(1) : pascal;
    const value = words[0] === undefined || words[0].startsWith('--') ? true : words.shift();
    input[parameter] = no ? false : value;
  }
  return { name, client, command: `${pascalOf(operation)}Command`, input };
}

/** For the compiler: it knows every operation and parameter. */
export function asTypeScript(line: string): string {
  const { name, command, input } = sdkCallOf(line);
  return `import { ${command} } from '@aws-sdk/client-${name}';\nnew ${command}(${JSON.stringify(input)});\n`;
}

/** @param variables of the sandbox */
export async function sendToAws(line: string, variables: Record<string, string>): Promise<object> {
  const { name, client, command, input } = sdkCallOf(line);
  const sdk = await import(`@aws-sdk/client-${name}`);
  const { AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } =
    variables;
  const caller = new sdk[client]({
    endpoint: AWS_ENDPOINT_URL,
    region: AWS_REGION,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN,
    },
    maxAttempts: 1,
  });
  try {
    return await caller.send(new sdk[command](input));
  } finally {
    caller.destroy();
  }
}

function pascalOf(words: string): string {
  return words.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
