// How a client library gets tokens of providers that accept the server's AWS role: STS of the model signs, and fakes of the
// providers check what they get as the real ones do.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnableOutboundWebIdentityFederationCommand, IAMClient } from '@aws-sdk/client-iam';
import { minutes } from '@keyturn/aws-model/test/support/local-aws';
import { openNetwork } from '../../../rehearsal/lanes/network';
import {
  type FakeProviders,
  type ProviderCall,
  type ProviderFault,
  startFakeProviders,
} from '../../../rehearsal/providers/fake-provider';
import type { Trust } from '../../../rehearsal/providers/federation';
import { originHeader } from '../../../rehearsal/providers/routed-fetch';
import type { SecretsSetup } from '../../support/secrets';
import { type ClientOptions, type ClientUnderTest, playTrial, type Trial } from './trial';

/** What each provider that accepts AWS roles is told of this server, and where it exchanges. */
const federate = {
  openai: { identityProvider: 'idp_support', serviceAccount: 'svc_acct_support' },
  anthropic: {
    rule: 'fdrl_support',
    organization: '00000000-0000-4000-8000-000000000000',
    serviceAccount: 'svac_support',
    workspace: 'wrkspc_support',
  },
  openrouter: { policy: '00000000-0000-4000-8000-000000000001' },
  kernel: { rule: 'wifr_support' },
  buildkite: { clientId: 'support', audience: 'https://buildkite.com/support', scopes: ['read_builds'] },
};
type Provider = keyof typeof federate;
export const providers = Object.keys(federate) as Provider[];
const hosts = ['auth.openai.com', 'api.anthropic.com', 'openrouter.ai', 'auth.onkernel.com', 'buildkite.com'];

export interface Reach {
  /** Where the fakes listen, for a client that is led there. */
  port: number;
  /** The network in which they have their names, for one in a process of its own. */
  env: Record<string, string>;
}

export type MakeFederated = (
  secrets: SecretsSetup,
  options: ClientOptions,
  reach: Reach,
) => ClientUnderTest | Promise<ClientUnderTest>;

interface FederationTrial extends Trial {
  fakes: FakeProviders;
  trusts: Map<Provider, Trust>;
  /** What goes wrong with exchanges. */
  fault: { of: (call: ProviderCall) => ProviderFault | undefined };
  exchanges(): number;
}

export async function playFederation(
  make: MakeFederated,
  play: (trial: FederationTrial) => Promise<void>,
): Promise<void> {
  const closing: (() => Promise<void>)[] = [];
  const fault: FederationTrial['fault'] = { of: () => undefined };
  let opened: Pick<FederationTrial, 'fakes' | 'trusts'> | undefined;
  async function open(secrets: SecretsSetup, options: ClientOptions): Promise<ClientUnderTest> {
    const { aws } = secrets;
    const { webIdentity } = aws.model;
    const fakes = await startFakeProviders({
      clock: { now: () => aws.clock.now(), park: aws.passMs },
      identities: [webIdentity],
      intercept: call => (call.kind === 'exchange' ? fault.of(call) : undefined),
    });
    const network = await openNetwork(hosts, leadTo(fakes.port));
    closing.push(network.close, fakes.close);
    const subject = 'arn:aws:iam::111111111111:role/support-bot';
    const trusts = new Map(
      providers.map(provider => {
        const settings = federate[provider];
        return [provider, fakes.trust(provider, { settings, issuer: webIdentity.issuer, subject })];
      }),
    );
    opened = { fakes, trusts };
    const folder = mkdtempSync(join(tmpdir(), 'keyturn-network-'));
    closing.push(async () => rmSync(folder, { recursive: true }));
    const certificate = join(folder, 'ca.pem');
    writeFileSync(certificate, network.trusted);
    const env = { HTTPS_PROXY: network.proxyUrl, SSL_CERT_FILE: certificate };
    return make(secrets, options, { port: fakes.port, env });
  }
  try {
    await playTrial(open, {
      federate,
      async play(trial) {
        if (!opened) throw new Error('the fakes were not started');
        const { fakes } = opened;
        const exchanges = () => fakes.calls.filter(({ kind }) => kind === 'exchange').length;
        await play({ ...trial, ...opened, fault, exchanges });
      },
    });
  } finally {
    for (const close of closing) await close();
  }
}

/** As the client sent it, with the host that it was meant for. */
function leadTo(port: number) {
  return (asked: IncomingMessage, answer: ServerResponse) => {
    const { method, url, headers } = asked;
    const led = { ...headers, [originHeader]: `https://${headers.host}` };
    const onward = request({ port, method, path: url, headers: led }, reply => {
      answer.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  };
}

const enable = ({ secrets }: Trial) =>
  new IAMClient(secrets.aws.as('admin')).send(new EnableOutboundWebIdentityFederationCommand({}));
const use = ({ use }: Trial, provider: Provider = 'openai') => use('returned', provider);

export const federationCases: [name: string, play: (trial: FederationTrial) => Promise<void>][] = [
  [
    'each provider exchanges, and takes what it gave',
    async trial => {
      await enable(trial);
      for (const provider of providers) {
        expect(await use(trial, provider)).toBe(200);
        const shown = trial.provider.shown.at(-1);
        expect(trial.fakes.liveKeys(provider).map(({ secret }) => secret)).toContain(shown);
      }
      expect(trial.exchanges()).toBe(providers.length);
      expect(trial.fakes.violations).toEqual([]);
    },
  ],
  [
    'calls that come together share one exchange',
    async trial => {
      await enable(trial);
      expect(await Promise.all(Array.from({ length: 20 }, () => use(trial)))).toEqual(Array(20).fill(200));
      expect(trial.exchanges()).toBe(1);
    },
  ],
  [
    'an exchange that fails, or whose answer is lost, is made again with another proof',
    async trial => {
      await enable(trial);
      const faults: ProviderFault[] = [{ kind: 'drop-after' }, { kind: '429', retryAfterSeconds: 3 }];
      trial.fault.of = () => faults.shift();
      const begunAt = trial.secrets.aws.clock.now().getTime();
      expect(await use(trial, 'kernel')).toBe(200);
      expect(trial.secrets.aws.clock.now().getTime() - begunAt).toBe(500 + 3_000);
      expect(trial.exchanges()).toBe(3);
    },
  ],
  [
    'the last token serves while the provider exchanges nothing, and ends with its end',
    async trial => {
      await enable(trial);
      expect(await use(trial)).toBe(200);
      trial.fault.of = () => ({ kind: 'status', status: 503 });
      await trial.secrets.aws.passMs(minutes(14));
      expect(await use(trial)).toBe(200);
      await trial.secrets.aws.passMs(minutes(2));
      await expect(use(trial)).rejects.toMatchObject({ code: 'provider-down' });
      trial.fault.of = () => undefined;
      expect(await use(trial)).toBe(200);
    },
  ],
  [
    'what is wrong is said: the account, the role, the trust',
    async trial => {
      const { secrets, client, trusts } = trial;
      await expect(client.get('openai')).rejects.toThrow('aws iam enable-outbound-web-identity-federation');
      await enable(trial);
      secrets.aws.rules.decide = ({ action }) =>
        action === 'sts:GetWebIdentityToken' ? { allowed: false, message: 'no' } : { allowed: true };
      await expect(client.get('openai')).rejects.toThrow(/may not call sts:GetWebIdentityToken/);
      secrets.aws.rules.decide = () => ({ allowed: true });
      const trust = trusts.get('openai');
      if (trust) trust.enabled = false;
      await expect(client.get('openai')).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringMatching(
          /^OpenAI does not accept the AWS identity of this server \(it answered 401 invalid_grant\); check that the rule of idp_support for the service account svc_acct_support exists, is enabled, and names the issuer \S+, the subject arn:aws:iam::111111111111:role\/support-bot and the audience https:\/\/api.openai.com\/v1$/,
        ),
      });
    },
  ],
];
