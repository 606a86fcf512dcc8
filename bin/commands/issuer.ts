import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import { bindConnector } from '../../connectors/contract/bind';
import { type IssuerShape, issuerShapeOf } from '../../connectors/contract/connector';
import { connectorFor } from '../../connectors/index';
import type { DeliveryPlace } from '../../core/delivery/courier';
import { KeyturnError } from '../../core/errors';
import { issuerSecretName, shortName } from '../../core/key/key-address';
import type { Clock } from '../../core/provider';
import { platformStackName } from '../../lib/config/aws/names';
import { type Environment, type Key, keysOf, providersInUse } from '../../lib/config/config';
import { tokenPlaceNames, tokenPlaces } from '../../lib/config/keys/delivery-places';
import { type ProviderName, providers } from '../../lib/config/providers';
import { type TokenPlace, targetOf } from '../../targets/targets';
import { type Aws, connect } from '../aws/aws';
import { describeSecret, ownSecret, withVersionDates } from '../aws/keys/deployed-keys';
import { isPlaceholder, versionWith } from '../aws/keys/key-state';
import { loadConfig } from '../config/load-config';
import { type Selection, selectEnvironment, selectKeys } from '../config/selection';
import { isWholeCredential, readIssuerCredential } from '../input/issuer-credential';
import { type Command, type CommonFlags, print } from '../terminal/command';
import { printDryRun } from '../terminal/dry-run';
import { exitCode } from '../terminal/exit-code';
import { table } from '../terminal/table';
import { span } from '../terminal/time-format';

export interface IssuerSetFlags extends CommonFlags {
  provider: string;
  env?: string;
  /** False for --no-verify. */
  verify: boolean;
  dryRun?: boolean;
}

export const issuerSet: Command<IssuerSetFlags> = async (flags, context) => {
  const { terminal, clock } = context;
  const environment = selectEnvironment(await loadConfig(flags.config), flags);
  const { of, title, shape, verify, next } = credentialFor(environment, flags.provider);
  const aws = await connect(environment, flags);
  const name = issuerSecretName(environment.name, of);
  await requireIssuerSecret(aws, name);
  terminal.err(`${title} in ${environment.name} needs ${shape.issuerHelp}\n`);
  if (flags.dryRun) {
    const effect = flags.verify
      ? `stores what you enter, unless ${title} rejects it`
      : 'stores what you enter';
    const change = { action: 'secretsmanager:PutSecretValue', on: name, effect };
    return printDryRun(context, flags, environment.name, [change]);
  }
  const text = await terminal.readSecret('Issuer credential', isWholeCredential);
  const credential = readIssuerCredential(title, shape, text);
  const asked = flags.verify ? await verify(credential, clock) : undefined;
  terminal.interrupted.throwIfAborted();
  const value = JSON.stringify(credential);
  await aws.secretsManager.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
  const said = asked === undefined ? 'stored, not checked' : `stored; ${title} accepts it`;
  print(
    context,
    flags,
    { environment: environment.name, provider: of, secretName: name, verified: asked !== undefined },
    `${name}: ${said}. Next: ${next}\n`,
  );
  return exitCode.done;
};

/** A credential that a person may set. */
interface SettableCredential {
  /** A provider, or a kind of place. */
  of: string;
  title: string;
  shape: IssuerShape;
  /** @returns `undefined` where nothing can be asked without effect */
  verify(credential: object, clock: Clock): Promise<true | undefined>;
  /** The command that comes after it. */
  next: string;
}

/** @throws {KeyturnError} usage */
function credentialFor(environment: Environment, named: string): SettableCredential {
  const place = tokenPlaces(environment).find(({ to }) => to === named);
  return place ? tokenFor(environment, place) : issuerFor(environment, named);
}

function issuerFor(environment: Environment, named: string): SettableCredential {
  const of = providerInUse(environment, named);
  const connector = connectorFor(of);
  const shape = issuerShapeOf(connector);
  if (!shape) {
    throw new KeyturnError(
      'usage',
      `Keyturn needs no issuer credential for ${connector.title}; there is nothing to set`,
    );
  }
  return {
    of,
    title: connector.title,
    shape,
    verify: (credential, clock) => askProvider(environment, of, credential, clock),
    next: `npx keyturn issue --env ${environment.name} --provider ${of}`,
  };
}

const tokenShape = z.strictObject({ token: z.string().check(z.minLength(1)) });

function tokenFor(environment: Environment, { to, token }: TokenPlace): SettableCredential {
  const [first] = deliveredTo(environment, to);
  return {
    of: to,
    title: token.title,
    shape: { issuer: tokenShape, issuerHelp: `{"token"}: ${token.needs}` },
    async verify(credential, clock) {
      const tools = { settings: {}, clock, readToken: async () => tokenShape.parse(credential).token };
      for (const place of placesOf(environment, to)) await (await targetOf(place).open(place, tools)).ask?.();
      return true;
    },
    next: `npx keyturn deliver ${first ? shortName(first.address) : ''}`,
  };
}

function deliveredTo(environment: Environment, kind: string): Key[] {
  return keysOf(environment).filter(({ spec }) => spec.deliverTo?.some(({ to }) => to === kind));
}

function placesOf(environment: Environment, kind: string): DeliveryPlace[] {
  const named = deliveredTo(environment, kind).flatMap(({ spec }) => spec.deliverTo ?? []);
  return named.filter(({ to }) => to === kind);
}

/** Lists the keys of every place that the configuration names. @returns `undefined` where nothing can be asked without effect */
async function askProvider(
  environment: Environment,
  provider: ProviderName,
  credential: object,
  clock: Clock,
): Promise<true | undefined> {
  const connector = connectorFor(provider);
  const keys = keysOf(environment).filter(({ address }) => address.provider === provider);
  const places = new Map(keys.map(key => [JSON.stringify(key.spec.settings), key]));
  for (const { spec } of places.values()) {
    const readIssuer = async () => credential;
    const bound = bindConnector(connector, { readIssuer, environment: environment.name, spec, clock });
    if (connector.kind === 'mint' || !('list' in bound)) return undefined;
    await bound.list();
  }
  return true;
}

interface IssuerStatus {
  /** Or a kind of place that keys are delivered to. */
  provider: string;
  state: 'set' | 'not-set' | 'not-deployed';
  setAt?: string;
  keys: string[];
}

/** Of the providers and places of those keys that the flags leave. */
export const issuerStatus: Command<CommonFlags & Selection> = async (flags, context) => {
  const environment = selectEnvironment(await loadConfig(flags.config), flags);
  const selected = selectKeys(environment, [], flags);
  const used = new Set([
    ...selected.map(({ address }) => address.provider),
    ...selected.flatMap(({ spec }) => (spec.deliverTo ?? []).map(({ to }) => to)),
  ]);
  const aws = await connect(environment);
  const issuers = await Promise.all(
    [...issuersOf(environment), ...tokenPlaceNames(environment)]
      .filter(of => used.has(of))
      .map(of => issuerStatusOf(aws, environment, of)),
  );
  const unset = issuers.filter(({ state }) => state !== 'set');
  const now = context.clock.now().getTime();
  const rows = issuers.map(({ provider, state, setAt, keys }) => [
    provider,
    state.replace('-', ' '),
    setAt ? span(now - Date.parse(setAt)) : '-',
    String(keys.length),
    nextStep(environment, provider, state),
  ]);
  print(
    context,
    flags,
    { environment: environment.name, issuers },
    table(['PROVIDER', 'ISSUER', 'AGE', 'KEYS', 'NEXT'], rows, context.terminal.width.out),
  );
  return unset.length ? exitCode.attention : exitCode.done;
};

/** Whether it has ever been set. */
export async function issuerStatusOf(
  aws: Aws,
  environment: Environment,
  provider: string,
): Promise<IssuerStatus> {
  const keys = keysOf(environment).filter(
    ({ address, spec }) => address.provider === provider || spec.deliverTo?.some(({ to }) => to === provider),
  );
  const facts = { provider, keys: keys.map(({ address }) => shortName(address)) };
  const deployed = await describeSecret(aws, issuerSecretName(environment.name, provider));
  if (!deployed?.isOwn) return { ...facts, state: 'not-deployed' };
  const dated = await withVersionDates(aws, deployed);
  const current = versionWith(dated, 'AWSCURRENT');
  if (!current || isPlaceholder(dated, current)) return { ...facts, state: 'not-set' };
  return { ...facts, state: 'set', setAt: current.createdAt?.toISOString() };
}

function nextStep(environment: Environment, provider: string, state: IssuerStatus['state']): string {
  if (state === 'set') return '';
  if (state === 'not-deployed') return `npx cdk deploy ${platformStackName(environment.name)}`;
  return `npx keyturn issuer set ${provider} --env ${environment.name}`;
}

function issuersOf(environment: Environment): ProviderName[] {
  return providersInUse(environment).filter(provider => issuerShapeOf(connectorFor(provider)));
}

/** @throws {KeyturnError} usage */
function providerInUse(environment: Environment, provider: string): ProviderName {
  const inUse = providersInUse(environment);
  if (inUse.includes(provider as ProviderName)) return provider as ProviderName;
  const known = Object.hasOwn(providers, provider) ? 'has no key in' : 'is not a provider in';
  const all = [...inUse, ...tokenPlaceNames(environment)];
  throw new KeyturnError('usage', `"${provider}" ${known} ${environment.name}; use one of ${all.join(', ')}`);
}

async function requireIssuerSecret(aws: Aws, name: string): Promise<void> {
  const deployed = await describeSecret(aws, name);
  const stack = platformStackName(aws.environment.name);
  if (deployed) return void ownSecret(deployed, stack);
  throw new KeyturnError('not-deployed', `${name} is not deployed; run \`npx cdk deploy ${stack}\``);
}
