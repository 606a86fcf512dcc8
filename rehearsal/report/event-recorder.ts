// What a rehearsal tells besides the life of keys: alarms that go off, what the watch function notices, and mail to people.

import type { AwsEvent } from '@keyturn/aws-model/shared/aws-event';
import type { OutsideMessage } from '@keyturn/aws-model/sns/fan-out';
import type { StoryEvent } from '../../bin/report/lives';
import { hasCode } from '../../core/errors';
import { parseAlarmName } from '../../core/incident/alarm-name';
import type { Trigger } from '../../core/incident/incident';
import { signals } from '../../core/incident/signals';
import { shortName } from '../../core/key/key-address';
import { reporterTitles } from '../../core/leaks/leak-report';

type Tell = (kind: StoryEvent['kind'], text: string, key?: string) => void;

export class EventRecorder {
  private lastMail = '';

  /**
   * @param triggerOf what the watch function wrote down of a signal
   * @param isTold false of an alarm that acts on nothing: it is one half of another
   */
  constructor(
    private readonly tell: Tell,
    private readonly environment: string,
    private readonly triggerOf: (incidentId: string) => Trigger | undefined,
    private readonly isTold: (alarmName: string) => boolean,
  ) {}

  onEvent = ({ 'detail-type': type, detail }: AwsEvent): void => {
    if (type === 'Key Signal') this.tellOfSignal(String(detail.incidentId));
    if (type === 'CloudWatch Alarm State Change') {
      const { alarmName, state } = detail as { alarmName: string; state: { value: string } };
      if (state.value === 'ALARM' && this.isTold(alarmName)) this.tellOfAlarm(alarmName);
    }
  };

  onMail = ({ at, subject, text }: OutsideMessage): void => {
    // The same to every address.
    const mail = `${at.toISOString()} ${text}`;
    if (mail === this.lastMail) return;
    this.lastMail = mail;
    this.tell('told', `mail to on-call: ${subject ?? text.slice(0, text.indexOf('\n')).replaceAll('"', '')}`);
  };

  private tellOfSignal(incidentId: string): void {
    const trigger = this.triggerOf(incidentId);
    if (trigger?.cause.by !== 'watch' && trigger?.cause.by !== 'report') return;
    const { cause, address } = trigger;
    const from = cause.by === 'watch' ? cause.source : reporterTitles[cause.reporter];
    const key = shortName(address);
    this.tell('alarm', `${key}: ${signals[cause.signal].words} (${from})`, key);
  }

  private tellOfAlarm(name: string): void {
    try {
      const { address, signal } = parseAlarmName(name, this.environment);
      const key = shortName(address);
      this.tell('alarm', `${key}: ${signals[signal].words}`, key);
    } catch (error) {
      if (!hasCode(error, 'bad-event')) throw error;
      this.tell('alarm', `${name} went off`);
    }
  }
}
