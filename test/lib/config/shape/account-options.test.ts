// What teams with many accounts may ask for: each bad value says where it is and what to write.
import { type Change, problemsAfter, type Rule } from '../../support/broken-config';

const prod =
  (change: Record<string, unknown>): Change =>
  keys =>
    Object.assign(keys.environments.prod!, change);

const subnetIds = ['subnet-0a1b2c3d4e5f60718', 'subnet-0b1c2d3e4f5061728'];
const securityGroupIds = ['sg-0c1d2e3f405162738'];
const ownKey = 'arn:aws:kms:eu-central-1:333333333333:key/mrk-0a1b2c3d4e5f46078192a3b4c5d6e7f8';
const keeper = 'arn:aws:iam::333333333333:role/key-keeper';
const topic = 'arn:aws:sns:eu-central-1:666666666666:incidents';
const topics = (...all: object[]) => ({ notify: { emails: ['oncall@example.com'], topics: all } });
const numbered = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`t${n}`, '']));

const rules: Rule[] = [
  [
    'an auditor of another account',
    prod({ auditors: ['arn:aws:iam::444444444444:role/audit'] }),
    'prod: auditors "arn:aws:iam::444444444444:role/audit" is not in account 333333333333; name roles of this account',
  ],
  [
    'reports of leaks from nobody knows whom',
    prod({ leakReports: {} }),
    'prod: leakReports.from is missing; name some of github, gitguardian, trufflehog, or [] where only people report',
  ],
  [
    'reports of leaks of a scanner that there is not',
    prod({ leakReports: { from: ['gitgardian'] } }),
    'prod: leakReports.from[0] "gitgardian" is unknown; use "gitguardian"',
  ],
  [
    'a scanner that is named twice',
    prod({ leakReports: { from: ['github', 'github'] } }),
    'prod: leakReports.from ["github","github"] names one twice; name it once',
  ],
  [
    'tags that are no object',
    prod({ tags: 'team=x' }),
    `prod: tags "team=x" must be an object; write it like { 'cost-center': '1234' }`,
  ],
  [
    "a tag of Keyturn's own",
    prod({ tags: { 'keyturn:tier': 'low' } }),
    'prod: tags "keyturn:tier" is reserved; choose a tag key that does not begin with aws: or keyturn:',
  ],
  [
    "a tag of Keyturn's own in other letters",
    prod({ tags: { 'KeyTurn:team': 'x' } }),
    'prod: tags "KeyTurn:team" is reserved; choose a tag key that does not begin with aws: or keyturn:',
  ],
  [
    "a tag of AWS's",
    prod({ tags: { 'aws:x': 'y' } }),
    'prod: tags "aws:x" is reserved; choose a tag key that does not begin with aws: or keyturn:',
  ],
  [
    'a number as the value of a tag',
    prod({ tags: { 'cost-center': 4711 } }),
    'prod: tags.cost-center 4711 is not a tag value; write text, in quotes',
  ],
  [
    'a sign that tags do not take',
    prod({ tags: { owner: 'a&b' } }),
    'prod: tags.owner "a&b" is not a tag value; use letters, digits, spaces and _ . : / = + - @',
  ],
  [
    'a key of a tag that is too long',
    prod({ tags: { ['k'.repeat(129)]: '' } }),
    `prod: tags "${'k'.repeat(76)}... is not a tag key; use 1 to 128 characters`,
  ],
  [
    'a value of a tag that is too long',
    prod({ tags: { long: 'v'.repeat(257) } }),
    `prod: tags.long "${'v'.repeat(76)}... is too long for a tag value; use at most 256 characters`,
  ],
  [
    'more tags than AWS takes beside its own',
    prod({ tags: numbered(41) }),
    'prod: tags {"t0":"","t1":"","t2":"","t3":"","t4":"","t5":"","t6":"","t7":"","t8":"","t9"... are too many for AWS; use at most 40',
  ],
  [
    'a bad tag of a server',
    keys => Object.assign(keys.servers['support-bot']!, { tags: { 'aws:x': 'y' } }),
    'support-bot: tags "aws:x" is reserved; choose a tag key that does not begin with aws: or keyturn:',
  ],
  [
    'a boundary that is a role',
    prod({ permissionsBoundary: 'arn:aws:iam::333333333333:role/boundary' }),
    'prod: permissionsBoundary "arn:aws:iam::333333333333:role/boundary" is not the ARN of an IAM policy; write arn:aws:iam::<account>:policy/<name>',
  ],
  [
    'a boundary of another account',
    prod({ permissionsBoundary: 'arn:aws:iam::444444444444:policy/boundary' }),
    'prod: permissionsBoundary "arn:aws:iam::444444444444:policy/boundary" is not in account 333333333333; name a policy of this account',
  ],
  [
    'a boundary of another partition',
    prod({ permissionsBoundary: 'arn:aws-cn:iam::333333333333:policy/boundary' }),
    'prod: permissionsBoundary "arn:aws-cn:iam::333333333333:policy/boundary" is not in the partition of eu-central-1; write arn:aws:iam::333333333333:policy/boundary',
  ],
  [
    'a path without slashes',
    prod({ rolePath: 'platform' }),
    'prod: rolePath "platform" is not a path of roles; write it like /platform/, with a slash at both ends',
  ],
  [
    'a path with a wildcard',
    prod({ rolePath: '/*/' }),
    'prod: rolePath "/*/" is not a path of roles; write it like /platform/, with a slash at both ends',
  ],
  [
    'a subnet by its name',
    prod({ vpc: { subnetIds: ['private-a', ...subnetIds], securityGroupIds } }),
    'prod: vpc.subnetIds[0] "private-a" is not the id of a subnet; write it like subnet-0123456789abcdef0',
  ],
  [
    'one subnet',
    prod({ vpc: { subnetIds: subnetIds.slice(1), securityGroupIds } }),
    'prod: vpc.subnetIds ["subnet-0b1c2d3e4f5061728"] would stop every function if one zone fails; give subnets in two zones or more',
  ],
  [
    'the same subnet twice',
    prod({ vpc: { subnetIds: [subnetIds[0], subnetIds[0]], securityGroupIds } }),
    'prod: vpc.subnetIds ["subnet-0a1b2c3d4e5f60718","subnet-0a1b2c3d4e5f60718"] name a subnet twice; name each once',
  ],
  [
    'no security group',
    prod({ vpc: { subnetIds, securityGroupIds: [] } }),
    'prod: vpc.securityGroupIds [] is empty, and Lambda needs one; give the id of a security group',
  ],
  [
    'a subnet as a security group',
    prod({ vpc: { subnetIds, securityGroupIds: subnetIds.slice(1) } }),
    'prod: vpc.securityGroupIds[0] "subnet-0b1c2d3e4f5061728" is not the id of a security group; write it like sg-0123456789abcdef0',
  ],
  [
    'more security groups than Lambda takes',
    prod({ vpc: { subnetIds, securityGroupIds: Array.from({ length: 6 }, (_, n) => `sg-0000000${n}`) } }),
    'prod: vpc.securityGroupIds ["sg-00000000","sg-00000001","sg-00000002","sg-00000003","sg-00000004","sg-00... are too many for Lambda; give at most 5',
  ],
  [
    'a KMS key by its alias',
    prod({ kmsKey: { arn: 'arn:aws:kms:eu-central-1:333333333333:alias/team', admins: [keeper] } }),
    'prod: kmsKey.arn "arn:aws:kms:eu-central-1:333333333333:alias/team" is not the ARN of a KMS key; write arn:aws:kms:<region>:<account>:key/<id>',
  ],
  [
    'a KMS key of another account',
    prod({ kmsKey: { arn: 'arn:aws:kms:eu-central-1:444444444444:key/1-2', admins: [keeper] } }),
    'prod: kmsKey.arn "arn:aws:kms:eu-central-1:444444444444:key/1-2" is not in account 333333333333 and region eu-central-1; name a key there, since functions get no permission to use a key elsewhere',
  ],
  [
    'a KMS key of another region',
    prod({ kmsKey: { arn: 'arn:aws:kms:us-east-1:333333333333:key/1-2', admins: [keeper] } }),
    'prod: kmsKey.arn "arn:aws:kms:us-east-1:333333333333:key/1-2" is not in account 333333333333 and region eu-central-1; name a key there, since functions get no permission to use a key elsewhere',
  ],
  [
    'a KMS key of another partition',
    prod({ kmsKey: { arn: 'arn:aws-cn:kms:eu-central-1:333333333333:key/1-2', admins: [keeper] } }),
    'prod: kmsKey.arn "arn:aws-cn:kms:eu-central-1:333333333333:key/1-2" is not in the partition of eu-central-1; write arn:aws:kms:eu-central-1:333333333333:key/1-2',
  ],
  [
    'a KMS key that nobody looks after',
    prod({ kmsKey: { arn: ownKey, admins: [] } }),
    "prod: kmsKey.admins [] is empty, so no one else could change the key's policy; name the roles that manage the key",
  ],
  [
    'a KMS key that somebody of another account looks after',
    prod({ kmsKey: { arn: ownKey, admins: [keeper.replace('333333333333', '444444444444')] } }),
    'prod: kmsKey.admins "arn:aws:iam::444444444444:role/key-keeper" is not in account 333333333333; name roles of this account',
  ],
  [
    'an account of servers that is none',
    prod({ serverAccounts: ['4444'] }),
    'prod: serverAccounts[0] "4444" is not an AWS account; give its 12 digits, in quotes',
  ],
  [
    'a role of an account that servers may not run in',
    keys => {
      Object.assign(keys.environments.prod!, { serverAccounts: ['444444444444'] });
      Object.assign(keys.servers['support-bot']!.roles, { prod: 'arn:aws:iam::555555555555:role/bot' });
    },
    'prod/support-bot: role "arn:aws:iam::555555555555:role/bot" is not in account 333333333333; name a role of this account, or add \'555555555555\' to serverAccounts if the server runs there',
  ],
  [
    'two servers with one role of another account',
    keys => {
      Object.assign(keys.environments.prod!, { serverAccounts: ['444444444444'] });
      Object.assign(keys.servers['support-bot']!.roles, { prod: 'arn:aws:iam::444444444444:role/bot' });
      const roles = { prod: 'arn:aws:iam::444444444444:role/bot' };
      keys.servers['sales-bot'] = { team: 'sales', roles, keys: [{ provider: 'self-issued' }] };
    },
    'prod/support-bot and prod/sales-bot: role "arn:aws:iam::444444444444:role/bot" is used by both, so each could read the other\'s keys; give each its own role',
  ],
  [
    'a server whose name leaves no room for its role',
    keys => {
      const environments = { ...keys.environments.prod, serverAccounts: ['444444444444'] };
      keys.environments = { 'production-of-all-of-europe': environments };
      const roles = { 'production-of-all-of-europe': 'arn:aws:iam::444444444444:role/bot' };
      keys.servers = { 'a-server-with-a-long-n': { team: 'x', roles, keys: [{ provider: 'self-issued' }] } };
    },
    'production-of-all-of-europe/a-server-with-a-long-n: role "arn:aws:iam::444444444444:role/bot" needs the role keyturn-production-of-all-of-europe-server-a-server-with-a-long-n here, whose name is 1 characters too long for IAM; shorten the name of the server or the environment',
  ],
  [
    'a topic by its name',
    prod(topics({ arn: 'incidents', gets: 'messages' })),
    'prod: notify.topics[0].arn "incidents" is not the ARN of a topic; write arn:aws:sns:<region>:<account>:<name>',
  ],
  [
    'a topic that gets something else',
    prod(topics({ arn: topic, gets: 'mail' })),
    'prod: notify.topics[0].gets "mail" is unknown; use one of "messages", "chat", "alarms"',
  ],
  [
    'a topic of another region',
    prod(topics({ arn: topic.replace('eu-central-1', 'us-east-1'), gets: 'alarms' })),
    'prod: notify.topics "arn:aws:sns:us-east-1:666666666666:incidents" is not in eu-central-1; name a topic there, since alarms and functions publish to topics in their own region',
  ],
  [
    "a topic of Keyturn's own",
    prod(topics({ arn: 'arn:aws:sns:eu-central-1:333333333333:keyturn-prod-alarms', gets: 'messages' })),
    'prod: notify.topics "arn:aws:sns:eu-central-1:333333333333:keyturn-prod-alarms" has a name that is reserved for Keyturn\'s own topics; name one of your topics',
  ],
  [
    'the key of a topic in another region',
    prod(topics({ arn: topic, gets: 'messages', kmsKey: 'arn:aws:kms:us-east-1:666666666666:key/1-2' })),
    'prod: notify.topics "arn:aws:kms:us-east-1:666666666666:key/1-2" is not in eu-central-1, and a topic\'s key is in its region; correct kmsKey',
  ],
];

test.each(rules)('%s is refused, with the place and the fix', (_, change, ...says) => {
  expect(problemsAfter(change)).toEqual(says);
});

test.each([
  [
    '40 tags, keys of 128 characters, values of 256',
    { tags: { ...numbered(39), ['k'.repeat(128)]: 'v'.repeat(256) } },
  ],
  ['letters of other scripts', { tags: { 'Kostenstelle Zürich': 'Ä 1' } }],
  ['a boundary of AWS', { permissionsBoundary: 'arn:aws:iam::aws:policy/PowerUserAccess' }],
  ['topics of other accounts', topics({ arn: topic, gets: 'chat' }, { arn: `${topic}-2`, gets: 'alarms' })],
  ['a key of several regions', { kmsKey: { arn: ownKey, admins: [keeper] } }],
  ['a path of several parts', { rolePath: '/a/b-c/d.e/' }],
  [
    'two subnets and five groups',
    { vpc: { subnetIds, securityGroupIds: Array.from({ length: 5 }, (_, n) => `sg-0000000${n}`) } },
  ],
])('%s: is taken', (_, change) => {
  expect(problemsAfter(prod(change))).toEqual([]);
});
