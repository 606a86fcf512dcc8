import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { bindConnector } from '../../connectors/contract/bind';
import { issuerShapeOf } from '../../connectors/contract/connector';
import { connectorFor } from '../../connectors/index';
import { KeyturnError } from '../../core/errors';
import { issuerSecretName, shortName } from '../../core/key/key-address';
import type { Clock } from '../../core/provider';
import { type Environment, keysOf, providersInUse } from '../../lib/config/config';
import { platformStackName } from '../../lib/config/names';
import { type ProviderName, providers } from '../../lib/config/providers';
import { type Aws, connect } from '../aws/aws';
import { describeSecret, ownSecret, withVersionDates } from '../aws/deployed-keys';
import { isPlaceholder, versionWith } from '../aws/key-state';
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
  const provider = providerInUse(environment, flags.provider);
  const connector = connectorFor(provider);
  const shape = issuerShapeOf(connector);
  if (!shape) {
    throw new KeyturnError(
      'usage',
      `Keyturn needs no issuer credential for ${connector.title}; there is nothing to set`,
    );
  }
  const aws = await connect(environment, flags);
  const name = issuerSecretName(environment.name, provider);
  await needIssuerSecret(aws, name);
  terminal.err(`${connector.title} in ${environment.name} needs ${shape.issuerHelp}\n`);
  if (flags.dryRun) {
    const effect = flags.verify
      ? `stores what you enter, unless ${connector.title} rejects it`
      : 'stores what you enter';
    const change = { action: 'secretsmanager:PutSecretValue', on: name, effect };
    return printDryRun(context, flags, environment.name, [change]);
  }
  const text = await terminal.readSecret('Issuer credential', isWholeCredential);
  const credential = readIssuerCredential(connector.title, shape, text);
  const asked = flags.verify ? await askProvider(environment, provider, credential, clock) : undefined;
  terminal.interrupted.throwIfAborted();
  const value = JSON.stringify(credential);
  await aws.secretsManager.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
  const said = asked === undefined ? 'stored, not checked' : `stored; ${connector.title} accepts it`;
  print(
    context,
    flags,
    { environment: environment.name, provider, secretName: name, verified: asked !== undefined },
    `${name}: ${said}. Next: npx keyturn issue --env ${environment.name} --provider ${provider}\n`,
  );
  return exitCode.done;
};

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
  provider: ProviderName;
  state: 'set' | 'not-set' | 'not-deployed';
  setAt?: string;
  keys: string[];
}

/** Of the providers whose keys the flags leave. */
export const issuerStatus: Command<CommonFlags & Selection> = async (flags, context) => {
  const environment = selectEnvironment(await loadConfig(flags.config), flags);
  const used = new Set(selectKeys(environment, [], flags).map(({ address }) => address.provider));
  const aws = await connect(environment);
  const issuers = await Promise.all(
    issuersOf(environment)
      .filter(provider => used.has(provider))
      .map(provider => issuerStatusOf(aws, environment, provider)),
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
  provider: ProviderName,
): Promise<IssuerStatus> {
  const keys = keysOf(environment).filter(({ address }) => address.provider === provider);
  const facts = { provider, keys: keys.map(({ address }) => shortName(address)) };
  const deployed = await describeSecret(aws, issuerSecretName(environment.name, provider));
  if (!deployed?.isOwn) return { ...facts, state: 'not-deployed' };
  const dated = await withVersionDates(aws, deployed);
  const current = versionWith(dated, 'AWSCURRENT');
  if (!current || isPlaceholder(dated, current)) return { ...facts, state: 'not-set' };
  return { ...facts, state: 'set', setAt: current.createdAt?.toISOString() };
}

function nextStep(environment: Environment, provider: ProviderName, state: IssuerStatus['state']): string {
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
  throw new KeyturnError(
    'usage',
    `"${provider}" ${known} ${environment.name}; use one of ${inUse.join(', ')}`,
  );
}

async function needIssuerSecret(aws: Aws, name: string): Promise<void> {
  const deployed = await describeSecret(aws, name);
  const stack = platformStackName(aws.environment.name);
  if (deployed) return void ownSecret(deployed, stack);
  throw new KeyturnError('not-deployed', `${name} is not deployed; run \`npx cdk deploy ${stack}\``);
}
