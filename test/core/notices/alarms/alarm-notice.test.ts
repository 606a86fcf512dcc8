import { alarmNotice } from '../../../../core/notices/alarms/alarm-notice';

test.each(['retire-missing', 'take-up-missing'] as const)(
  'the end of %s claims no run: its alarm ends, too, after most of a week without one',
  kind => {
    const change = { name: kind, isOn: false, at: new Date(0), reason: '' };
    expect(alarmNotice({ kind, environment: 'prod' }, change, []).headline).toContain('or it has not run');
  },
);
