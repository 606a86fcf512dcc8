// What people wrote, checked against the connector's shapes: a key's settings, and the issuer credential.
import { KeyturnError } from '../../core/errors';
import type { Connector, IssueConnector } from './connector';

/** @throws {KeyturnError} bad-config, naming the settings that are wrong or absent */
export function validSettings(connector: Pick<Connector, 'title' | 'settings'>, settings: unknown): unknown {
  const read = connector.settings.safeParse(settings);
  if (read.success) return read.data;
  throw new KeyturnError(
    'bad-config',
    `the settings of this ${connector.title} key are wrong at ${places(read.error)}; correct them in config/keys.ts and deploy`,
  );
}

type WithIssuer = Pick<
  IssueConnector<unknown, unknown>,
  'provider' | 'title' | 'issuer' | 'issuerHelp' | 'issuerOrigin' | 'origins'
>;

/** @throws {KeyturnError} bad-issuer, where the credential is absent, of another shape, or not for the place of this key */
export function validIssuer(
  connector: WithIssuer,
  credential: unknown,
  settings: unknown,
  environment: string,
): unknown {
  const read = connector.issuer.safeParse(credential);
  const fix = `set it with \`npx keyturn issuer set ${connector.provider} --env ${environment}\`: ${connector.issuerHelp}`;
  const which = `the issuer credential of ${connector.title} in ${environment}`;
  if (!read.success) {
    throw new KeyturnError('bad-issuer', `${which} is not set, or is wrong at ${places(read.error)}; ${fix}`);
  }
  const own = connector.issuerOrigin?.(read.data);
  const asked = connector.origins(settings);
  if (own === undefined || asked.every(origin => origin === own)) return read.data;
  throw new KeyturnError(
    'bad-issuer',
    `${which} is for ${own} and this key's settings name ${asked}; correct the settings, or ${fix}`,
  );
}

/** Names only: what stands there may be a credential. */
function places({ issues }: { issues: { path: PropertyKey[]; keys?: string[] }[] }): string {
  const paths = issues.flatMap(({ path, keys }) => keys?.map(key => [...path, key]) ?? [path]);
  return paths.map(path => (path.length ? `"${path.join('.')}"` : 'the top')).join(', ');
}
