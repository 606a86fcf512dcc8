// Puts up everything that a rehearsal or a sandbox plays on: the world, its ledger, and what people are told, on one clock.
import { arnIn } from '@keyturn/aws-model/shared/arn';
import type { StoryEvent } from '../../bin/report/lives';
import { minuteMs, secondMs } from '../../core/time';
import { topicName } from '../../lib/config/aws/names';
import { mailboxesOf } from '../../lib/config/config';
import { EventRecorder } from '../report/event-recorder';
import { triggerOf } from '../scenarios/parts/incidents';
import { addDeliveryPlaces } from './account/delivery-places';
import type { Identities } from './account/identities';
import { Ledger } from './counts/ledger';
import { createRehearsalContext, type Faults, type RehearsalContext } from './rehearsal-context';
import type { Synthesized } from './synthesis';
import { createWorld, type Ports } from './world';

/** So long after the deploy people confirm that they want its mails. Until then CloudWatch looks at new alarms every minute, as ever. */
export const confirmedAfterMs = 10 * minuteMs;

export interface OpenRehearsalOptions {
  synthesized: Synthesized;
  configFile: string;
  start: Date;
  seed: number;
  /** How often CloudWatch looks at alarms now. */
  alarmsEveryMinutes(): number;
  /** Told of everything as it happens. */
  onEvent(event: StoryEvent): void;
  identities?: Identities;
  ports?: Ports;
}

/** Whoever opens it closes its load and its world. */
export async function openRehearsal(options: OpenRehearsalOptions): Promise<RehearsalContext> {
  const { synthesized, configFile, start, seed, identities, ports } = options;
  const { directory, environment } = synthesized;
  const ledger = new Ledger(
    event => {
      world.leaks.look('the report', event.text);
      options.onEvent(event);
    },
    key => context?.load?.lookClosely(key),
  );
  const recorder = new EventRecorder(
    ledger.tell,
    environment.name,
    id => context && triggerOf(context, id),
    alarmName => world.model.cloudWatch.actsOnAlarm(alarmName),
  );
  const faults: Faults = {};
  let isNew = true;
  let context: RehearsalContext | undefined;
  const world = await createWorld({
    assemblyDirectory: directory,
    environment,
    start,
    seed,
    identities,
    ports,
    knobs: {
      alarms: { evaluateEveryMs: () => (isNew ? 1 : options.alarmsEveryMinutes()) * minuteMs },
      quotas: true,
      secretsManager: {
        replication: { lagMs: secondMs, stoppedSince: region => faults.replicationStopped?.(region) },
      },
    },
    interceptProvider: call => faults.ofProvider?.(call),
    interceptAws: call => faults.ofAws?.(call),
    onAwsCall: record => {
      ledger.onAwsCall(record);
      context?.onAwsCall?.(record);
    },
    onEvent: event => {
      ledger.onAwsEvent(event);
      recorder.onEvent(event);
    },
    onMail: recorder.onMail,
    onProviderAnswer: call => {
      ledger.onProviderAnswer(call);
      context?.onProviderAnswer?.(call);
    },
    aroundInvocation: ledger.aroundInvocation,
  });
  const outside = addDeliveryPlaces(world, environment);
  ledger.observe(world);
  world.clock.schedule(new Date(start.getTime() + confirmedAfterMs), 'confirmations of mailboxes', () => {
    isNew = false;
    const { emails, ofTeams = [] } = mailboxesOf(environment);
    for (const topic of ['oncall', 'fallback'] as const)
      for (const email of topic === 'oncall' ? [...emails, ...ofTeams] : emails)
        world.model.topics.confirm(arnIn(environment, 'sns', topicName(environment.name, topic)), email);
  });
  context = createRehearsalContext({
    environment,
    world,
    outside,
    ledger,
    faults,
    configFile,
    directory,
  });
  return context;
}
