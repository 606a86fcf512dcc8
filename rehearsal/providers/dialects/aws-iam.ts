import { isSignedWith, readSignature, signedForm } from '@keyturn/aws-model/wire/signature-v4';
import { minuteMs } from '../../../core/time';
import type { CallKind, Dialect, Route, WireCall, WireReply } from '../dialect';
import type { FakeAccount, FakeKey } from '../fake-account';

const issuer = {
  accessKeyId: ['AKIA', 'ISSUER0000000001'].join(''),
  secretAccessKey: 'FAKESECRETissuer000000000000000000000000',
};
const accountId = '123456789012';
const keysAtMost = 2;

type RouteAnswer = Route['answer'];
type ServiceName = 'iam' | 'sts' | 'sns';

const xml = (status: number, body: string): WireReply => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body,
});
const failure = (status: number, code: string, message: string): WireReply =>
  xml(
    status,
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  );
const result = (action: string, inner = ''): WireReply =>
  xml(200, `<${action}Response><${action}Result>${inner}</${action}Result></${action}Response>`);

const unknownId = () =>
  failure(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
const badSignature = () =>
  failure(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the one you provided.',
  );

/** AWS bears with clocks that are off by five minutes, and tells others so under the code of a wrong secret. */
function ofWrongClock(call: WireCall, account: FakeAccount): WireReply | undefined {
  const skewMs = Math.abs(Number(readSignature(call)?.madeAt) - Number(account.now()));
  if (skewMs <= 5 * minuteMs) return undefined;
  return failure(
    403,
    'SignatureDoesNotMatch',
    'Signature expired: it is now earlier than the time it was made',
  );
}

function route(service: ServiceName, kind: CallKind, action: string, answer: RouteAnswer): Route {
  const isMeant = (call: WireCall) =>
    call.form.get('Action') === action && call.origin.startsWith(`https://${service}.`);
  return { kind, method: 'POST', path: '/', when: isMeant, answer };
}

/** Calls that the issuer makes on a user. */
function onUser(answer: (call: WireCall, account: FakeAccount, user: string) => WireReply): RouteAnswer {
  return (call, account) => {
    const given = readSignature(call);
    if (given?.accessKeyId !== issuer.accessKeyId) return unknownId();
    const late = ofWrongClock(call, account);
    if (late) return late;
    if (given.service !== 'iam' || !isSignedWith(issuer.secretAccessKey, call)) return badSignature();
    const ofKey = account.keys.find(({ id }) => id === call.form.get('AccessKeyId'))?.place;
    const user = call.form.get('UserName') ?? String(ofKey);
    if (!account.hasPlace(user))
      return failure(404, 'NoSuchEntity', `The user with name ${user} cannot be found.`);
    return answer(call, account, user);
  };
}

function onKey(answer: (key: FakeKey, call: WireCall, account: FakeAccount) => WireReply): RouteAnswer {
  return onUser((call, account, user) => {
    const id = call.form.get('AccessKeyId') ?? '';
    const key = account.find(user, id);
    return key
      ? { ...answer(key, call, account), key }
      : failure(404, 'NoSuchEntity', `The Access Key with id ${id} cannot be found.`);
  });
}

function whoIsIt(call: WireCall, account: FakeAccount): WireReply {
  if (readSignature(call)?.accessKeyId !== issuer.accessKeyId) return byKey(identity)(call, account);
  const late = ofWrongClock(call, account);
  if (late) return late;
  return isSignedWith(issuer.secretAccessKey, call) ? identity({ place: 'keyturn-issuer' }) : badSignature();
}

/** Calls that are made with a key. */
function byKey(answer: (key: FakeKey) => WireReply): RouteAnswer {
  return (call, account) => {
    const key = account.keys.find(({ id }) => id === readSignature(call)?.accessKeyId);
    if (!key || !account.accepts(key)) return { ...unknownId(), key };
    const late = ofWrongClock(call, account);
    if (late) return { ...late, key };
    if (!isSignedWith(key.secret, call)) return { ...badSignature(), key };
    key.lastUsedAt = account.now();
    return { ...answer(key), key };
  };
}

function create(_call: WireCall, account: FakeAccount, user: string): WireReply {
  if (account.present(user).length >= keysAtMost) {
    return failure(409, 'LimitExceeded', 'Cannot exceed quota for AccessKeysPerUser: 2');
  }
  const id = `AKIA${account.fresh(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`;
  const key = account.add({ id, place: user, secret: account.freshSecret(40) });
  const secret = `<SecretAccessKey>${key.secret}</SecretAccessKey>`;
  return { ...result('CreateAccessKey', `<AccessKey>${described(key)}${secret}</AccessKey>`), key };
}

function described(key: FakeKey): string {
  const status = key.active ? 'Active' : 'Inactive';
  const names = `<UserName>${key.place}</UserName><AccessKeyId>${key.id}</AccessKeyId>`;
  return `${names}<Status>${status}</Status><CreateDate>${key.createdAt.toISOString()}</CreateDate>`;
}

function list(call: WireCall, account: FakeAccount, user: string): WireReply {
  const keys = account.present(user);
  const start = Number(call.form.get('Marker')?.replace('marker', '') ?? 0);
  const end = start + account.pageSize;
  const members = keys.slice(start, end).map(key => `<member>${described(key)}</member>`);
  const more = end < keys.length;
  const rest = `<IsTruncated>${more}</IsTruncated>${more ? `<Marker>marker${end}</Marker>` : ''}`;
  return result('ListAccessKeys', `<AccessKeyMetadata>${members.join('')}</AccessKeyMetadata>${rest}`);
}

function lastUsed(key: FakeKey): WireReply {
  const at = key.lastUsedAt ? `<LastUsedDate>${key.lastUsedAt.toISOString()}</LastUsedDate>` : '';
  const where = `<ServiceName>${at ? 'sts' : 'N/A'}</ServiceName><Region>${at ? 'us-east-1' : 'N/A'}</Region>`;
  const inner = `<UserName>${key.place}</UserName><AccessKeyLastUsed>${at}${where}</AccessKeyLastUsed>`;
  return result('GetAccessKeyLastUsed', inner);
}

function update(key: FakeKey, call: WireCall, account: FakeAccount): WireReply {
  if (call.form.get('Status') === 'Inactive') account.switchOff(key);
  else account.switchOn(key);
  return result('UpdateAccessKey');
}

function remove(key: FakeKey, _call: WireCall, account: FakeAccount): WireReply {
  account.revoke(key);
  return result('DeleteAccessKey');
}

function identity({ place }: Pick<FakeKey, 'place'>): WireReply {
  const arn = `<Arn>arn:aws:iam::${accountId}:user/${place}</Arn>`;
  return result('GetCallerIdentity', `${arn}<UserId>AIDAFAKE</UserId><Account>${accountId}</Account>`);
}

const regionOf = (settings: Record<string, unknown>) => String(settings.region ?? 'us-east-1');

export const awsIam: Dialect = {
  provider: 'aws-iam',
  evidence: [
    'openapi 2026-11-28 https://github.com/aws/api-models-aws iam/service/2010-05-08/iam-2010-05-08.json; two keys a user, active or not',
    'docs 2026-11-28 https://docs.aws.amazon.com/general/latest/gr/iam-service.html: endpoints of the partitions',
    'seen 2026-11-28 codes of refused credentials and the delay (10 s here) are observed, not documented',
  ],
  sample: { settings: { userName: 'support-bot', region: 'eu-central-1' }, scopes: [] },
  origins(settings) {
    const region = regionOf(settings);
    const suffix = region.startsWith('cn-') ? '.cn' : '';
    return [
      iamOf(region),
      ...['sts', 'sns'].map(service => `https://${service}.${region}.amazonaws.com${suffix}`),
    ];
  },
  place: settings => String(settings.userName),
  issuer: () => issuer,
  delays: { createMs: 10_000, revokeMs: 10_000 },
  pageSize: 1,
  capacity: keysAtMost,
  // AWS answers 400 where others answer 429.
  tooMany: () => failure(400, 'Throttling', 'Rate exceeded'),
  routes: [
    route('iam', 'create', 'CreateAccessKey', onUser(create)),
    route('iam', 'list', 'ListAccessKeys', onUser(list)),
    route('iam', 'list', 'GetAccessKeyLastUsed', onKey(lastUsed)),
    route('iam', 'revoke', 'UpdateAccessKey', onKey(update)),
    route('iam', 'revoke', 'DeleteAccessKey', onKey(remove)),
    route('sts', 'verify', 'GetCallerIdentity', whoIsIt),
    route(
      'sns',
      'use',
      'Publish',
      byKey(() => result('Publish', '<MessageId>fake</MessageId>')),
    ),
  ],
  verifyAnswers: [
    [
      'a deleted or inactive key, or one in a region that its account has not enabled',
      'denied',
      unknownId(),
      'seen 2026-11-28 https://github.com/boto/boto3/issues/3975',
    ],
    ['a wrong secret, or a request that was changed on its way', 'denied', badSignature(), 'observed'],
    [
      'a key whose signature is too old',
      'unknown',
      failure(
        403,
        'SignatureDoesNotMatch',
        'Signature expired: 20261128T100000Z is now earlier than 20261128T100500Z',
      ),
      'observed',
    ],
    [
      'a key whose signature is too new',
      'unknown',
      failure(
        403,
        'SignatureDoesNotMatch',
        'Signature not yet current: 20261128T100000Z is still later than 20261128T095500Z',
      ),
      'observed',
    ],
    [
      'a key that a policy of the organization denies',
      'unknown',
      failure(403, 'AccessDenied', 'User is not authorized to perform this with an explicit deny'),
      'observed',
    ],
    [
      'a key in a region where STS is switched off',
      'unknown',
      failure(
        403,
        'RegionDisabledException',
        'STS is not activated in this region for account 123456789012.',
      ),
      'docs 2026-11-28 https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html',
    ],
    [
      'a key of an account that is suspended',
      'unknown',
      failure(403, 'OptInRequired', 'The AWS access key ID needs a subscription for the service'),
      'docs 2026-11-28 https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html',
    ],
    [
      'a request that was malformed',
      'unknown',
      failure(400, 'IncompleteSignature', 'The request signature does not conform to AWS standards.'),
      'docs 2026-11-28 https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html',
    ],
  ],
  use(value, settings, now) {
    const [, , origin = ''] = awsIam.origins(settings);
    const message = {
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: 'arn:aws:sns:fake',
      Message: 'Order 17 is paid',
    };
    const credential = { accessKeyId: value.keyId, secret: value.secret };
    return signedForm({ origin, region: regionOf(settings), service: 'sns' }, credential, message, now);
  },
};

function iamOf(region: string): string {
  if (region.startsWith('cn-')) return 'https://iam.cn-north-1.amazonaws.com.cn';
  if (region.startsWith('us-gov-')) return 'https://iam.us-gov.amazonaws.com';
  return 'https://iam.amazonaws.com';
}
