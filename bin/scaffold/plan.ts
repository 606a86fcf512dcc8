// What `keyturn connector new` writes: a connector and its dialect, which compile and keep no promise yet, and what names them.
// This folder holds their texts.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KeyturnError } from '../../core/errors';
import { issuersWord, namePart } from '../../core/key/key-address';
import { isBuiltIn } from '../../lib/config/providers';

export const scaffoldKinds = [
  'issue',
  'install',
  'roll',
  'mint',
  'revoke-only',
  'manual',
  'federate',
] as const;
export type ScaffoldKind = (typeof scaffoldKinds)[number];

export interface ConnectorPlan {
  /** `acme-mail` */
  readonly provider: string;
  /** `acmeMail` */
  readonly constant: string;
  /** `Acme Mail` */
  readonly title: string;
  readonly kind: ScaffoldKind;
  /** What its keys begin with; empty where with nothing of their own. */
  readonly prefix: string;
  /** Scheme and host. */
  readonly origin: string;
  /** True in Keyturn's own repository, whose connectors are known by its registry. */
  readonly isInside: boolean;
  /** From the folder in which the command runs. */
  readonly places: { readonly connector: string; readonly dialect: string; readonly test?: string };
  /** `2026-11-29` */
  readonly today: string;
}

/** In Keyturn's own repository. */
export const registry = 'connectors/registry.ts';

/** The longest that leaves room in the names of roles. */
export const providerMaxLength = 16;

/** @throws {KeyturnError} usage, for a name that no provider may have */
export function providerNamed(typed: string): string {
  const fault =
    typed === issuersWord
      ? 'is kept for issuer credentials'
      : !namePart.test(typed)
        ? 'is not a provider name'
        : typed.length > providerMaxLength
          ? `has ${typed.length} characters`
          : isBuiltIn(typed)
            ? 'is a provider of Keyturn already'
            : undefined;
  if (!fault) return typed;
  throw new KeyturnError(
    'usage',
    `"${typed}" ${fault}; use small letters, digits and dashes, at most ${providerMaxLength} characters, such as acme-mail`,
  );
}

/** @throws {KeyturnError} usage */
export function kindNamed(typed: string): ScaffoldKind {
  const kind = scaffoldKinds.find(each => each === typed);
  if (kind) return kind;
  const fix =
    typed === 'self-issued'
      ? "name the provider self-issued in config/keys.ts, which is there for keys of any server's own clients"
      : `use one of ${scaffoldKinds.join(', ')} (docs/add-a-connector.md says which)`;
  throw new KeyturnError('usage', `kind "${typed}" cannot be generated here; ${fix}`);
}

/** @throws {KeyturnError} usage */
export function originNamed(typed: string): string {
  const origin = URL.canParse(typed) ? new URL(typed).origin : undefined;
  if (origin?.startsWith('https://') && new URL(typed).pathname === '/') return origin;
  throw new KeyturnError(
    'usage',
    `base URL "${typed}" is not the address of an API; give scheme and host, such as https://api.example.com`,
  );
}

/** @throws {KeyturnError} usage */
export function prefixNamed(typed: string): string {
  if (/^[\w.:-]{0,20}$/.test(typed)) return typed;
  throw new KeyturnError(
    'usage',
    `key prefix "${typed}" is not a key prefix; give what every key begins with, such as sk_, of letters, digits and _ - . : only`,
  );
}

/** Words that TypeScript keeps for itself, and that a provider may be called by. */
const kept = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
);

function constantOf(name: string): string {
  if (!kept.has(name)) return name;
  return `provider${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** As a field of an object is written, and the name of an export. */
export function fieldOf(provider: string): string {
  return /^[a-z]\w*$/.test(provider) ? provider : `'${provider}'`;
}

/** @param folder in which the command runs */
export function planOf(
  answers: Pick<ConnectorPlan, 'provider' | 'kind' | 'prefix' | 'origin'> & { title?: string },
  folder: string,
  now: Date,
): ConnectorPlan {
  const { provider } = answers;
  const words = provider.split('-');
  const capitalized = words.map(word => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  const isInside = [registry, 'rehearsal/providers/dialects'].every(place => existsSync(join(folder, place)));
  return {
    ...answers,
    constant: constantOf([words[0], ...capitalized.slice(1)].join('')),
    title: answers.title ?? capitalized.join(' '),
    isInside,
    places: isInside
      ? {
          connector: `connectors/providers/${provider}.ts`,
          dialect: `rehearsal/providers/dialects/${provider}.ts`,
        }
      : {
          connector: `connectors/${provider}.ts`,
          dialect: `connectors/${provider}-dialect.ts`,
          test: `connectors/${provider}.test.ts`,
        },
    today: now.toISOString().slice(0, 10),
  };
}
