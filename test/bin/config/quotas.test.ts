import { accountUse, quotaUses, quotaWarnings } from '../../../bin/config/quotas';
import { validateConfig } from '../../../lib/config/validate-config';
import { templatesOf } from '../../lib/support/config-assemblies';
import { configs } from '../../lib/support/configs';

const environmentsOf = (name: string) => validateConfig(configs[name]!()).environments;

test.each(Object.keys(configs))('%s: what is counted is what the templates have', name => {
  const templates = Object.entries(templatesOf(name));
  const elsewhere = templates.filter(([stack]) => stack.includes('-reads-in-'));
  const here = templates.filter(one => !elsewhere.includes(one));
  const resourcesOf = (of: typeof templates) => of.flatMap(([, { Resources }]) => Object.values(Resources));
  const resources = resourcesOf(here);
  const count = (...types: string[]) => resources.filter(({ Type }) => types.includes(Type)).length;
  const rolesElsewhere = resourcesOf(elsewhere).filter(({ Type }) => Type === 'AWS::IAM::Role').length;
  const [environment] = environmentsOf(name);
  expect(accountUse(environment!)).toEqual({
    alarms: count('AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'),
    anomalyModels: resources.filter(({ Properties = {} }) => Properties.ThresholdMetricId).length,
    // Servers' own roles are in other stacks.
    roles:
      count('AWS::IAM::Role') +
      rolesElsewhere +
      environment!.servers.filter(({ assumedBy }) => !assumedBy).length,
    policies: count('AWS::IAM::ManagedPolicy'),
    stacks: here.length,
    rules: count('AWS::Events::Rule'),
    trails: count('AWS::CloudTrail::Trail'),
  });
});

test('a thousand keys of tier high pass the models of an account, and people are told what to do', () => {
  const environments = environmentsOf('a thousand keys');
  const warnings = quotaWarnings(environments);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^account 333333333333 us-east-1: 4,\d\d\d alarms of CloudWatch of the 5,000 .*; some accounts have this quota/,
    ),
    expect.stringMatching(
      /^account 333333333333 us-east-1: 1,000 anomaly detection models .* of the 500 .*; AWS does not raise it; give/,
    ),
  ]);
});

test('environments of one account and region count together, and a warning begins at four fifths', () => {
  const [environment] = environmentsOf('every provider and option in aws');
  const times = (count: number, change = {}) =>
    Array.from({ length: count }, () => ({ ...environment!, ...change }));
  const trails = (environments: ReturnType<typeof times>) =>
    quotaUses(environments).filter(({ what }) => what.includes('trails'));
  expect(
    trails([...times(2), ...times(1, { region: 'eu-west-1' })]).map(({ place, used }) => [place, used]),
  ).toEqual([
    ['333333333333 us-east-1', 2],
    ['333333333333 eu-west-1', 1],
  ]);
  const told = (count: number) => quotaWarnings(times(count)).some(text => text.includes('trails'));
  expect(told(3)).toBe(false);
  expect(told(4)).toBe(true);
});
