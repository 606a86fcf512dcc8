// Whose key a text of a host's configuration is. This folder turns keys that a team already has into entries of its configuration.
import { connectorFor } from '../../connectors/index';
import { malformation } from '../../core/key/malformed';
import { withoutLikelySecrets } from '../../lib/config/problems/likely-secrets';
import { type ProviderName, providerNames, providers } from '../../lib/config/providers';
import { candidatesIn, withoutReferences } from '../hosts/candidates';
import type { HostText } from '../hosts/host-texts';
import { firstKey } from '../init/first-keys';

/** The key itself stays in a function, so that nothing that prints an object prints it. */
export interface RecognisedKey {
  provider: ProviderName;
  secret(): string;
  /** Where the key itself tells it. */
  keyId?: string;
}

/** A secret of a service that no connector is for. */
export interface UnrecognisedSecret {
  provider: undefined;
  secret(): string;
}

export type Recognition = RecognisedKey | UnrecognisedSecret | 'no secret';

export function recognise(text: HostText): Recognition {
  const value = withoutReferences(text.text());
  const candidates = [...candidatesIn(value)];
  for (const provider of providerNames) {
    const { secretMark, secretPattern } = connectorFor(provider);
    const marked = secretMark && candidates.find(each => secretMark.test(each) && secretPattern.test(each));
    if (marked !== undefined) return recognised(provider, marked);
  }
  if (!text.server && !text.variable) return 'no secret';
  const bare = bareValue(value);
  if (bare.length < shortest || malformation(bare)) return unknownOr(text, value);
  const provider = providerNames.find(
    name => isAbout(text, name) && providers[name].secretPattern.test(bare),
  );
  if (provider) return recognised(provider, bare);
  return unknownOr(text, value);
}

const shortest = 12;

function recognised(provider: ProviderName, secret: string): RecognisedKey {
  const connector = connectorFor(provider);
  const keyId =
    connector.kind === 'issue' || connector.kind === 'mint' ? connector.keyIdOf?.(secret) : undefined;
  return { provider, secret: () => secret, ...(keyId !== undefined && { keyId }) };
}

/** Without the word of an Authorization header, or the flag or the variable that it is given to. */
function bareValue(text: string): string {
  return text
    .trim()
    .replace(/^(?:--?[a-z][a-z-]*=|[A-Za-z_]\w*=)/, '')
    .replace(/^(?:bearer|token|basic)\s+/i, '');
}

/** Its variable is the one that the provider's own libraries read, or a secret of its name. */
function isAbout({ place, variable, about }: HostText, provider: ProviderName): boolean {
  const { env = {} } = firstKey(provider, 'server').key;
  const variables = typeof env === 'string' ? [env] : Object.keys(env).filter(name => env[name] === 'secret');
  if (variable !== undefined && variables.includes(variable)) return true;
  // Keys of these could look like anything, and their names say no more than that they are some server's.
  if (providers[provider].title.toLowerCase() !== provider) return false;
  return namesSecret(place) && wordsOf(about).includes(provider);
}

function unknownOr(text: HostText, value: string): Recognition {
  return isSecret(text, value) ? { provider: undefined, secret: () => bareValue(value) } : 'no secret';
}

function isSecret({ place }: HostText, value: string): boolean {
  if (!value.trim()) return false;
  const bare = bareValue(value);
  if (namesSecret(place) && bare.length >= shortest && !/^\S*:\/\//.test(bare) && !malformation(bare))
    return true;
  return withoutLikelySecrets(value) !== value || /:\/\/[^/\s:@]*:[^/\s@]+@/.test(value);
}

const secretWords = [
  'key',
  'apikey',
  'token',
  'secret',
  'password',
  'passwd',
  'pass',
  'pat',
  'auth',
  'authorization',
  'credential',
  'credentials',
];

function namesSecret(place: string): boolean {
  return wordsOf(place).some(word => secretWords.includes(word));
}

/** `apiKey`, `API_KEY`, `X-Api-Key` -> api, key */
function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}
