// A server of another account: its own credentials only assume the role that KEYTURN_ROLE names, and that one reads.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSecretReader } from '../../../../client/keys/secrets/secret-reader';
import { defaultUsageTarget } from '../../../../client/usage/usage-sinks';

const address = { environment: 'prod', provider: 'gitlab', server: 'bot', purpose: 'main' };
const role = 'arn:aws:iam::333333333333:role/keyturn-prod-server-bot';
const variables = {
  AWS_ACCESS_KEY_ID: 'OWN',
  AWS_SECRET_ACCESS_KEY: 's',
  AWS_REGION: 'eu-central-1',
  AWS_MAX_ATTEMPTS: '1',
  AWS_EC2_METADATA_DISABLED: 'true',
  KEYTURN_ROLE: role,
};
const names = [...Object.keys(variables), 'AWS_ENDPOINT_URL'];
const before = Object.fromEntries(names.map(name => [name, process.env[name]]));

let server: Server;
let seen: { by: string; asked: string }[];
let mayAssume: boolean;
let sessions: number;

beforeEach(async () => {
  [seen, mayAssume, sessions] = [[], true, 0];
  server = createServer((request, response) => {
    const by = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? 'nobody';
    let body = '';
    request.on('data', chunk => {
      body += chunk;
    });
    request.on('end', () => {
      const form = new URLSearchParams(body);
      const operation = form.get('Action') ?? String(request.headers['x-amz-target']).split('.').at(-1);
      seen.push({ by, asked: [operation, form.get('RoleArn')].filter(Boolean).join(' ') });
      if (operation === 'DescribeSecret')
        return response.end(JSON.stringify({ VersionIdsToStages: { v1: ['AWSCURRENT'] } }));
      if (!mayAssume) {
        response.writeHead(403);
        return response.end(
          '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>',
        );
      }
      const given = `<AccessKeyId>SESSION${++sessions}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>`;
      const ends = new Date(Date.now() + 3_600_000).toISOString();
      return response.end(
        `<AssumeRoleResponse><AssumeRoleResult><Credentials>${given}<Expiration>${ends}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
      );
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, variables, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
});
afterEach(async () => {
  for (const name of names) {
    delete process.env[name];
    if (before[name] !== undefined) process.env[name] = before[name];
  }
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
});

test('it is assumed once, with the own credentials, and reads', async () => {
  const reader = createSecretReader();
  await reader.describe(address);
  await reader.describe(address);
  expect(seen).toEqual([
    { by: 'OWN', asked: `AssumeRole ${role}` },
    { by: 'SESSION1', asked: 'DescribeSecret' },
    { by: 'SESSION1', asked: 'DescribeSecret' },
  ]);
});

test('without the variable, the own credentials read', async () => {
  delete process.env.KEYTURN_ROLE;
  await createSecretReader().describe(address);
  expect(seen).toEqual([{ by: 'OWN', asked: 'DescribeSecret' }]);
});

test('where it may not be assumed, the error says what to do', async () => {
  mayAssume = false;
  await expect(createSecretReader().describe(address)).rejects.toThrow(
    `the role ${role} cannot be assumed with these AWS credentials; run the server with the role that config/keys.ts names for it, and add to that what \`npx keyturn grants\` prints, or correct KEYTURN_ROLE`,
  );
});

test.each([
  [{}, 'cloudwatch'],
  [{ AWS_LAMBDA_FUNCTION_NAME: 'bot' }, 'stderr'],
  // The log of another account tells the alarms nothing.
  [{ AWS_LAMBDA_FUNCTION_NAME: 'bot', KEYTURN_ROLE: role }, 'cloudwatch'],
])('with %j, usage goes to %s', (env, target) => {
  expect(defaultUsageTarget(env, undefined)).toBe(target);
});
