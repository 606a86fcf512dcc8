// Checks requests and answers against a provider's own OpenAPI description.
import { readFileSync } from 'node:fs';
import Ajv, { type ValidateFunction } from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { WireCall, WireReply } from '../../../rehearsal/providers/dialect';

interface Schema {
  type?: string;
}
interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
}
type Content = Record<string, { schema?: Schema }>;
interface Operation {
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Content };
  responses: Record<string, { content?: Content }>;
}
interface Description {
  openapi: string;
  servers: { url: string }[];
  paths: Record<string, Record<string, unknown>>;
}

export interface Spec {
  /** What is wrong with this exchange; `undefined` where the description does not know the call. */
  faultsOf(call: WireCall, reply: WireReply): string[] | undefined;
}

export function openSpec(file: string): Spec {
  const description: Description = JSON.parse(readFileSync(file, 'utf8'), withoutIdleNullable);
  // Descriptions carry keywords of OpenAPI's own, and formats that are hints: neither is a fault of ours.
  const options = { strict: false, allErrors: true, logger: false } as const;
  const ajv = description.openapi.startsWith('3.1') ? new Ajv2020(options) : new Ajv(options);
  addFormats(ajv);
  ajv.addSchema(description, 'description');
  const compiled = new Map<string, ValidateFunction>();
  const prefix = /^https?:\/\/[^/]+(.*?)\/?$/.exec(description.servers[0]!.url)?.[1] ?? '';

  function faultsAt(pointer: string[], value: unknown, where: string): string[] {
    const path = pointer
      .map(part => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const validate = compiled.get(path) ?? ajv.compile({ $ref: `description#/${path}` });
    compiled.set(path, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(error => `${where}${error.instancePath} ${error.message}`);
  }

  /** Follows `$ref` and says where it led. */
  function resolve<T>(pointer: string[]): { value: T; pointer: string[] } {
    let value: unknown = description;
    for (const part of pointer) value = (value as Record<string, unknown>)[part];
    const ref = (value as { $ref?: string } | undefined)?.$ref;
    return ref
      ? resolve(
          ref
            .slice(2)
            .split('/')
            .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~')),
        )
      : { value: value as T, pointer };
  }

  function bodyFaults(
    pointer: string[],
    content: Content | undefined,
    type: string,
    body: unknown,
    where: string,
  ): string[] {
    const media = Object.keys(content ?? {}).find(name => type.includes(name));
    if (!media)
      return body === undefined || body === ''
        ? []
        : [`${where} has a body of type ${type}, which is not described`];
    return content?.[media]?.schema ? faultsAt([...pointer, 'content', media, 'schema'], body, where) : [];
  }

  function findOperation(call: WireCall): string[] | undefined {
    const matching = Object.keys(description.paths).filter(path => {
      const pattern = `${prefix}${path}`
        .split('/')
        .map(part => (part.startsWith('{') ? '[^/]+' : part.replaceAll('.', '\\.')));
      return new RegExp(`^${pattern.join('/')}$`).test(call.path);
    });
    // Words before placeholders: /user/tokens/verify is not the token named "verify".
    const [path] = matching.sort((one, other) => one.split('{').length - other.split('{').length);
    const method = call.method.toLowerCase();
    return path && description.paths[path]![method] ? ['paths', path, method] : undefined;
  }

  function parametersOf(operation: string[]): { value: Parameter; pointer: string[] }[] {
    const places = [operation, operation.slice(0, -1)].map(place => [...place, 'parameters']);
    return places.flatMap(place =>
      (resolve<Parameter[] | undefined>(place).value ?? []).map((_, index) =>
        resolve<Parameter>([...place, String(index)]),
      ),
    );
  }

  function requestFaults(call: WireCall, operation: string[]): string[] {
    const parameters = parametersOf(operation);
    const query = parameters.filter(({ value }) => value.in === 'query');
    const unknown = [...call.query.keys()].filter(name => !query.some(({ value }) => value.name === name));
    const faults = unknown.map(name => `query ${name} is not described`);
    for (const { value, pointer } of query) {
      const text = call.query.get(value.name);
      if (text === null) faults.push(...(value.required ? [`query ${value.name} is required`] : []));
      else
        faults.push(
          ...faultsAt(
            [...pointer, 'schema'],
            value.schema.type === 'integer' || value.schema.type === 'number' ? Number(text) : text,
            `query ${value.name}`,
          ),
        );
    }
    const body = resolve<Operation['requestBody']>([...operation, 'requestBody']);
    if (!body.value)
      return call.text === '' ? faults : [...faults, 'request has a body, and none is described'];
    if (call.text === '') return body.value.required ? [...faults, 'request body is required'] : faults;
    const type = call.headers['content-type'] ?? '';
    const value = type.includes('form') ? Object.fromEntries(call.form) : call.json;
    return [...faults, ...bodyFaults(body.pointer, body.value.content, type, value, 'request')];
  }

  function replyFaults(reply: WireReply, operation: string[]): string[] {
    const { responses } = resolve<Operation>(operation).value;
    const status = String(reply.status);
    const key = [status, `${status[0]}XX`, 'default'].find(name => responses[name]);
    if (!key) return [`answer ${status} is not described`];
    const response = resolve<{ content?: Content }>([...operation, 'responses', key]);
    const type = reply.headers?.['content-type'] ?? 'application/json';
    return bodyFaults(response.pointer, response.value.content, type, reply.body, `answer ${status}`);
  }

  return {
    faultsOf(call, reply) {
      const operation = findOperation(call);
      return operation && [...requestFaults(call, operation), ...replyFaults(reply, operation)];
    },
  };
}

/** OpenAPI 3.0 gives `nullable` a meaning beside `type` only; the validator refuses it elsewhere. */
function withoutIdleNullable(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('nullable' in value) || 'type' in value) return value;
  const { nullable: _, ...rest } = value;
  return rest;
}
