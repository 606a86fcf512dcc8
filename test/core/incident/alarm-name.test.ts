import {
  alarmName,
  descriptionConfirms,
  parseAlarmName,
  writeAlarmDescription,
} from '../../../core/incident/alarm-name';
import { signalNames } from '../../../core/incident/signals';

const address = { environment: 'prod', provider: 'aws-iam', server: 'people-bot', purpose: 'reports' };

test.each(signalNames)('the name of a %s alarm reads back as what it was made of', signal => {
  expect(parseAlarmName(alarmName({ signal, address }), 'prod')).toEqual({ signal, address });
});

test.each([
  ['another environment', 'keyturn-staging-off-hours.sendgrid.bot.main'],
  ['an environment that only begins the same', 'keyturn-prod-eu-off-hours.sendgrid.bot.main'],
  ['no signal of ours', 'keyturn-prod-cpu.sendgrid.bot.main'],
  ['a method of every object', 'keyturn-prod-constructor.sendgrid.bot.main'],
  ['a part too few', 'keyturn-prod-off-hours.sendgrid.bot'],
  ['a part too many', 'keyturn-prod-off-hours.sendgrid.bot.main.x'],
  ['a path', 'keyturn-prod-off-hours.sendgrid.bot/../issuers.main'],
  ['a slash', 'keyturn-prod-off-hours.issuers/sendgrid.bot.main'],
  ['an empty part', 'keyturn-prod-off-hours..bot.main'],
  ['upper case', 'keyturn-prod-off-hours.SendGrid.bot.main'],
  ['a wildcard', 'keyturn-prod-off-hours.sendgrid.*.main'],
  ['a line break', 'keyturn-prod-off-hours.sendgrid.bot.main\n'],
  ['a part longer than a name', `keyturn-prod-off-hours.sendgrid.${'a'.repeat(33)}.main`],
  ['another product', 'billing-prod-off-hours.sendgrid.bot.main'],
])('%s is refused', (_, name) => {
  expect(() => parseAlarmName(name, 'prod')).toThrow(
    /Keyturn acts only on alarms that its own stacks created/,
  );
});

test('a description confirms its own subject only', () => {
  const subject = { signal: 'off-hours', address } as const;
  const text = writeAlarmDescription('For people.', subject);
  expect(descriptionConfirms(text, subject)).toBe(true);
  expect(descriptionConfirms(text, { ...subject, signal: 'auth-failures' })).toBe(false);
  expect(descriptionConfirms(text, { ...subject, address: { ...address, server: 'other' } })).toBe(false);
  expect(descriptionConfirms(`${text} more`, subject)).toBe(false);
  expect(descriptionConfirms(undefined, subject)).toBe(false);
});
