// AWS credentials in a file, as `aws sso login` and its like renew them, and an AWS that refuses those from before.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Login } from '../../rehearsal/lanes/run-lane';

const refusal = JSON.stringify({
  __type: 'ExpiredTokenException',
  message: 'The security token included in the request is expired',
});

/** @param endpoint of the AWS that answers where the credentials are good */
export async function openEndingCredentials(endpoint: string): Promise<Login> {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-credentials-'));
  const file = join(folder, 'credentials');
  let number = 0;
  let refused = 0;
  const server = createServer((incoming, outgoing) => {
    const id = /Credential=([^/]+)/.exec(incoming.headers.authorization ?? '')?.[1];
    if (id !== `login-${number}`) {
      refused++;
      incoming.resume();
      outgoing.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' }).end(refusal);
      return;
    }
    const { method, headers } = incoming;
    const onward = request(endpoint, { method, headers }, answer => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));

  function renew(): void {
    const lines = [`aws_access_key_id = login-${++number}`, 'aws_secret_access_key = not-checked'];
    writeFileSync(file, ['[default]', ...lines, ''].join('\n'));
  }
  renew();
  return {
    env: {
      AWS_SHARED_CREDENTIALS_FILE: file,
      AWS_CONFIG_FILE: join(folder, 'none'),
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
    renew,
    refused: () => refused,
    close() {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
