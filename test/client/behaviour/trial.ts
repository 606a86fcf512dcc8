// What every client library is tried with: AWS with one server's secrets in it, and a provider on loopback that the client calls.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openSecrets, type SecretsSetup } from '../../support/secrets';

/** How the function that is given to `use` tells of a 401; `broken`: it raises another error, and calls nothing. */
export type Way = 'returned' | 'KeyRejected' | 'status' | 'response' | 'broken';

export interface UseOptions {
  url: string;
  name: string;
  way: Way;
}

/** A key as the client hands it out, and all that can be printed of it. */
export interface ShownKey {
  secret: string;
  keyId: string;
  fields: Record<string, string>;
  printed: string[];
}

/** What each client can do. Errors carry `code` and `message`. */
export interface ClientUnderTest {
  /** @returns the status of the last answer */
  use(options: UseOptions): Promise<number>;
  get(name: string): Promise<ShownKey>;
  env(): Promise<Record<string, string>>;
}

/** As a program gives them to either library. */
export interface ClientOptions {
  variables: Record<string, string>;
  /** Keys that are short-lived tokens, with the scopes that are asked for. */
  tokens: Record<string, readonly string[]>;
  /** Keys in whose place the server's AWS role is accepted, with what an admin set up. */
  federate: Record<string, object>;
}

export type MakeClient = (
  secrets: SecretsSetup,
  options: ClientOptions,
) => ClientUnderTest | Promise<ClientUnderTest>;

export interface TrialProvider {
  url: string;
  /** What was shown to it, oldest first. */
  shown: string[];
  /** From now on it accepts only these; at first it accepts everything. */
  accept(...secrets: string[]): void;
  /** What it answers to others. @default 401 */
  refusal: number;
  /** Happens before an answer. */
  before: (secret: string) => Promise<void>;
}

export interface Trial {
  secrets: SecretsSetup;
  provider: TrialProvider;
  client: ClientUnderTest;
  use(way?: Way, name?: string): Promise<number>;
  /** Makes a request. @returns the secret that the provider was shown last */
  used(): Promise<string | undefined>;
}

/** How a client library behaves, whatever its language: the cases are played with each client over the model of AWS. */
export interface Case {
  name: string;
  tokens?: ClientOptions['tokens'];
  federate?: ClientOptions['federate'];
  /** The function given to `use` raises an error: not for what makes the requests itself. */
  hasOwnFunction?: true;
  play(trial: Trial): Promise<void>;
}

const variables = { GITLAB_TOKEN: 'gitlab', GITLAB_HOST: 'gitlab:host' };

export async function playTrial(
  make: MakeClient,
  { play, tokens = {}, federate = {} }: Pick<Case, 'play' | 'tokens' | 'federate'>,
): Promise<void> {
  const options = { variables, tokens, federate };
  const secrets = await openSecrets({ variables });
  // Of Lambda and STS, too.
  process.env.AWS_ENDPOINT_URL = secrets.aws.endpoint;
  const { provider, close } = await openProvider(secrets);
  try {
    secrets.addSecret('gitlab');
    const client = await make(secrets, options);
    const use = (way: Way = 'returned', name = 'gitlab') => client.use({ url: provider.url, name, way });
    const used = async () => {
      await use();
      return provider.shown.at(-1);
    };
    await play({ secrets, provider, client, use, used });
  } finally {
    await close();
    await secrets.close();
  }
}

async function openProvider({
  aws,
}: SecretsSetup): Promise<{ provider: TrialProvider; close(): Promise<void> }> {
  let accepted: string[] | undefined;
  const server = createServer(async (request, response) => {
    const secret = request.headers.authorization?.replace('Bearer ', '') ?? '';
    request.resume();
    provider.shown.push(secret);
    await provider.before(secret);
    response.writeHead(!accepted || accepted.includes(secret) ? 200 : provider.refusal).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Time may pass while a call is under way.
  aws.clock.leaveOut(server);
  const provider: TrialProvider = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    shown: [],
    accept: (...secrets) => {
      accepted = secrets;
    },
    refusal: 401,
    before: async () => {},
  };
  return {
    provider,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
