// The gateway of examples/own-connector, and the STS that signs for its servers, as a program outside this repository finds them.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EnableOutboundWebIdentityFederationCommand, IAMClient } from '@aws-sdk/client-iam';
import { openLocalAws } from '@keyturn/aws-model/test/support/local-aws';
import { dialect } from '../../examples/own-connector/connectors/gateway-dialect';
import { type FakeProviders, startFakeProviders } from '../../rehearsal/providers/fake-provider';
import type { Trust } from '../../rehearsal/providers/federation';
import { originHeader } from '../../rehearsal/providers/routed-fetch';

export interface Gateway {
  fakes: FakeProviders;
  /** In the role `server`. */
  trust: Trust;
  /** An administrator of the account has it prove roles to others. */
  enable(): Promise<unknown>;
  /** Runs a program that calls the gateway, as that role. */
  run(program: string): Promise<{ stdout: string; stderr: string }>;
  close(): Promise<void>;
}

/** @param folder of the program @param env of its process, besides AWS's */
export async function openGateway(folder: string, env: NodeJS.ProcessEnv): Promise<Gateway> {
  const aws = await openLocalAws();
  const { webIdentity } = aws.model;
  const clock = { now: () => aws.clock.now(), park: aws.passMs };
  const fakes = await startFakeProviders({ clock, identities: [webIdentity], dialects: [dialect] });
  // In the place of names and TLS.
  writeFileSync(
    join(folder, 'route.mjs'),
    `const real = fetch;
globalThis.fetch = (input, init = {}) => {
  const { origin, pathname } = new URL(input);
  const headers = new Headers(init.headers);
  headers.set('${originHeader}', origin);
  return real('http://127.0.0.1:${fakes.port}' + pathname, { ...init, headers });
};`,
  );
  const region = { AWS_ENDPOINT_URL: aws.endpoint, AWS_REGION: 'eu-west-1' };
  const caller = { ...region, AWS_ACCESS_KEY_ID: 'server', AWS_SECRET_ACCESS_KEY: 'not-checked' };
  return {
    fakes,
    trust: fakes.trust('gateway', {
      settings: { client: 'search' },
      issuer: webIdentity.issuer,
      subject: 'arn:aws:iam::111111111111:role/server',
    }),
    enable: () => new IAMClient(aws.as('admin')).send(new EnableOutboundWebIdentityFederationCommand({})),
    run: program =>
      promisify(execFile)(process.execPath, ['--import', './route.mjs', program], {
        cwd: folder,
        env: { ...env, ...caller },
        timeout: 600_000,
      }),
    async close() {
      await fakes.close();
      await aws.close();
    },
  };
}
