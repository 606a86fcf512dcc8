// Stands in for the SDK's own configuration when the functions are bundled: a Lambda has environment variables, and neither
// profiles in a home directory, which every client would look for at its first call, nor a metadata service to ask. The
// names are the SDK's (@smithy/core/config); one that it asks for and that is not here keeps the bundle from being made.
import { isValidHostLabel } from '@smithy/core/transport';

interface Option<T> {
  environmentVariableSelector(env: NodeJS.ProcessEnv, options?: object): T | undefined;
  default?: T | (() => Promise<T>);
}

type Provider<T> = () => Promise<T>;

/** The variable, else the default; looked up once. */
export function loadConfig<T>(option: Option<T>, options?: object): Provider<T | undefined> {
  let found: Promise<T | undefined> | undefined;
  const find = async () => {
    const { default: otherwise } = option;
    const told = option.environmentVariableSelector(process.env, options);
    return told ?? (typeof otherwise === 'function' ? (otherwise as Provider<T>)() : otherwise);
  };
  return () => {
    found ??= find();
    return found;
  };
}

export const SelectorType = { ENV: 'env', CONFIG: 'shared config entry' };

type Select<T> = (from: NodeJS.ProcessEnv, name: string, type: string) => T | undefined;

export const booleanSelector: Select<boolean> = (from, name, type) => {
  const text = from[name];
  if (text !== undefined && !['true', 'false'].includes(text))
    throw new Error(`Cannot load ${type} "${name}". Expected "true" or "false", got ${text}.`);
  return text === undefined ? undefined : text === 'true';
};

export const numberSelector: Select<number> = (from, name, type) => {
  const text = from[name];
  const value = Number.parseInt(text ?? '0', 10);
  if (Number.isNaN(value))
    throw new TypeError(`Cannot load ${type} '${name}'. Expected number, got '${text}'.`);
  return text === undefined ? undefined : value;
};

const variable = <T>(select: Select<T>, name: string, otherwise: T): Option<T> => ({
  environmentVariableSelector: env => select(env, name, SelectorType.ENV),
  default: otherwise,
});
const textSelector: Select<string> = (from, name) => from[name];

export const CONFIG_PREFIX_SEPARATOR = '.';
export const REGION_ENV_NAME = 'AWS_REGION';
export const REGION_INI_NAME = 'region';
export const NODE_REGION_CONFIG_FILE_OPTIONS = {};
export const NODE_REGION_CONFIG_OPTIONS: Option<string> = {
  environmentVariableSelector: env => env[REGION_ENV_NAME],
  default: async () => {
    throw new Error('Region is missing');
  },
};
export const NODE_USE_DUALSTACK_ENDPOINT_CONFIG_OPTIONS = variable(
  booleanSelector,
  'AWS_USE_DUALSTACK_ENDPOINT',
  false,
);
export const NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS = variable(
  booleanSelector,
  'AWS_USE_FIPS_ENDPOINT',
  false,
);

/** `auto` asks where the client is: here, in its own region. */
export function resolveDefaultsModeConfig(): Provider<string> {
  const mode = loadConfig(variable(textSelector, 'AWS_DEFAULTS_MODE', 'legacy'));
  return async () => {
    const told = (await mode()) ?? 'legacy';
    return told.toLowerCase() === 'auto' ? 'in-region' : told.toLowerCase();
  };
}

interface RegionInput {
  region?: string | Provider<string>;
  useFipsEndpoint?: boolean | Provider<boolean>;
}

export function resolveRegionConfig<T extends RegionInput>(input: T): T {
  const { region, useFipsEndpoint = false } = input;
  if (!region) throw new Error('Region is missing');
  return Object.assign(input, {
    region: async () => {
      const told = typeof region === 'function' ? await region() : region;
      if (isValidHostLabel(told)) return told;
      throw new Error(`Region not accepted: region="${told}" is not a valid hostname component.`);
    },
    useFipsEndpoint: async () =>
      typeof useFipsEndpoint === 'function' ? useFipsEndpoint() : useFipsEndpoint,
  });
}

export class ProviderError extends Error {
  override name = 'ProviderError';
  readonly tryNextLink = true;
}

export class CredentialsProviderError extends ProviderError {
  override name = 'CredentialsProviderError';
}
