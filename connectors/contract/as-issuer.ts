// Calls as the issuer: its credential is read when it is first needed, and where the provider wants a token in its place, one
// is fetched with it.
import { hasCode } from '../../core/errors';
import type { Http } from '../http/http';
import { type IssuerTokens, presenting } from '../http/issuer-tokens';
import { type Connector, issuerShapeOf } from './connector';
import type { SafeReplies } from './safe-replies';
import { validIssuer } from './validated';

/** One piece of work at the provider. @param held values of keys that it may know */
export type AskProvider = <T>(work: (http: Http) => Promise<T>, ...held: unknown[]) => Promise<T>;

type AskAsIssuer = <T>(work: (http: Http, issuer: unknown) => Promise<T>, ...held: unknown[]) => Promise<T>;

export interface IssuerCalls {
  /** One piece of work with the issuer credential in hand. */
  askWithIssuer: AskAsIssuer;
  /** The same, signed in where the connector signs in. */
  askAsIssuer: AskAsIssuer;
}

export function issuerCalls(
  connector: Connector,
  binding: { readIssuer(): Promise<unknown>; environment: string },
  settings: unknown,
  { safe, ask, tokens }: { safe: SafeReplies; ask: AskProvider; tokens: IssuerTokens },
): IssuerCalls {
  let reading: Promise<unknown> | undefined;
  const credential = () => {
    reading ??= readIssuer(connector, binding, settings);
    return reading;
  };

  const askWithIssuer: AskAsIssuer = async (work, ...held) => {
    const issuer = await credential();
    return ask(http => work(http, issuer), issuer, ...held);
  };

  const signIn = 'signIn' in connector ? connector.signIn : undefined;
  if (!signIn) return { askWithIssuer, askAsIssuer: askWithIssuer };

  return {
    askWithIssuer,
    async askAsIssuer(work, ...held) {
      const issuer = await credential();
      const fetch = async () => safe.signedIn(await ask(http => signIn(http, issuer, settings), issuer));
      const token = await tokens.of(issuer, fetch);
      try {
        return await ask(http => work(presenting(http, token), issuer), issuer, token, ...held);
      } catch (error) {
        if (hasCode(error, 'issuer-rejected')) tokens.forget(issuer);
        throw error;
      }
    },
  };
}

async function readIssuer(
  connector: Connector,
  { readIssuer, environment }: { readIssuer(): Promise<unknown>; environment: string },
  settings: unknown,
): Promise<unknown> {
  const shape = issuerShapeOf(connector);
  if (!shape || connector.kind === 'self-issued') return undefined;
  const { provider, title, origins } = connector;
  const { issuer, issuerHelp, issuerOrigin } = shape;
  const owner = { provider, title, origins, issuer, issuerHelp, issuerOrigin };
  return validIssuer(owner, await readIssuer(), settings, environment);
}
