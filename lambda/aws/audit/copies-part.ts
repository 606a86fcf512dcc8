// The part `copies`: whether what secrets hold is also written in plain text elsewhere in the account. Values are compared here,
// in memory; what leaves says which variable, parameter or field holds a copy of which key.
import { ECSClient } from '@aws-sdk/client-ecs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { hasIssuer } from '../../../connectors/contract/connector';
import { createSlots } from '../../../connectors/http/slots';
import { loadConnector } from '../../../connectors/load';
import {
  createSecretSearch,
  findCopies,
  type HeldSecret,
  type WrittenText,
} from '../../../core/audit/copies';
import type { NotCovered, PartAnswer } from '../../../core/audit/finding';
import { issuerSecretName, shortName } from '../../../core/key/key-address';
import { unissuedPlaceholder } from '../../../core/key/secret-value';
import type { SecretState } from '../../../core/rotation/secret-store';
import { secretsIn } from '../../../core/text/redaction';
import { clientSettings } from '../runtime/client-settings';
import { createSecretStore, listKeys } from '../secrets/secret-store';
import { couldNotLook } from './not-looked';
import type { AuditRun } from './parts';
import { readFunctions } from './texts/functions-texts';
import { readParameters } from './texts/parameters-texts';
import { readTaskDefinitions } from './texts/task-definitions-texts';

export interface CopiesTools {
  lambda: LambdaClient;
  ssm: SSMClient;
  ecs: ECSClient;
}

/** What one kind of place holds, and what of it was not looked at. */
export interface WrittenTexts {
  texts: WrittenText[];
  notCovered: NotCovered[];
  /** `functions` -> 12 */
  looked: Record<string, number>;
}

const readsAtOnce = 10;

export async function lookAtCopies(
  run: AuditRun,
  tools: CopiesTools = {
    lambda: new LambdaClient(clientSettings),
    ssm: new SSMClient(clientSettings),
    ecs: new ECSClient(clientSettings),
  },
): Promise<PartAnswer> {
  const notCovered: NotCovered[] = [...neverCovered];
  const secrets = await readHeldSecrets(run, notCovered);
  const search = createSecretSearch(secrets);
  const { isTimeUp } = run;
  const places: { what: string; read: () => Promise<WrittenTexts> }[] = [
    { what: 'variables of Lambda functions', read: () => readFunctions(tools.lambda, isTimeUp) },
    { what: 'parameters of Systems Manager', read: () => readParameters(tools.ssm, isTimeUp) },
    { what: 'task definitions of ECS', read: () => readTaskDefinitions(tools.ecs, isTimeUp) },
  ];
  const answer: PartAnswer = { findings: [], notCovered, looked: {}, prints: [] };
  // One after the other: only one kind of them is in memory.
  for (const { what, read } of places) {
    try {
      const { texts, notCovered: left, looked } = await read();
      answer.findings.push(...findCopies(texts, search));
      // Names may hold what they should not.
      notCovered.push(
        ...left.map(each => ({ ...each, what: search.hide(each.what), why: search.hide(each.why) })),
      );
      Object.assign(answer.looked, looked);
    } catch (error) {
      notCovered.push(couldNotLook(what, error));
    }
  }
  return answer;
}

/** Places that hold plain text as well, which nothing looks at yet. */
const neverCovered: readonly NotCovered[] = [
  {
    what: 'SecureString parameters, and places outside of Lambda variables, String parameters and ECS task definitions',
    why: 'this audit does not read CodeBuild, App Runner, Elastic Beanstalk, EC2 user data, CloudFormation parameters, older versions of parameters, or files and images',
  },
];

/** All that secrets hold under any label, and the issuer credentials. */
async function readHeldSecrets(run: AuditRun, notCovered: NotCovered[]): Promise<HeldSecret[]> {
  const { environment, secretsManager, registry, providers } = run;
  const store = createSecretStore(secretsManager, registry);
  const { keys } = await listKeys(secretsManager, environment, registry);
  const slots = createSlots(readsAtOnce);
  const left = (subject: string) => (error: unknown) => {
    notCovered.push(couldNotLook(`copies of ${subject}`, error));
    return [];
  };
  async function ofKey(state: SecretState): Promise<HeldSecret[]> {
    const key = shortName(state.address);
    const held: HeldSecret[] = [];
    for (const [versionId, labels] of Object.entries(state.versions)) {
      const stored = await store.readVersion(state, versionId);
      for (const value of secretsIn(stored?.value)) held.push({ value, subject: key, key, labels });
    }
    return held;
  }
  async function ofIssuer(provider: string): Promise<HeldSecret[]> {
    if (!hasIssuer(await loadConnector(provider))) return [];
    const SecretId = issuerSecretName(environment, provider);
    const { SecretString = '{}' } = await secretsManager.send(new GetSecretValueCommand({ SecretId }));
    if (SecretString === unissuedPlaceholder) return [];
    const subject = `issuer credential of ${provider} in ${environment}`;
    return secretsIn(JSON.parse(SecretString)).map(value => ({ value, subject, labels: ['AWSCURRENT'] }));
  }
  const held = await Promise.all([
    ...keys.map(state => slots.run(() => ofKey(state).catch(left(shortName(state.address))))),
    ...providers.map(provider =>
      slots.run(() => ofIssuer(provider).catch(left(`the issuer credential of ${provider}`))),
    ),
  ]);
  return held.flat();
}
