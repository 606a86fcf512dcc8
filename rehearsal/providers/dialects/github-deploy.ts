import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { hourMs } from '../../../core/time';
import { bearerOf, type Dialect, signerOf, unixSeconds, type WireCall, type WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';
import { hasIssuerToken, issuerToken } from '../issuer-tokens';
import { pageFrom } from '../key-routes';

const [api, ssh] = ['https://api.github.com', 'https://github.com'];
const [appId, installationId] = ['Iv23liDeploy', '4711'];
/** Short, since making one takes long. */
const privateKey = generateKeyPairSync('rsa', { modulusLength: 512 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

const failure = (status: number, message: string): WireReply => ({
  status,
  body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
});
const keysPath = '/repos/{owner}/{repository}/keys';
const placeOf = ({ owner, repository }: Record<string, unknown>) => `${owner}/${repository}`;

/** By a JWT of the app, of ten minutes at most. */
function signIn(call: WireCall, account: FakeAccount): WireReply {
  const [head = '', body = '', signature = ''] = (bearerOf(call) ?? '').split('.');
  const signed = Buffer.from(`${head}.${body}`);
  const isSigned = verify('sha256', signed, createPublicKey(privateKey), Buffer.from(signature, 'base64url'));
  if (!isSigned) return failure(401, 'A JSON web token could not be decoded');
  const { iss, iat, exp } = JSON.parse(Buffer.from(body, 'base64url').toString());
  const now = unixSeconds(account.now());
  if (iss !== appId || iat > now || exp <= now || exp > now + 600)
    return failure(401, "'Expiration time' claim ('exp') is too far in the future");
  if (call.params.installation !== installationId) return failure(404, 'Not Found');
  const asked = call.json.permissions as Record<string, string> | undefined;
  if (asked?.administration !== 'write') return failure(422, 'The permissions requested are not granted.');
  const { access_token, expires_in } = issuerToken(account, hourMs / 1000).body as {
    access_token: string;
    expires_in: number;
  };
  const expires_at = new Date(account.now().getTime() + expires_in * 1000).toISOString();
  return {
    status: 201,
    body: { token: access_token, expires_at, permissions: asked, repository_selection: 'selected' },
  };
}

function inRepository(answer: (call: WireCall, account: FakeAccount, place: string) => WireReply) {
  return (call: WireCall, account: FakeAccount): WireReply => {
    if (!hasIssuerToken(call, account)) return failure(401, 'Bad credentials');
    const place = placeOf(call.params);
    return account.hasPlace(place) ? answer(call, account, place) : failure(404, 'Not Found');
  };
}

const blobOf = (line: unknown) => Buffer.from(String(line).split(' ')[1] ?? '', 'base64');

/** GitHub knows a key by its public half. */
function create(call: WireCall, account: FakeAccount, place: string): WireReply {
  const {
    title = '',
    key: line,
    read_only = false,
  } = call.json as { title?: string; key?: string; read_only?: boolean };
  if (!/^ssh-ed25519 [A-Za-z0-9+/]{68}$/.test(line ?? ''))
    return failure(422, 'key is invalid. You must supply a key in OpenSSH public key format');
  if (account.keys.some(({ secret, revokedAt }) => secret === line && !revokedAt))
    return failure(422, 'key is already in use');
  const id = String(40_000_000 + account.added);
  const key = account.add({ id, place, name: title, secret: String(line), details: { readOnly: read_only } });
  return { status: 201, headers: { location: `${api}/repos/${place}/keys/${id}` }, body: told(key), key };
}

function told({ id, name, secret, place, createdAt, lastUsedAt, details }: FakeKey) {
  return {
    id: Number(id),
    key: secret,
    url: `${api}/repos/${place}/keys/${id}`,
    title: name,
    verified: true,
    created_at: createdAt.toISOString(),
    read_only: details.readOnly,
    added_by: 'keyturn[bot]',
    last_used: lastUsedAt?.toISOString() ?? null,
    enabled: true,
  };
}

/** Where its servers disagree, those that still take a key also list it. */
function list(call: WireCall, account: FakeAccount, place: string): WireReply {
  const all = account.keys.filter(
    key => key.place === place && (!key.revokedAt || (key.replicas && account.accepts(key))),
  );
  const page = Number(call.query.get('page') ?? 1);
  const size = Math.min(account.pageSize, Number(call.query.get('per_page') ?? 30));
  const shown = pageFrom(all, (page - 1) * size, size);
  const link = `<${api}/repositories/17/keys?per_page=${size}&page=${page + 1}>; rel="next"`;
  return { status: 200, headers: shown.hasMore ? { link } : {}, body: shown.page.map(told) };
}

/** A session of SSH, played over HTTPS: the public key, and what the private one signed (RFC 4252, section 7). */
function session(call: WireCall, account: FakeAccount): WireReply {
  const { key: line, session, signature } = call.json as Record<string, string>;
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), blobOf(line).subarray(-32)]);
  const isSigned =
    blobOf(line).length === 51 &&
    verify(
      null,
      Buffer.from(String(session)),
      createPublicKey({ key: der, format: 'der', type: 'spki' }),
      Buffer.from(String(signature), 'base64'),
    );
  const key = isSigned ? account.enter(line) : undefined;
  const isHere = key?.place === placeOf(call.params);
  return key && isHere
    ? { status: 200, body: 'ref: refs/heads/main\n', key }
    : { ...failure(403, 'Permission denied (publickey).'), key: account.ownerOf(line) };
}

const docs = 'docs 2026-11-29 https://docs.github.com/en/rest/deploy-keys/deploy-keys';
const others = {
  id: 17,
  key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMadeUp',
  title: 'another',
  verified: true,
  created_at: '2026-01-01T00:00:00Z',
  read_only: true,
};

export const githubDeploy: Dialect = {
  provider: 'github-deploy',
  evidence: [
    'openapi 2026-11-28 https://www.npmjs.com/package/@octokit/openapi 23.0.2: /repos/{owner}/{repo}/keys, /app/installations/{installation_id}/access_tokens',
    `${docs}: keys cannot be changed, and one with write access may do what an admin may`,
    'docs 2026-11-28 https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api: 403 or 429 over the limit',
    'memory 2026-11-29 a title may have 255 characters, and the words for a public key that is used already',
  ],
  described: {
    files: ['github.json'],
    known: [['DELETE /repos/acme/orders/keys/0000: answer 404 is not described', 'no failure of it is']],
  },
  sample: { settings: { owner: 'acme', repository: 'orders', access: 'read' }, scopes: [] },
  origins: () => [api, ssh],
  place: placeOf,
  issuer: () => ({ appId, installationId, privateKey }),
  isOwn: call => call.params.installation === undefined || signerOf(bearerOf(call)) === appId,
  delays: { createMs: 0, revokeMs: 0 },
  pageSize: 2,
  knownBy(secret) {
    const signing = seedOf(secret);
    return signing ? lineOf(signing) : secret;
  },
  tooMany: (now, resetAt) => ({
    ...failure(
      403,
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    ),
    headers: { 'retry-after': String(Math.ceil((resetAt.getTime() - now.getTime()) / 1000)) },
  }),
  routes: [
    {
      kind: 'sign-in',
      method: 'POST',
      path: '/app/installations/{installation}/access_tokens',
      answer: signIn,
    },
    { kind: 'create', method: 'POST', path: keysPath, answer: inRepository(create) },
    { kind: 'list', method: 'GET', path: keysPath, answer: inRepository(list) },
    {
      kind: 'revoke',
      method: 'DELETE',
      path: `${keysPath}/{id}`,
      answer: inRepository((call, account, place) => {
        const key = account.find(place, call.params.id);
        if (!key) return failure(404, 'Not Found');
        account.revoke(key);
        return { status: 204, key };
      }),
    },
    { kind: 'use', method: 'POST', path: '/{owner}/{repository}/git-upload-pack', answer: session },
  ],
  verifyAnswers: [
    ['a repository that does not have the key', 'rejected', { status: 200, body: [others] }, docs],
    ['a token that was not taken', 'unknown', failure(401, 'Bad credentials'), docs],
    [
      'an app that may not read the keys',
      'unknown',
      failure(403, 'Resource not accessible by integration'),
      docs,
    ],
    [
      'an organization that lets this address not in',
      'unknown',
      failure(
        403,
        'Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled',
      ),
      'seen by third parties 2026-11-29',
    ],
    [
      'a repository that moved',
      'unknown',
      {
        status: 301,
        headers: { location: `${api}/repositories/17/keys` },
        body: { message: 'Moved Permanently' },
      },
      docs,
    ],
    ['a repository that is not there', 'unknown', failure(404, 'Not Found'), docs],
  ],
  use(value, settings) {
    const signing = seedOf(value.secret);
    const session = 'SSH session of ada';
    const body = signing && {
      key: lineOf(signing),
      session,
      signature: sign(null, Buffer.from(session), signing).toString('base64'),
    };
    return {
      url: `${ssh}/${placeOf(settings)}/git-upload-pack`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body ?? {}),
    };
  },
};

/** A private key of OpenSSH without a passphrase (PROTOCOL.key): its 32 bytes stand behind the second of the two public halves. */
function seedOf(file: string) {
  const bytes = Buffer.from(file.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  if (!file.startsWith('-----BEGIN OPENSSH') || bytes.length < 193) return undefined;
  const der = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    bytes.subarray(161, 193),
  ]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

function lineOf(signing: ReturnType<typeof createPrivateKey>): string {
  const point = createPublicKey(signing).export({ type: 'spki', format: 'der' }).subarray(-32);
  const head = Buffer.from('0000000b7373682d6564323535313900000020', 'hex');
  return `ssh-ed25519 ${Buffer.concat([head, point]).toString('base64')}`;
}
