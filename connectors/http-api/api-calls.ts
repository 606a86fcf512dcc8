// What goes out to an API: templates filled in, and a credential put where the API takes it.
import type { Presentation } from '../contract/presented';
import type { HttpRequest } from '../http/http';
import type { JsonTemplate, Template } from './http-api';

/** What templates may name; `settings.team` for the settings. */
export type Values = Readonly<Record<string, string | number | readonly string[]>>;

const named = /\{([A-Za-z.]+)\}/g;

export function fillTemplate(
  template: Template,
  values: Values,
  write: (text: string) => string = text => text,
): string {
  return template.replace(named, (_, name: string) => write(String(values[name] ?? '')));
}

/** Each value is one step of the path, whatever is in it. */
export function pathOf(template: Template, values: Values): string {
  return fillTemplate(template, values, encodeURIComponent);
}

export function jsonOf(template: JsonTemplate, values: Values): unknown {
  if (typeof template === 'string') {
    const [, whole = ''] = /^\{([A-Za-z.]+)\}$/.exec(template) ?? [];
    return whole in values ? values[whole] : fillTemplate(template, values);
  }
  if (Array.isArray(template)) return template.map((each: JsonTemplate) => jsonOf(each, values));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([name, each]) => [name, jsonOf(each, values)]));
}

export function queryOf(
  query: Readonly<Record<string, Template>> = {},
  values: Values,
): Record<string, string> {
  return Object.fromEntries(Object.entries(query).map(([name, each]) => [name, fillTemplate(each, values)]));
}

/** A key that signs a request needs code: a connector of its own. */
export type PlainPresentation = Exclude<Presentation, { in: 'signature' | 'assertion' | 'ssh' | 'session' }>;

/** The request with the credential in it. @param fields what else is known of the credential: the user of Basic */
export function withCredential(
  presentation: PlainPresentation,
  secret: string,
  fields: Readonly<Record<string, unknown>>,
  { query, json, ...request }: HttpRequest,
): HttpRequest {
  const body = { ...request, ...(query && { query }), ...(json !== undefined && { json }) };
  switch (presentation.in) {
    case 'header': {
      const { name, scheme } = presentation;
      return { ...body, headers: { ...request.headers, [name]: scheme ? `${scheme} ${secret}` : secret } };
    }
    case 'basic': {
      const { user } = presentation;
      return {
        ...body,
        basic: { user: 'text' in user ? user.text : String(fields[user.field] ?? ''), password: secret },
      };
    }
    case 'query':
      return { ...body, query: { ...query, [presentation.name]: secret } };
    case 'json':
      return { ...body, json: { ...(json as object | undefined), [presentation.name]: secret } };
    case 'form':
      return { ...body, form: { ...request.form, [presentation.name]: secret } };
  }
}
