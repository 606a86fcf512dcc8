// Whether a trail brings what Keyturn needs to see: who reads secrets, and which rotations failed. EventBridge has such events only
// where a trail logs them.
import {
  type AdvancedEventSelector,
  CloudTrailClient,
  DescribeTrailsCommand,
  type EventSelector,
  GetEventSelectorsCommand,
  type GetEventSelectorsResponse,
  GetTrailStatusCommand,
  type Trail,
} from '@aws-sdk/client-cloudtrail';
import { hasCode } from '../../../core/errors';
import { watchName } from '../../../lib/config/aws/names';
import { replicaRegions } from '../../../lib/config/config';
import { furtherCopyPrice } from '../../config/cost';
import { type Aws, clientOf } from '../aws';

/** What keeps Keyturn from seeing, each with its fix; and what is worth knowing, or could not be seen. Whole clauses. */
export interface TrailFindings {
  faults: string[];
  notes: string[];
}

const management = { eventCategory: 'Management', eventSource: 'secretsmanager.amazonaws.com' };
/** One event of each sort that Keyturn listens to, in the fields that selectors may ask for. */
const needed = {
  read: { ...management, eventName: 'GetSecretValue', eventType: 'AwsApiCall', readOnly: 'true' },
  write: { ...management, eventName: 'RotationFailed', eventType: 'AwsServiceEvent', readOnly: 'false' },
};
type EventKind = keyof typeof needed;
const sorts: EventKind[] = ['read', 'write'];

type Visibility = 'yes' | 'no' | 'unseen';

interface TrailView {
  name: string;
  arn: string;
  homeRegion: string;
  isMultiRegion: boolean;
  isLogging: Visibility;
  logs: Record<EventKind, Visibility>;
}

export async function trailFindings(aws: Aws): Promise<TrailFindings> {
  const { name, region, trail } = aws.environment;
  if (!trail) return { faults: [], notes: [] };
  const list = await unlessRefused(() =>
    clientOf(aws, CloudTrailClient, 'cloudtrail').send(
      new DescribeTrailsCommand({ includeShadowTrails: true }),
    ),
  );
  if (!list) {
    const what = `AWS does not let you list the trails of the account, so trail "${trail}" was not checked; run this again with cloudtrail:DescribeTrails, GetTrailStatus and GetEventSelectors`;
    return { faults: [], notes: [what] };
  }
  const views: TrailView[] = [];
  for (const found of list.trailList ?? [])
    if (found.IsMultiRegionTrail || found.HomeRegion === region) views.push(await viewOf(aws, found));
  // What the stack of this environment created: with "exists", the next deploy removes it.
  const created = views.filter(view => view.name === watchName(name, 'reads'));
  const others = views.filter(view => !created.includes(view));
  const findings = trail === 'exists' ? existing(others, region) : creating(created, others);
  const faults = findings.faults.length
    ? findings.faults
    : unseenReplicas(views, replicaRegions(aws.environment));
  return { ...findings, faults };
}

/** @param regions with replicas of keys */
function unseenReplicas(views: TrailView[], regions: string[]): string[] {
  const everywhere = views.filter(({ isMultiRegion }) => isMultiRegion);
  if (!regions.length || covered(everywhere, 'read') !== 'no') return [];
  return [
    `no trail logs reads in ${regions.join(' and ')}, so no one sees who reads the replicas there: ${views.map(view => `${view.arn} covers only ${view.homeRegion}`).join('; ')}; make one a multi-Region trail (with trail: 'create', deploy)`,
  ];
}

function existing(views: TrailView[], region: string): TrailFindings {
  if (!views.length)
    return {
      faults: [
        `trail "exists", but the account has no trail in ${region}: no one sees who reads secrets, or which rotations fail; have the organization's trail cover the account, or write trail: 'create' and deploy`,
      ],
      notes: [],
    };
  const missing = sorts.filter(sort => covered(views, sort) === 'no');
  const unseen = sorts.filter(sort => covered(views, sort) === 'unseen');
  return {
    faults: missing.length
      ? [
          `trail "exists", but none logs ${inWords(missing)} of Secrets Manager: ${views.map(lacks).filter(Boolean).join('; ')}; or write trail: 'create' and deploy`,
        ]
      : [],
    notes: unseen.length
      ? [
          `could not see whether ${views.filter(isUnseen).map(whatIsUnseen).join(', and whether ')}: only the account that owns a trail may. Ask those who run it whether it logs ${inWords(unseen)} of Secrets Manager`,
        ]
      : [],
  };
}

function creating(created: TrailView[], others: TrailView[]): TrailFindings {
  const faults = created
    .filter(view => sorts.some(sort => covered([view], sort) === 'no'))
    .map(view => `trail "create", but ${lacks(view)}`);
  const doubled = sorts.map(sort => covered(others, sort));
  if (doubled.includes('no')) return { faults, notes: [] };
  const verb = doubled.includes('unseen') ? 'may log' : 'log';
  const names = others.filter(view => sorts.some(sort => covered([view], sort) !== 'no'));
  return {
    faults,
    notes: [
      `trail "create" makes a further copy of management events at ${furtherCopyPrice}, since other trails ${verb} them: ${names.map(view => view.arn).join(', ')}; write trail: 'exists'`,
    ],
  };
}

function covered(views: TrailView[], sort: EventKind): Visibility {
  const answers = views.map(({ isLogging, logs }) => combined(isLogging, logs[sort]));
  return answers.includes('yes') ? 'yes' : answers.includes('unseen') ? 'unseen' : 'no';
}

function combined(...answers: Visibility[]): Visibility {
  return answers.includes('no') ? 'no' : answers.includes('unseen') ? 'unseen' : 'yes';
}

const inWords = (of: EventKind[]) => `${of.join(' and ')} management events`;

function isUnseen({ isLogging, logs }: TrailView): boolean {
  return [isLogging, ...Object.values(logs)].includes('unseen');
}

function whatIsUnseen({ arn, isLogging }: TrailView): string {
  return isLogging === 'unseen' ? `${arn} is logging, and which events` : `${arn} logs the events`;
}

/** What a trail lacks, and the fix. */
function lacks({ arn, homeRegion, isLogging, logs }: TrailView): string {
  const missing = sorts.filter(sort => logs[sort] === 'no');
  return [
    ...(isLogging === 'no'
      ? [`${arn} is stopped: \`aws cloudtrail start-logging --name ${arn} --region ${homeRegion}\``]
      : []),
    ...(missing.length
      ? [`${arn} leaves out ${inWords(missing)}: let its event selectors take all management events`]
      : []),
  ].join('; ');
}

/** Asked in the trail's home: elsewhere AWS knows it as a replica. */
async function viewOf(aws: Aws, trail: Trail): Promise<TrailView> {
  const { Name = '', TrailARN = Name, HomeRegion = aws.environment.region } = trail;
  const client = clientOf(aws, CloudTrailClient, 'cloudtrail', { region: HomeRegion });
  const status = await unlessRefused(() => client.send(new GetTrailStatusCommand({ Name: TrailARN })));
  const selectors =
    // Nobody has said which: it logs all management events.
    trail.HasCustomEventSelectors === false
      ? { EventSelectors: [{}] }
      : await unlessRefused(() => client.send(new GetEventSelectorsCommand({ TrailName: TrailARN })));
  const answer = (sort: EventKind) => (selectors ? seen(logsEvent(selectors, needed[sort])) : 'unseen');
  return {
    name: Name,
    arn: TrailARN,
    homeRegion: HomeRegion,
    isMultiRegion: trail.IsMultiRegionTrail === true,
    isLogging: status ? seen(status.IsLogging === true) : 'unseen',
    logs: { read: answer('read'), write: answer('write') },
  };
}

const seen = (fact: boolean): Visibility => (fact ? 'yes' : 'no');

/** A member of an organization may be refused what its trail looks like: as denied, or as a trail that there is not. */
async function unlessRefused<Reply>(ask: () => Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (hasCode(error, 'not-allowed') || hasCode(error, 'refused') || hasCode(error, 'not-deployed'))
      return undefined;
    throw error;
  }
}

type NeededEvent = (typeof needed)[EventKind];

export function logsEvent(
  {
    EventSelectors = [],
    AdvancedEventSelectors = [],
  }: Pick<GetEventSelectorsResponse, 'EventSelectors' | 'AdvancedEventSelectors'>,
  event: NeededEvent,
): boolean {
  return (
    EventSelectors.some(selector => takes(selector, event)) ||
    AdvancedEventSelectors.some(selector => takesByFields(selector, event))
  );
}

function takes(
  {
    IncludeManagementEvents = true,
    ReadWriteType = 'All',
    ExcludeManagementEventSources = [],
  }: EventSelector,
  { eventSource, readOnly }: NeededEvent,
): boolean {
  const type = readOnly === 'true' ? 'ReadOnly' : 'WriteOnly';
  return (
    IncludeManagementEvents &&
    [type, 'All'].includes(ReadWriteType) &&
    !ExcludeManagementEventSources.includes(eventSource)
  );
}

/** A field that the event does not have here, such as who called, narrows the trail to some callers: then it does not log all. */
function takesByFields({ FieldSelectors = [] }: AdvancedEventSelector, event: NeededEvent): boolean {
  return FieldSelectors.every(({ Field = '', ...tests }) => {
    const value = new Map(Object.entries(event)).get(Field);
    if (value === undefined) return false;
    const { Equals = [], StartsWith = [], EndsWith = [] } = tests;
    const { NotEquals = [], NotStartsWith = [], NotEndsWith = [] } = tests;
    const isAsked = Equals.length + StartsWith.length + EndsWith.length > 0;
    const isMet = matches(value, Equals, StartsWith, EndsWith);
    return (!isAsked || isMet) && !matches(value, NotEquals, NotStartsWith, NotEndsWith);
  });
}

function matches(value: string, equal: string[], starts: string[], ends: string[]): boolean {
  return (
    equal.includes(value) ||
    starts.some(text => value.startsWith(text)) ||
    ends.some(text => value.endsWith(text))
  );
}
