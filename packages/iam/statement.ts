// Policy documents, read into statements whose every field is a list. What the engine does not know is an error: it might
// have been a restriction.
import { type Condition, readCondition } from './condition';

export interface Statement {
  sid: string;
  effect: 'Allow' | 'Deny';
  actions: string[];
  notActions?: string[];
  resources: string[];
  notResources?: string[];
  /** None in identity policies. */
  principals: Principal[];
  conditions: Condition[];
}

export interface Principal {
  kind: 'AWS' | 'Service';
  value: string;
}

const documentFields = ['Version', 'Id', 'Statement'];
const statementFields = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'Condition',
];

/** @param kind of a resource's policy every statement names principals, of an identity's none does */
export function readStatements(document: object, kind: 'identity' | 'resource', where: string): Statement[] {
  refuseOthers(document, documentFields, where);
  const { Statement: written } = document as { Statement: object | object[] };
  return [written]
    .flat()
    .map((item, index) => readStatement(item, kind, `${where}: statement ${index + 1}`, index));
}

function readStatement(item: object, kind: 'identity' | 'resource', where: string, index: number): Statement {
  refuseOthers(item, statementFields, where);
  const { Sid, Effect, Action, NotAction, Resource, NotResource, Principal, Condition } = item as Record<
    string,
    unknown
  >;
  if (Effect !== 'Allow' && Effect !== 'Deny') throw new Error(`${where} has the Effect ${Effect}`);
  if ((Action === undefined) === (NotAction === undefined))
    throw new Error(`${where} needs Action or NotAction, one of them`);
  if ((Resource === undefined) === (NotResource === undefined))
    throw new Error(`${where} needs Resource or NotResource, one of them`);
  if ((Principal !== undefined) !== (kind === 'resource'))
    throw new Error(`${where} of ${kind === 'resource' ? 'a resource needs' : 'a role has'} a Principal`);
  return {
    sid: String(Sid ?? `#${index + 1}`),
    effect: Effect,
    actions: list(Action),
    ...(NotAction !== undefined && { notActions: list(NotAction) }),
    resources: list(Resource),
    ...(NotResource !== undefined && { notResources: list(NotResource) }),
    principals: readPrincipals(Principal, where),
    conditions: Object.entries((Condition ?? {}) as object).flatMap(([operator, tests]) =>
      Object.entries(tests as object).map(([key, values]) =>
        readCondition(operator, key, list(values), where),
      ),
    ),
  };
}

function readPrincipals(written: unknown, where: string): Principal[] {
  // The same as all of AWS.
  if (written === '*') return [{ kind: 'AWS', value: '*' }];
  return Object.entries((written ?? {}) as object).flatMap(([kind, values]) =>
    list(values).map(value => {
      if (kind !== 'AWS' && kind !== 'Service')
        throw new Error(`${where} names a principal of kind ${kind}, which the policy engine does not know`);
      if (value !== '*' && value.includes('*'))
        throw new Error(`${where} names the principal ${value}; IAM takes no part of a name there`);
      return { kind, value };
    }),
  );
}

function refuseOthers(written: object, known: string[], where: string): void {
  const unknown = Object.keys(written).find(field => !known.includes(field));
  if (unknown) throw new Error(`${where} has ${unknown}, which the policy engine does not know`);
}

function list(value: unknown): string[] {
  return value === undefined ? [] : [value].flat().map(String);
}
