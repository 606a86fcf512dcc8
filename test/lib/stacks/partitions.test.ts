// AWS in China, in Europe's sovereign cloud and for the government of the USA: other ARNs, and other endings of names.
import { openFunctions } from '../../../lib/config/aws/regions';
import { templatesOf } from '../support/config-assemblies';
import { partitions } from '../support/configs';

const suffixes: Record<string, string> = {
  aws: 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-eusc': 'amazonaws.eu',
  'aws-us-gov': 'amazonaws.com',
};

/** Every text of a template, with its path, such as `Resources.Key.Properties.KeyPolicy.Statement.0.Sid`. */
function* textsIn(value: unknown, path: string[] = []): Generator<{ path: string; text: string }> {
  if (typeof value === 'string') yield { path: path.join('.'), text: value };
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) yield* textsIn(inner, [...path, name]);
}

describe.each(Object.entries(partitions))('%s', (partition, region) => {
  const templates = Object.values(templatesOf(`every provider and option in ${partition}`));
  const texts = templates.flatMap(({ Resources }) => [...textsIn(Resources)]);

  test('every ARN is of the partition', () => {
    const arns = texts.flatMap(({ path, text }) =>
      [...text.matchAll(/\barn:([\w-]*):/g)].map(([, of]) => ({ path, of })),
    );
    expect(arns.length).toBeGreaterThan(50);
    expect(arns.filter(({ of }) => of !== partition)).toEqual([]);
  });

  test('a name that ends in amazonaws.com is one that AWS writes so everywhere: of a principal, or of the source of an event', () => {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
    const everywhere =
      /\.(Principal(\.Service(\.\d+)?)?|eventSource\.\d+|ExcludeManagementEventSources\.\d+)$/;
    const others = texts
      .filter(({ text }) => text.includes('amazonaws'))
      .filter(({ path, text }) => !(everywhere.test(path) && /^[a-z-]+\.amazonaws\.com$/.test(text)));
    expect(others.length).toBeGreaterThan(0);
    for (const { path, text } of others) {
      expect(path).toMatch(/kms:ViaService\.\d$/);
      expect(text).toMatch(new RegExp(`^(secretsmanager|sns)\\.${region}\\.`));
    }
    const viaSecrets = others.filter(({ text }) => text.startsWith('secretsmanager.'));
    // KMS may name its caller with either ending; where both are the same, there is one.
    expect(new Set(viaSecrets.map(({ text }) => text))).toEqual(
      new Set(['amazonaws.com', suffixes[partition]].map(suffix => `secretsmanager.${region}.${suffix}`)),
    );
  });
});

describe('where Lambda has no policies that deny', () => {
  const templates = templatesOf('every provider and option in aws-us-gov');
  const resources = Object.values(templates).flatMap(({ Resources }) => Object.values(Resources));
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);

  test('functions let in the same services and roles by permissions', () => {
    expect(ofType('AWS::Lambda::ResourcePolicy')).toEqual([]);
    const elsewhere = Object.values(templatesOf('every provider and option in aws'))
      .flatMap(({ Resources }) => Object.values(Resources))
      .filter(({ Type }) => Type === 'AWS::Lambda::ResourcePolicy')
      .flatMap(({ Properties = {} }) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement)
      // No function has a URL there, to which everybody is let in.
      .filter(({ Effect, Principal }) => Effect === 'Allow' && !isEverybody(Principal));
    const permissions = ofType('AWS::Lambda::Permission').map(({ Properties = {} }) => Properties);
    expect(permissions).toHaveLength(elsewhere.length);
    for (const { Action, Principal, SourceArn, SourceAccount } of permissions) {
      expect(Action).toBe('lambda:InvokeFunction');
      // Whom a permission lets in without a source is a role, by its ARN.
      if (!SourceArn && !SourceAccount)
        expect(Principal).toMatch(/^arn:aws-us-gov:iam::333333333333:role\/\w/);
    }
    expect(permissions.filter(({ SourceArn, SourceAccount }) => !SourceArn && !SourceAccount)).toHaveLength(
      1,
    );
  });

  test.each([
    ['us-gov-west-1', true],
    ['cn-north-1', true],
    ['me-south-1', true],
    ['eusc-de-east-1', false],
    ['eu-central-1', false],
  ])('people are told of it: %s, %s', (region, isOpen) => {
    const told = openFunctions({ name: 'prod', region });
    expect(told).toHaveLength(isOpen ? 1 : 0);
    for (const text of told)
      expect(text).toMatch(
        new RegExp(`^${region} does not support .*; deny both to everyone but .*security.md`),
      );
  });
});

interface Statement {
  Effect: string;
  Principal?: unknown;
}

function isEverybody(principal: unknown): boolean {
  return ['"*"', '{"AWS":"*"}'].includes(JSON.stringify(principal));
}
