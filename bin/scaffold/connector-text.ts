import type { ConnectorPlan, ScaffoldKind } from './plan';

const types: Record<ScaffoldKind, string> = {
  issue: 'IssueConnector<Issuer, Settings>',
  install: 'InstallConnector<Issuer, Settings>',
  roll: 'RollConnector<Issuer, Settings>',
  mint: 'MintConnector<never, Settings>',
  'revoke-only': 'RevokeOnlyConnector<Issuer, Settings>',
  manual: 'ManualConnector<Settings>',
  federate: 'FederateConnector<never, Settings>',
};

const list = `list: () =>
    fill('list', 'ask for every page of the keys of one place; return of each its id, its name and what "tells" names'),`;
const revoke = `revoke: () => fill('revoke', 'end the key with this id; that it is already gone is success (expect: [404])'),`;
const install = `install: () => fill('install', 'tell the provider the new key; safe to repeat'),`;
const generate = `generate() {
    const secret = generateSecret();
    return { keyId: fingerprint(secret), secret };
  },`;
const tells = `// What the provider tells of a key: 'createdAt', 'lastUsedAt', 'expiresAt', 'scopes'.
  tells: [],`;

/** What each kind has besides what all have. */
const parts: Record<ScaffoldKind, (title: string) => string[]> = {
  issue: () => [
    tells,
    '// The limit of the provider.\n  nameMaxLength: 100,',
    `create: () =>
    fill('create', 'make a key of this name, with once: true and needs; return its id and its secret'),`,
    list,
    revoke,
  ],
  install: () => [tells, generate, install, list, revoke],
  roll: () => [generate, install],
  mint: title => [
    '// How long its tokens live, where the provider fixes that. Seconds.\n  tokenSeconds: 3600,',
    steps(title),
    `// Where minting uses up the root and gives the next one: usesUpRoot, and nextRoot of what mint returns. Where an API makes a root
  // beside another: rootMaker. Where the secret of a root tells its id: keyIdOf.
  mint: () =>
    fill('mint', 'send the root, return a token, its end and its scopes; throw key-rejected where the root is not accepted (say steps.make, and npx keyturn adopt), refused where the scopes are not'),`,
    `verifyToken: () =>
    fill('verifyToken', 'ask with the token itself, by http.probe; without such a call leave this part out'),`,
    `tokenRevoker: () => () =>
    fill('tokenRevoker', 'end the token; that it is dead already is success (expect: [401]); without such a call: () => undefined'),`,
  ],
  'revoke-only': title => [
    steps(title),
    `revoker: {
    by: 'issuer',
    issuer: z.object({ token: z.string().check(z.minLength(1)) }),
    issuerHelp: '{"token"}: fill in which admin credential, and with which rights',
    ${tells.replaceAll('\n', '\n  ')}
    ${list.replaceAll('\n', '\n  ')}
    ${revoke}
  },`,
  ],
  manual: title => [steps(title)],
  federate: title => [
    `trust: {
    make: 'register the role with ${title}: fill in where, and with which rights',
    end: 'disable what was registered for the role with ${title}: fill in where',
  },`,
    `trustOf: ({ client }) => \`the client \${client}\`,`,
    '// Whom the JWT is for: what the provider has, exactly.\n  audience: () => hosts()[0],',
    "algorithm: 'RS256',",
    `// How long a JWT holds, and how long a token lives at most, which an emergency waits out. Seconds.
  identitySeconds: 300,
  tokenSecondsAtMost: 900,`,
    "exchange: () => fill('exchange', 'send the JWT once; exchangeIdentity spells what most providers have alike'),",
  ],
};

const steps = (title: string) => `steps: {
    make: 'create a key in the console of ${title}: fill in where, and with which rights',
    end: 'delete the old key in the console of ${title}: fill in where',
  },`;

/** What an admin set up so that the provider trusts a server. */
const federatedSettings = {
  type: `export interface Settings {
  /** As an admin of the provider registered the role of the server. */
  client: string;
}`,
  shape: 'settings: z.strictObject({ client: z.string().check(z.minLength(1)) }),',
};
/** What a key's place is told by. */
const keySettings = {
  type: 'export type Settings = Record<string, never>;',
  shape: 'settings: z.strictObject({}),',
};

const tokenScopes = [
  `scopes: 'required',`,
  `knownScopes: { names: ['items:read', 'items:write'], source: 'fill in: the page that lists them' },`,
];

const hasIssuer = (kind: ScaffoldKind) => kind === 'issue' || kind === 'install' || kind === 'roll';
const generates = (kind: ScaffoldKind) => kind === 'install' || kind === 'roll';

/** A connector that compiles, and each of whose functions throws until somebody has written it. */
export function connectorText(plan: ConnectorPlan): string {
  const { provider, constant, title, kind, prefix, origin, places } = plan;
  const type = types[kind];
  const issuer = type.includes('<Issuer') ? '\nexport interface Issuer {\n  token: string;\n}\n' : '';
  const settings = kind === 'federate' ? federatedSettings : keySettings;
  // Of what mints, servers hold tokens, and keys are the roots of these.
  const held = kind === 'mint' ? '' : prefix;
  const common = [
    `provider: '${provider}',`,
    `title: ${quoted(title)},`,
    `kind: '${kind}',`,
    'origins: hosts,',
    ...(hasIssuer(kind)
      ? [
          'issuer: z.object({ token: z.string().check(z.minLength(1)) }),',
          `issuerHelp: '{"token"}: fill in which admin credential, and with which rights',`,
        ]
      : []),
    settings.shape,
    ...(kind === 'mint' ? tokenScopes : [`scopes: 'none',`]),
    `example: ${exampleOf(plan)},`,
    `secretPattern: /^${patternOf(prefix)}[\\w-]{16,}$/,`,
    ...(prefix ? [`secretMark: /^${patternOf(prefix)}/,`] : []),
    '// What servers do with a key: the hosts that they call, and where in a request it stands.',
    'callOrigins: hosts,',
    'presents: [bearer],',
    held ? `placeholder: \`${held}\${placeholder(32)}\`,` : 'placeholder: placeholder(32),',
    '// True only where a 401 shows that the call was not carried out.',
    'unauthorizedMeansNotDone: false,',
    '// How long a new key may be rejected, and a revoked one accepted. Milliseconds.',
    'propagation: { createMs: 0, revokeMs: 0 },',
  ];
  const verify = `verify: () =>
    fill('verify', 'ask with the key itself, by http.probe: the words for a live key, and those for a dead one'),`;
  const lines = [...common, ...parts[kind](title), verify].map(part => `  ${part}\n`).join('');
  return `// Keys of ${title}. Each \`fill\` says what is to be written in its place, from the documentation of the provider.
${imports(plan, type.slice(0, type.indexOf('<')))}
const hosts = () => [${quoted(origin)}] as const;
${issuer}
${settings.type}

export const ${constant}: ${type} = {
${lines}};

function fill(part: string, what: string): never {
  throw new KeyturnError('bad-config', \`${places.connector}, \${part}: \${what}\`);
}
`;
}

function imports({ isInside, kind }: ConnectorPlan, type: string): string {
  const made = generates(kind) ? ['fingerprint', 'generateSecret'] : [];
  if (!isInside) {
    const names = ['bearer', ...made, `type ${type}`, 'KeyturnError', 'placeholder'];
    return `import { ${names.join(', ')} } from 'keyturn/connectors';
import * as z from 'zod/mini';
`;
  }
  return `import * as z from 'zod/mini';
import { KeyturnError } from '../../core/errors';
${made.length ? `import { ${made.join(', ')} } from '../../core/key/generated-secret';\n` : ''}import type { ${type} } from '../contract/connector';
import { bearer, placeholder } from '../contract/presented';
`;
}

function exampleOf({ provider, kind }: ConnectorPlan): string {
  if (kind === 'mint') return "{ scopes: ['items:read'] }";
  const env = `env: '${provider.replaceAll('-', '_').toUpperCase()}_API_KEY'`;
  return kind === 'federate' ? `{ ${env}, settings: { client: 'example' } }` : `{ ${env} }`;
}

function patternOf(prefix: string): string {
  return prefix.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
