// Runs the doctor's rules over a server's variables, wherever their values are.
import { verifyKey } from '../../connectors/contract/bind';
import { loadConnector, loadEveryConnector } from '../../connectors/load';
import { type KeyAddress, shortName } from '../../core/key/key-address';
import type { SecretValue } from '../../core/key/secret-value';
import type { Clock } from '../../core/provider';
import type { KeySource } from '../keys/sources/key-source';
import { checkAbsence, checkExpiry, checkValue, type Finding, finding, type Traits } from './doctor';
import { fieldOf, type Variable } from './variables';

/** Keys as Keyturn holds them. */
export type StoredKeys = Pick<KeySource, 'read' | 'givesTokens'>;

export interface Examination {
  expected: readonly Variable[];
  env: NodeJS.ProcessEnv;
  /** Absent where everything has to be in `env`. */
  stored?: StoredKeys | undefined;
  /** Asks each provider whether it accepts its key. */
  verify: boolean;
  /** A key's settings, where the configuration is at hand. @default - what its value tells of them */
  settingsOf?(address: KeyAddress): Record<string, unknown> | undefined;
  /** How long the keys will be needed. Milliseconds. */
  neededMs: number;
  clock: Clock;
}

export async function examine(examination: Examination): Promise<Finding[]> {
  const findings: (Finding | undefined)[] = [];
  // A value may be a key of any of them.
  const traits = await loadEveryConnector();
  for (const variables of byKey(examination.expected)) {
    findings.push(...(await examineKey(examination, variables, traits)));
  }
  return findings.filter(found => found !== undefined);
}

/** Those that are filled from one key. */
type Variables = [Variable, ...Variable[]];

function byKey(expected: readonly Variable[]): Variables[] {
  const groups = new Map<string, Variables>();
  for (const variable of expected) {
    const key = shortName(variable.address);
    const group = groups.get(key);
    if (group) group.push(variable);
    else groups.set(key, [variable]);
  }
  return [...groups.values()];
}

async function examineKey(
  examination: Examination,
  variables: Variables,
  traits: Traits,
): Promise<(Finding | undefined)[]> {
  const { env, stored } = examination;
  const [first] = variables;
  const isToken = (await stored?.givesTokens(first.address)) ?? false;
  const findings = variables.map(variable => {
    const value = env[variable.name];
    if (value === undefined) return checkAbsence(variable, env, !stored);
    return checkValue(variable, value, 'environment', traits);
  });
  const held = stored ? await stored.read(first.address).catch((error: Error) => error) : undefined;
  if (held instanceof Error) return [...findings, finding(first, 'unreadable', held.message)];
  const value = held?.value ?? valueFrom(variables, env);
  if (held) {
    // What a key looks like says nothing of a token.
    findings.push(...variables.map(variable => checkStored(variable, held.value, isToken ? {} : traits)));
    const { clock, neededMs } = examination;
    findings.push(checkExpiry(first, held.value.expiresAt, clock.now(), neededMs, isToken));
  }
  // A token that was got a moment ago has proven what it was got with.
  if (examination.verify && value && !isToken) findings.push(await askProvider(examination, first, value));
  return findings;
}

function checkStored(variable: Variable, value: SecretValue, traits: Traits): Finding | undefined {
  try {
    return checkValue(variable, fieldOf(value, variable), 'secret', traits);
  } catch (error) {
    return finding(variable, 'unreadable', (error as Error).message);
  }
}

/** The key as its server would put it together from variables; `undefined` where its secret is not among them. */
function valueFrom(variables: Variables, env: NodeJS.ProcessEnv): SecretValue | undefined {
  const fields = Object.fromEntries(variables.map(({ name, field }) => [field, env[name]]));
  if (!fields.secret) return undefined;
  return {
    keyId: '',
    issuedAt: '',
    ...fields,
    secret: fields.secret,
    provider: variables[0].address.provider,
  };
}

async function askProvider(
  { settingsOf, clock }: Examination,
  variable: Variable,
  value: SecretValue,
): Promise<Finding | undefined> {
  const key = shortName(variable.address);
  try {
    const connector = await loadConnector(variable.address.provider);
    const settings = settingsOf?.(variable.address) ?? settingsIn(value);
    const verdict = await verifyKey(connector, value, settings, clock);
    if (verdict === 'accepted') return undefined;
    const { title } = connector;
    if (verdict === 'denied') {
      const text = `${title} refused the key ${key}, but it refuses valid keys, too (wrong region, suspended account); see its console, and create a new key with \`npx keyturn rotate ${key}\` if this one is gone`;
      return finding(variable, 'unproven', text, 'warning');
    }
    if (verdict === 'unknown') {
      const text = `${title} gave no clear answer about the key ${key}; try again later`;
      return finding(variable, 'unproven', text, 'warning');
    }
    const text = `${title} rejects the key ${key}; create a new one with \`npx keyturn rotate ${key}\``;
    return finding(variable, 'dead', text);
  } catch (error) {
    return finding(variable, 'unproven', (error as Error).message, 'warning');
  }
}

/** What its provider added for those who use the key: a domain, an account, ... */
function settingsIn(value: SecretValue): Record<string, unknown> {
  const { secret, keyId, provider, issuedAt, expiresAt, scopes, ...settings } = value;
  return settings;
}
