// The scanners that report leaks: each signs as its documentation says, and sends to the function's URL. GitHub's public keys are served
// where everybody gets them.
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { UrlReply } from '@keyturn/aws-model/lambda/function-url';
import { tokenScanners } from '../../core/leaks/leak-report';
import { hmslHash } from '../../core/leaks/matching';
import { functionName } from '../../lib/config/aws/names';
import type { RehearsalContext } from './rehearsal-context';

/** What one sends, as it goes over the wire. */
export interface SentReport {
  headers: Record<string, string>;
  body: Buffer;
}

export interface Scanners {
  github(finds: { token: string; url?: string }[]): SentReport;
  /** @param at what the sender's clock says */
  gitguardian(secret: string, url: string, at: Date): Promise<SentReport>;
  trufflehog(secret: string, url: string): SentReport;
  /** To the URL of the environment. Under virtual time: other work goes on meanwhile. */
  send(report: SentReport): Promise<UrlReply>;
  /** Whether GitHub gives its public keys. */
  githubIsThere: boolean;
}

const keyId = 'f9525bf080f75b3506ca1ead061add62b8633a346606dc5fe544e29231c6ee0d';
const tokenOf = (scanner: string) => `signature-token-of-${scanner}-in-a-rehearsal`;
const json = { 'content-type': 'application/json' };

/** Sets the tokens under which they sign, as an administrator does. */
export async function openScanners(context: RehearsalContext): Promise<Scanners> {
  const { environment, world } = context;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  world.providers.serve('https://api.github.com/meta/public_keys/secret_scanning', () =>
    scanners.githubIsThere
      ? {
          status: 200,
          body: {
            public_keys: [
              {
                key_identifier: keyId,
                key: publicKey.export({ type: 'spki', format: 'pem' }),
                is_current: true,
              },
            ],
          },
        }
      : { status: 503, body: {} },
  );
  for (const scanner of tokenScanners) {
    if (!environment.leakReports?.from.includes(scanner)) continue;
    const code = await context.keyturn(
      ['leaked', 'set-token', scanner, '--env', environment.name],
      tokenOf(scanner),
    );
    if (code !== 0)
      throw new Error(`npx keyturn leaked set-token ended with ${code}:\n${context.cliOutput.join('')}`);
  }
  const scanners: Scanners = {
    githubIsThere: true,

    github(finds) {
      const body = Buffer.from(
        JSON.stringify(
          finds.map(({ token, url = '' }) => ({ token, type: 'keyturn_key', url, source: 'content' })),
        ),
      );
      return {
        headers: {
          ...json,
          'Github-Public-Key-Identifier': keyId,
          'Github-Public-Key-Signature': sign('sha256', body, privateKey).toString('base64'),
        },
        body,
      };
    },

    async gitguardian(secret, url, at) {
      const hmsl_hash = await hmslHash(secret);
      const incident = { id: 1, hmsl_hash, status: 'triggered', gitguardian_url: url };
      const body = Buffer.from(
        JSON.stringify({
          source: 'GitGuardian',
          timestamp: at.toISOString(),
          action: 'incident_triggered',
          incident,
        }),
      );
      const timestamp = String(Math.floor(at.getTime() / 1000));
      const signature = createHmac('sha256', timestamp + tokenOf('gitguardian'))
        .update(body)
        .digest('hex');
      return { headers: { ...json, timestamp, 'Gitguardian-Signature': `sha256=${signature}` }, body };
    },

    trufflehog(secret, url) {
      const body = Buffer.from(
        JSON.stringify({ source_type: 'SourceType_SOURCE_TYPE_GIT', link: url, result: { raw: secret } }),
      );
      const signature = createHmac('sha256', tokenOf('trufflehog')).update(body).digest('hex');
      return { headers: { ...json, 'X-Hub-Signature': signature }, body };
    },

    send: report =>
      world.clock.runWhile(() =>
        world.model.functionUrls.request(functionName(environment.name, 'leak-report'), {
          method: 'POST',
          ...report,
        }),
      ),
  };
  return scanners;
}
