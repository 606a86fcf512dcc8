// Keys that do not exist, since their provider accepts the server's AWS role: what `federate` says of them in config/keys.ts.
import * as z from 'zod';
import type { KeyAddress } from '../../../core/key/key-address';
import { type Mistake, type Path, parsePiece, placeOf, quoted, suggestion } from '../problems/problem';
import { federatingProviders, federationFor } from '../providers';
import { nameShape, variablesShape } from '../shape/config-shape';

/** A federation in one environment: there is no secret, and nothing to rotate. */
export interface FederatedKey {
  readonly address: KeyAddress;
  /** What an admin set up at the provider. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Variable -> field, which is `secret`: the token has no others. */
  readonly env: Readonly<Record<string, string>>;
}

const settings = z.record(z.string(), z.unknown(), {
  error: 'must be an object; name what an admin set up at the provider, as docs/federation.md says',
});
const federatedShape = z
  .strictObject({
    provider: z.string({ error: 'is not a provider; give its name' }),
    purpose: nameShape.optional(),
    env: variablesShape.optional(),
    federate: settings,
    environments: z
      .record(
        z.string(),
        z
          .strictObject({ federate: settings.optional() })
          .describe('must be an object; write what differs there, or {}'),
        { error: 'must be an object; write it like { prod: {} }' },
      )
      .optional(),
  })
  .describe("must be an object; write it like { provider: 'openai', federate: { ... } }");

export type ReadFederation = z.output<typeof federatedShape> & { path: Path };

/** True of what a person wrote in the place of a key: then it has no scopes, no tier and no schedule. */
export function isFederated(written: unknown): boolean {
  return typeof written === 'object' && written !== null && 'federate' in written;
}

export function readFederation(
  server: string,
  written: unknown,
  path: Path,
  problems: Mistake[],
): ReadFederation | undefined {
  const named = (written as { provider?: unknown }).provider;
  const place = `${server}/${typeof named === 'string' ? named : path.join('.')}`;
  const read = parsePiece(federatedShape, written, place, problems, [path]);
  if (!read) return undefined;
  const { provider } = read;
  if (federationFor(provider)) return { ...read, path };
  problems.push({
    place,
    text: `federate ${quoted(read.federate)} has no effect for ${provider}, which does not accept AWS roles in place of keys; write settings, or use ${suggestion(
      provider,
      federatingProviders(),
    )}`,
    paths: [[...path, 'federate'], path],
  });
  return undefined;
}

/** @returns `undefined` where it is not there */
export function federationIn(
  environment: string,
  server: string,
  { provider, purpose = 'main', env = {}, federate, environments, path }: ReadFederation,
  problems: Mistake[],
): FederatedKey | undefined {
  const here = environments ? environments[environment] : {};
  const federation = federationFor(provider);
  if (!here || !federation) return undefined;
  const address = { environment, provider, server, purpose };
  const place = placeOf(address);
  const own = [...path, 'environments', environment];
  const written = { federate: { ...federate, ...here.federate } };
  const shape = z.strictObject({ federate: federation.settings });
  const parsed = parsePiece(shape, written, place, problems, [own, path]);
  const variables = typeof env === 'string' ? { [env]: 'secret' } : env;
  const unknownField = Object.values(variables).find(field => field !== 'secret');
  if (unknownField !== undefined)
    problems.push({
      place,
      text: `env ${quoted(env)} names the field ${quoted(unknownField)}, and a token has none; name the variable alone`,
      paths: [[...path, 'env'], path],
    });
  return {
    address,
    settings: (parsed?.federate ?? written.federate) as FederatedKey['settings'],
    env: variables,
  };
}

/** What the provider calls that which trusts the server: no other server has the same. */
export function trustOf({ address: { provider }, settings }: FederatedKey): string | undefined {
  const federation = federationFor(provider);
  return federation?.settings.safeParse(settings).success ? federation.trustOf(settings) : undefined;
}
