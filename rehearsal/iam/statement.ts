// Policy documents, read into statements whose every field is a list.

export interface Statement {
  sid: string;
  effect: 'Allow' | 'Deny';
  actions: string[];
  notActions?: string[];
  resources?: string[];
  notResources?: string[];
  /** Absent in identity policies. `kind` is AWS, Service or Federated; `*` alone stands for everyone. */
  principals?: { kind: string; value: string }[];
  conditions: { operator: string; key: string; values: string[] }[];
}

const fields = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Principal', 'Condition'];

/** @throws where a document has a field that the engine does not know: it might have been a restriction */
export function readStatements(document: object, where: string): Statement[] {
  const { Statement: written } = document as { Statement: object | object[] };
  return [written].flat().map((item, index) => {
    const statement = item as Record<string, unknown>;
    const strange = Object.keys(statement).find(field => !fields.includes(field));
    if (strange)
      throw new Error(`${where}: statement ${index} has ${strange}, which the policy engine does not know`);
    const effect = statement.Effect;
    if (effect !== 'Allow' && effect !== 'Deny')
      throw new Error(`${where}: statement ${index} has the Effect ${effect}`);
    return {
      sid: String(statement.Sid ?? `#${index + 1}`),
      effect,
      actions: list(statement.Action),
      ...(statement.NotAction !== undefined && { notActions: list(statement.NotAction) }),
      ...(statement.Resource !== undefined && { resources: list(statement.Resource) }),
      ...(statement.NotResource !== undefined && { notResources: list(statement.NotResource) }),
      ...(statement.Principal !== undefined && { principals: readPrincipals(statement.Principal) }),
      conditions: readConditions(statement.Condition),
    };
  });
}

function readPrincipals(written: unknown): { kind: string; value: string }[] {
  if (written === '*') return [{ kind: 'everyone', value: '*' }];
  return Object.entries(written as object).flatMap(([kind, values]) =>
    list(values).map(value => ({ kind, value })),
  );
}

function readConditions(written: unknown): Statement['conditions'] {
  return Object.entries((written ?? {}) as object).flatMap(([operator, tests]) =>
    Object.entries(tests as object).map(([key, values]) => ({ operator, key, values: list(values) })),
  );
}

function list(value: unknown): string[] {
  return value === undefined ? [] : [value].flat().map(String);
}
