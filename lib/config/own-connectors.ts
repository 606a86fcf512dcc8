// A team's own connectors, as its configuration names them: checked, and made known to this process.
import { types } from 'node:util';
import * as z from 'zod';
import { isTarget } from '../../targets/targets';
import { type Mistake, parsePiece, quoted } from './problems/problem';
import { bringOwn, federationLimits, isBuiltIn, type OwnConnectorInput } from './providers';
import { nameShape } from './shape/config-shape';
import { httpApiShape } from './shape/http-api-shape';

const aFunction = (what: string) =>
  z.custom(each => typeof each === 'function', { error: `is not a function; ${what}` });
const seconds = (least: number, most: number) =>
  z
    .int({ error: `is not a number of seconds; give ${least} to ${most}` })
    .check(
      z.gte(least, { error: `is too short; give ${least} to ${most} seconds` }),
      z.lte(most, { error: `is too long; give ${least} to ${most} seconds` }),
    );
const step = z.string({ error: 'is not text; say what a person does at the provider' });
const { shortestIdentity, longestIdentity, longestToken } = federationLimits;
const federationShape = z.looseObject({
  exchange: aFunction('exchange the JWT for a token'),
  trustOf: aFunction('name what trusts the server at the provider'),
  audience: aFunction('say whom the JWT is for'),
  algorithm: z.enum(['RS256', 'ES384'], {
    error: 'is not an algorithm that STS signs with; use RS256 or ES384',
  }),
  identitySeconds: seconds(shortestIdentity, longestIdentity),
  tokenSecondsAtMost: seconds(1, longestToken),
  trust: z.looseObject({ make: step, end: step }, { error: 'is missing; give { make, end }' }),
});
const moduleShape = z.strictObject({
  connector: z.looseObject(
    {
      provider: z.string({ error: 'is not a name; give the name that it has here' }),
      kind: z.enum(['issue', 'install', 'roll', 'self-issued', 'mint', 'revoke-only', 'manual', 'federate'], {
        error: 'is not a kind of connector; see the types of keyturn/connectors',
      }),
      settings: z.custom(isShape, { error: 'is not a zod schema; write z.strictObject({ ... })' }),
      secretPattern: z.custom(types.isRegExp, {
        error: 'is not a regular expression; say what a key looks like',
      }),
      verify: z.custom(each => typeof each === 'function', {
        error: 'is not a function; ask the provider about a key',
      }),
      federation: federationShape.optional(),
    },
    { error: 'is not a connector; import it from its module' },
  ),
  file: z.string({ error: 'is not a file; name the module, like connectors/inhouse.ts' }).min(1, {
    error: 'is empty; name the module, like connectors/inhouse.ts',
  }),
  dialect: z.string({ error: 'is not a file; name the module of its dialect' }).optional(),
});
const federatingShape = z.looseObject({ connector: federationShape });
const apiShape = z.strictObject({
  httpApi: httpApiShape,
  dialect: z.string({ error: 'is not a file; name the module of its dialect' }).optional(),
});

let known: Readonly<Record<string, OwnConnectorInput>> = {};

/** Those of the configuration that was read last. */
export function ownConnectorsOf(names: readonly string[]): Record<string, OwnConnectorInput> {
  return Object.fromEntries(Object.entries(known).filter(([name]) => names.includes(name)));
}

/** Keys of those that are wrong are unknown, too: each is told of. */
export function readOwnConnectors(
  written: Readonly<Record<string, OwnConnectorInput>>,
  problems: Mistake[],
): void {
  const good = Object.entries(written).filter(([name, own]) => isGood(name, own, problems));
  known = Object.fromEntries(good);
  bringOwn(known);
}

function isGood(name: string, own: unknown, problems: Mistake[]): boolean {
  const place = `connectors.${name}`;
  const bases = [['connectors', name]];
  const before = problems.length;
  const note = (text: string) => void problems.push({ place, text, paths: bases });
  parsePiece(nameShape, name, place, problems, bases);
  const taken = takenBy(name);
  if (taken) note(`"${name}" is ${taken}; choose another name`);
  if (typeof own !== 'object' || own === null || 'httpApi' in own === 'connector' in own) {
    note(`${quoted(own)} is neither a module nor an API; write { connector, file } or { httpApi }`);
    return false;
  }
  if ('httpApi' in own) {
    const read = parsePiece(apiShape, own, place, problems, bases);
    if (read) for (const text of unfilled(read.httpApi)) note(text);
  } else {
    const { kind, provider = name } = parsePiece(moduleShape, own, place, problems, bases)?.connector ?? {};
    if (kind === 'federate') parsePiece(federatingShape, own, place, problems, bases);
    if (provider !== name)
      note(`connector.provider "${provider}" is not its name here; write "${name}" in both places`);
  }
  return problems.length === before;
}

function takenBy(name: string): string | undefined {
  if (isBuiltIn(name)) return 'a provider that Keyturn has';
  // Its credential would be where the place's token is.
  return isTarget(name) ? 'a kind of place that keys are delivered to' : undefined;
}

/** Names in braces that nothing fills. */
function unfilled(api: z.output<typeof httpApiShape>): string[] {
  const settings = Object.keys(api.settings ?? {}).map(name => `settings.${name}`);
  const made = ['name', 'scopes', 'expiresAt', 'expiresAtSeconds'];
  const { path: at, query, body } = api.create;
  const calls: [field: string, template: unknown, fills: readonly string[]][] = [
    ['origin', api.origin, settings],
    ['key.callOrigins', api.key.callOrigins, settings],
    ['create', { at, query, body }, [...settings, ...made]],
    ['list', [api.list.path, api.list.query], settings],
    ['revoke', [api.revoke.path, api.revoke.query, api.revoke.body], [...settings, 'id']],
    ['verify', [api.verify.path, api.verify.query], settings],
  ];
  return calls.flatMap(([field, template, fills]) =>
    textsIn(template)
      .flatMap(text => [...text.matchAll(/\{([^{}]*)\}/g)].flatMap(([, name]) => name ?? []))
      .filter(name => !fills.includes(name))
      .map(name => {
        const could = fills.length ? `use ${fills.map(fill => `{${fill}}`).join(', ')}` : 'leave it out';
        return `httpApi.${field} names {${name}}, which nothing fills; ${could}`;
      }),
  );
}

function textsIn(written: unknown): string[] {
  if (typeof written === 'string') return [written];
  return typeof written === 'object' && written !== null ? Object.values(written).flatMap(textsIn) : [];
}

function isShape(written: unknown): boolean {
  return typeof written === 'object' && written !== null && 'safeParse' in written;
}
