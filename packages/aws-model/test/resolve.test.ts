import { resolve, type Scope } from '../template/resolve';

const scope: Scope = {
  where: 'stack/Thing',
  ref: name =>
    new Map([
      ['Bucket', 'my-bucket'],
      ['AWS::Region', 'eu-west-1'],
    ]).get(name),
  attribute: (logicalId, attribute) =>
    new Map([
      ['Bucket Arn', 'arn:aws:s3:::my-bucket'],
      ['Nested Outputs.Url', 'u'],
    ]).get(`${logicalId} ${attribute}`),
  imported: name => new Map([['platform-key-arn', 'arn:aws:kms:::key/1']]).get(name),
};
const variable = (name: string) => `\${${name}}`;

test.each<[string, unknown, unknown]>([
  ['Ref', { Ref: 'Bucket' }, 'my-bucket'],
  ['Ref of what AWS names', { Ref: 'AWS::Region' }, 'eu-west-1'],
  ['GetAtt', { 'Fn::GetAtt': ['Bucket', 'Arn'] }, 'arn:aws:s3:::my-bucket'],
  ['GetAtt as text, with a dot in the attribute', { 'Fn::GetAtt': 'Nested.Outputs.Url' }, 'u'],
  ['ImportValue', { 'Fn::ImportValue': 'platform-key-arn' }, 'arn:aws:kms:::key/1'],
  ['Join', { 'Fn::Join': ['/', ['a', { Ref: 'Bucket' }, 7]] }, 'a/my-bucket/7'],
  ['Select', { 'Fn::Select': [1, ['a', { Ref: 'Bucket' }]] }, 'my-bucket'],
  [
    'Select of a Split',
    { 'Fn::Select': ['5', { 'Fn::Split': [':', { 'Fn::GetAtt': ['Bucket', 'Arn'] }] }] },
    'my-bucket',
  ],
  [
    'Sub',
    { 'Fn::Sub': `${variable('Bucket')} in ${variable('AWS::Region')}, ${variable('Bucket.Arn')}` },
    'my-bucket in eu-west-1, arn:aws:s3:::my-bucket',
  ],
  [
    'Sub with names of its own',
    { 'Fn::Sub': [`${variable('x')}-${variable('Bucket')}`, { x: { Ref: 'AWS::Region' } }] },
    'eu-west-1-my-bucket',
  ],
  ['Sub of a literal', { 'Fn::Sub': `${variable('!aws:username')}` }, variable('aws:username')],
  [
    'what is no function',
    { a: [1, true, null, 'x'], Ref: 'Bucket', b: 2 },
    { a: [1, true, null, 'x'], Ref: 'Bucket', b: 2 },
  ],
  ['deep inside', { a: [{ b: { c: { Ref: 'Bucket' } } }] }, { a: [{ b: { c: 'my-bucket' } }] }],
  [
    'a condition of a policy',
    { Condition: { StringEquals: { k: { Ref: 'Bucket' } } } },
    { Condition: { StringEquals: { k: 'my-bucket' } } },
  ],
  ['no value as a property', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
  ['no value in a list', { a: ['x', { Ref: 'AWS::NoValue' }] }, { a: ['x'] }],
  ['no value in a Join', { 'Fn::Join': [',', ['x', { Ref: 'AWS::NoValue' }, 'y']] }, 'x,y'],
])('%s', (_, written, expected) => expect(resolve(written, scope)).toEqual(expected));

test.each<[string, unknown, string]>([
  [
    'a function that it does not know',
    { a: { 'Fn::Transform': 'x' } },
    'stack/Thing uses Fn::Transform, which',
  ],
  ['a condition of the template', { a: { Condition: 'IsProd' } }, 'stack/Thing uses Condition, which'],
  ['a name that is not there', { Ref: 'Gone' }, 'stack/Thing: Ref Gone names nothing'],
  [
    'an attribute that is not there',
    { 'Fn::GetAtt': ['Bucket', 'Gone'] },
    'Fn::GetAtt Bucket.Gone names nothing',
  ],
  ['a name in a text', { 'Fn::Sub': variable('Gone') }, 'names nothing'],
  ['an item that is not there', { 'Fn::Select': [3, ['a']] }, 'Fn::Select 3 names nothing'],
])('is an error: %s', (_, written, message) => expect(() => resolve(written, scope)).toThrow(message));
