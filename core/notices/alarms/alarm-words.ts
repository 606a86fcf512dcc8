// What is told of each alarm about Keyturn itself: when it begins, when it is over, and what to do.
import { type Step, step } from '../../text/step';
import type { Severity } from '../notice';
import type { EnvironmentAlarm, PlatformAlarm } from './platform-alarms';

export interface AlarmWords {
  severity: Severity;
  /** One sentence without a full stop, as all headlines. */
  begins: string;
  over: string;
  done: string;
  next: readonly Step[];
  /** Of the runbook. */
  section: string;
}

export function wordsOf(alarm: PlatformAlarm): AlarmWords {
  return alarm.kind === 'retire-failed' ? retireFailed(alarm) : words[alarm.kind](alarm.environment);
}

const words: Record<EnvironmentAlarm, (environment: string) => AlarmWords> = {
  'emergency-revoke-stopped': environment => ({
    severity: 'critical',
    begins: 'the emergency function failed three times: a compromised key may still be valid',
    over: 'the emergency function has no failed call in its queue',
    done: 'Resumes unfinished incidents every hour.',
    next: [
      step('See which incidents are open:', 'incidents', '--env', environment),
      ...logAndQueue(environment, 'emergency-revoke'),
    ],
    section: 'emergency-revoke-stopped',
  }),
  'watch-stopped': environment => ({
    severity: 'warning',
    begins: 'the watch function failed three times: an unexpected read of a secret may have gone unnoticed',
    over: 'the watch function has no failed read in its queue',
    done: 'Nothing. Keys rotate, and alarms on their use work as before.',
    next: logAndQueue(environment, 'watch'),
    section: 'watch-stopped',
  }),
  'retire-stopped': environment => ({
    severity: 'warning',
    begins: 'the hourly retirement failed three times in a row: superseded keys stay valid',
    over: 'the hourly retirement has no failed run in its queue',
    done: 'Nothing. Rotations and servers work as before.',
    next: logAndQueue(environment, 'retire'),
    section: 'retire-stopped',
  }),
  'tell-stopped': environment => ({
    severity: 'critical',
    begins: 'messages for you could not be sent: alarms and failed rotations may go unnoticed',
    over: 'messages reach the topic again',
    done: 'Nothing. This message came through the fallback topic, for when nothing else works.',
    next: [
      step('See what is wrong now:', 'status', '--env', environment),
      ...logAndQueue(environment, 'tell'),
    ],
    section: 'tell-stopped',
  }),
  'audit-stopped': environment => ({
    severity: 'warning',
    begins: 'the audit failed three times in a row: the keys were not checked',
    over: 'the audit has no failed run in its queue',
    done: 'Nothing. Rotations and servers work as before.',
    next: [
      step('Run an audit now; it shows what fails:', 'audit', '--env', environment),
      ...logAndQueue(environment, 'audit'),
    ],
    section: 'audit-stopped',
  }),
  'retire-missing': environment => ({
    severity: 'warning',
    begins: 'the hourly retirement has not run for three hours: superseded keys stay valid',
    over: overOf('the hourly retirement'),
    done: 'Nothing. Rotations and servers work as before.',
    next: [ruleStep(environment, 'retire-hourly')],
    section: 'hourly-run-missing',
  }),
  'take-up-missing': environment => ({
    severity: 'critical',
    begins:
      'Keyturn has not checked for unfinished incidents in three hours: a compromised key may still be valid',
    over: overOf('the hourly check for unfinished incidents'),
    done: 'Nothing. New alarms still start containments.',
    next: [
      step('See which incidents are open:', 'incidents', '--env', environment),
      ruleStep(environment, 'unfinished-incidents'),
    ],
    section: 'hourly-run-missing',
  }),
  'audit-missing': environment => ({
    severity: 'warning',
    begins: 'the audit has not started for two days: the keys are not checked',
    over: overOf('the audit'),
    done: 'Nothing. Rotations and servers work as before.',
    next: [step('Run an audit now:', 'audit', '--env', environment), ruleStep(environment, 'audit-daily')],
    section: 'audit-missing',
  }),
  'nobody-told': environment => ({
    severity: 'critical',
    begins: 'no one gets the messages for on-call: no confirmed subscription, or the KMS key is disabled',
    over: 'messages for on-call reach people again',
    done: 'Nothing. This message came through the fallback topic, for when nothing else works.',
    next: [step('See who is subscribed:', 'status', '--env', environment)],
    section: 'nobody-told',
  }),
  'deliveries-failed': environment => ({
    severity: 'warning',
    begins: 'SNS could not deliver messages for on-call to one of its subscribers',
    over: 'SNS delivers messages for on-call again',
    done: 'Nothing. Other subscribers get the messages.',
    next: [
      step('See who is subscribed:', 'status', '--env', environment),
      step(
        'Check the webhook, queue or function that receives the messages; it was deleted, or it refuses them.',
      ),
    ],
    section: 'deliveries-failed',
  }),
  undelivered: environment => ({
    severity: 'critical',
    begins: 'EventBridge could not deliver an event for an hour: a signal or an hourly run may be lost',
    over: 'no undelivered event is left',
    done: 'Kept the event, with the rule, the target and the error.',
    next: queueSteps(`keyturn-${environment}-undelivered`),
    section: 'undelivered',
  }),
  overdue: environment => ({
    severity: 'warning',
    begins: 'keys should have been rotated hours ago, and were not',
    over: 'no rotation is overdue any more',
    done: 'Nothing. The keys still work.',
    next: [step('See which, and why:', 'status', '--env', environment)],
    section: 'overdue',
  }),
  'unreported-use': environment => ({
    severity: 'warning',
    begins: 'a superseded key was used, and its server reported no such use: someone else may have it',
    over: 'no further unreported use of a superseded key was seen for an hour',
    done: 'Nothing. The key is revoked after its overlap, or after twice its overlap if it stays in use.',
    next: [
      step("Look at the provider's audit log for where it was used from."),
      step('See what else is known:', 'status', '--env', environment),
    ],
    section: 'unreported-use',
  }),
  'deliver-stopped': environment => ({
    severity: 'warning',
    begins: 'the deliver function failed three times in a row: a new key may not be where its server runs',
    over: 'the deliver function has no failed run left',
    done: 'Checks again every hour. Keeps superseded keys until their replacements are delivered, up to twice their overlap.',
    next: [
      step('See which keys are not delivered:', 'status', '--env', environment),
      ...logAndQueue(environment, 'deliver'),
    ],
    section: 'delivery-failed',
  }),
  'deliver-missing': environment => ({
    severity: 'warning',
    begins: 'the hourly check for undelivered keys has not run for three hours',
    over: overOf('the hourly check for undelivered keys'),
    done: 'Nothing. A key that rotates is still delivered at once.',
    next: [ruleStep(environment, 'deliver-hourly')],
    section: 'hourly-run-missing',
  }),
  'leak-reports-failed': environment => ({
    severity: 'warning',
    begins: 'a report of a leaked key could not be processed: a key may be public',
    over: 'no further report of a leaked key has failed for an hour',
    done: 'Told the sender that it failed. The sender may or may not try again.',
    next: [
      logStep(environment, 'leak-report'),
      step(
        'Look up what the scanner has found since then, and report it yourself:',
        'leaked',
        '--env',
        environment,
      ),
    ],
    section: 'leak-reports-failed',
  }),
};

function retireFailed({
  environment,
  server,
  provider,
}: {
  environment: string;
  server: string;
  provider: string;
}): AlarmWords {
  return {
    severity: 'warning',
    begins: `a superseded ${provider} key of ${server} could not be revoked and may still be accepted`,
    over: `no superseded ${provider} key of ${server} is waiting to be revoked any more`,
    done: 'Tries again every hour. Servers are not affected.',
    next: [
      step('See the state of the keys:', 'status', '--env', environment, '--server', server),
      logStep(environment, 'retire'),
    ],
    section: 'retire-failed',
  };
}

/** CloudWatch looks back a week, and then knows no more that there ever was a run. */
function overOf(run: string): string {
  return `${run} runs again (or it has not run for most of a week, which looks the same to the alarm)`;
}

function logAndQueue(environment: string, name: string): Step[] {
  return [logStep(environment, name), ...queueSteps(`keyturn-${environment}-${name}-dlq`)];
}

function queueSteps(queue: string): Step[] {
  const url = `"$(aws sqs get-queue-url --queue-name ${queue} --query QueueUrl --output text)"`;
  return [
    {
      text: 'Once the cause is fixed, empty the queue that this alarm watches:',
      command: `aws sqs purge-queue --queue-url ${url}`,
    },
  ];
}

function logStep(environment: string, name: string): Step {
  return {
    text: 'Find the cause in the log:',
    command: `aws logs tail /aws/lambda/keyturn-${environment}-${name} --since 3h`,
  };
}

function ruleStep(environment: string, rule: string): Step {
  return {
    text: 'Check that its rule exists and is enabled; a deployment restores it:',
    command: `aws events describe-rule --name keyturn-${environment}-${rule}`,
  };
}
