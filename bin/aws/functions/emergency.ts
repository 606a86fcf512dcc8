// The emergency function as people reach it: orders go to it, and the table tells what became of them.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { stsEndpoint } from '../../../connectors/providers/aws-iam/aws-query';
import { KeyturnError } from '../../../core/errors';
import type { Incident } from '../../../core/incident/incident';
import type { IncidentReport } from '../../../core/incident/report/investigation';
import { identityCall, orderDigest, orderHeader } from '../../../lambda/aws/emergency/caller-proof';
import type {
  CallerProof,
  DrillOrder,
  ForgetVersionOrder,
  RevokeOrder,
  SilenceOrder,
  UnmarkOrder,
} from '../../../lambda/aws/emergency/orders';
import { incidentOf } from '../../../lambda/aws/table/incidents';
import { createTable, type Item, type Table, text } from '../../../lambda/aws/table/table';
import { functionName } from '../../../lib/config/aws/names';
import type { AwsChange } from '../../terminal/dry-run';
import { count } from '../../terminal/table';
import { type Aws, clientOf } from '../aws';

export type RecordedIncident = Incident & { report?: IncidentReport };

export function tableOf(aws: Aws): Table {
  return createTable(clientOf(aws, DynamoDBClient, 'dynamodb'), aws.environment.name);
}

/** Newest first. @param from an incident id, or the beginning of one */
export async function readIncidents(table: Table, from = '', atMost?: number): Promise<RecordedIncident[]> {
  return (await table.query(text('incident'), from, atMost)).map(recordedIncidentOf);
}

/** Those of one order: there is one for each key. */
export async function incidentsOf(table: Table, incidentId: string): Promise<RecordedIncident[]> {
  const found = await readIncidents(table, incidentId);
  return found.filter(incident => incident.incidentId === incidentId);
}

function recordedIncidentOf(item: Item): RecordedIncident {
  const report = item.report?.S;
  return { ...incidentOf(item), ...(report && { report: JSON.parse(report) as IncidentReport }) };
}

/** So many, with names as long as names may be, fit into the 256 KB of an event. */
const keysAnEvent = 1000;

/** What `--dry-run` says of an order. */
export function orderChange({ environment }: Aws, order: string, keys: number): AwsChange {
  const events = Math.ceil(keys / keysAnEvent);
  const what = `${order} ${count(keys, 'key')}${events > 1 ? `, in ${events} calls` : ''}`;
  return {
    action: 'lambda:InvokeFunction',
    on: functionName(environment.name, 'emergency-revoke'),
    effect: `orders: ${what}`,
  };
}

/** Hands an order over, in as many events as it takes, and does not wait for it to be carried out. */
export async function orderRevocation(aws: Aws, order: RevokeOrder): Promise<void> {
  const { keys } = order;
  for (let first = 0; first < keys.length; first += keysAnEvent)
    await invoke(aws, { ...order, keys: keys.slice(first, first + keysAnEvent) }, 'Event');
}

/** @throws {KeyturnError} refused, where the function did not take it */
export async function requestFromEmergency(
  aws: Aws,
  order: SilenceOrder | UnmarkOrder | ForgetVersionOrder | DrillOrder,
): Promise<void> {
  const { FunctionError, Payload } = await invoke(aws, order, 'RequestResponse');
  const answer = JSON.parse(Buffer.from(Payload ?? []).toString() || '{}') as {
    refused?: string;
    errorMessage?: string;
  };
  const problem = FunctionError ? (answer.errorMessage ?? FunctionError) : answer.refused;
  if (problem)
    throw new KeyturnError(
      'refused',
      `the emergency function did not take the order (${problem}); see its log`,
    );
}

type OperatorOrder = RevokeOrder | SilenceOrder | UnmarkOrder | ForgetVersionOrder | DrillOrder;

/** For what it is good: see lambda/aws/emergency/caller-proof.ts. */
async function proofOf({ environment, secretsManager }: Aws, order: OperatorOrder): Promise<CallerProof> {
  const { region } = environment;
  const { credentials } = secretsManager.config;
  const signer = new SignatureV4({
    service: 'sts',
    region,
    credentials,
    sha256: Sha256,
    applyChecksum: true,
  });
  const { host } = new URL(stsEndpoint(region).origin);
  const { headers } = await signer.sign({
    method: 'POST',
    protocol: 'https:',
    hostname: host,
    path: '/',
    headers: { host, 'content-type': 'application/x-www-form-urlencoded', [orderHeader]: orderDigest(order) },
    body: identityCall,
  });
  return headers;
}

async function invoke(aws: Aws, order: OperatorOrder, InvocationType: 'Event' | 'RequestResponse') {
  const signed = { ...order, proof: await proofOf(aws, order) };
  const lambda = clientOf(aws, LambdaClient, 'lambda');
  return lambda.send(
    new InvokeCommand({
      FunctionName: functionName(aws.environment.name, 'emergency-revoke'),
      InvocationType,
      Payload: Buffer.from(JSON.stringify(signed)),
    }),
  );
}
