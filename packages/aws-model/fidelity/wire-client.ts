// The least that speaks AWS's JSON and query protocols, so that a call can also be wrong in ways that no SDK lets through.

export interface WireAnswer {
  body?: unknown;
  error?: { code: string; message: string };
}

export interface SentCall {
  service: string;
  operation: string;
  input: unknown;
}

/** X-Amz-Target of the services with a JSON protocol; the others take a form. */
const targets: Record<string, { prefix: string; version: '1.0' | '1.1' }> = {
  cloudtrail: { prefix: 'CloudTrail_20131101', version: '1.1' },
  dynamodb: { prefix: 'DynamoDB_20120810', version: '1.0' },
  events: { prefix: 'AWSEvents', version: '1.1' },
  monitoring: { prefix: 'GraniteServiceVersion20100801', version: '1.0' },
  secretsmanager: { prefix: 'secretsmanager', version: '1.1' },
  sqs: { prefix: 'AmazonSQS', version: '1.0' },
};

export async function send(
  endpoint: string,
  region: string,
  { service, operation, input }: SentCall,
): Promise<WireAnswer> {
  const target = targets[service];
  const authorization = `AWS4-HMAC-SHA256 Credential=recorder/20260105/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  if (target) {
    const headers = {
      authorization,
      'content-type': `application/x-amz-json-${target.version}`,
      'x-amz-target': `${target.prefix}.${operation}`,
    };
    return readJson(await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(input) }));
  }
  const body = new URLSearchParams([['Action', operation], ...formOf(input, '')]);
  return readXml(await (await fetch(endpoint, { method: 'POST', headers: { authorization }, body })).text());
}

async function readJson(reply: Response): Promise<WireAnswer> {
  const body = (await reply.json()) as Record<string, unknown>;
  if (reply.ok) return { body };
  // The code of the older query protocol is what its clients, and those who recorded, go by.
  const [queryCode] = reply.headers.get('x-amzn-query-error')?.split(';') ?? [];
  const code = queryCode ?? String(body.__type).split('#').at(-1) ?? '';
  return { error: { code, message: String(body.Message ?? body.message ?? '') } };
}

/** Flat, as the answers of these services are. */
function readXml(text: string): WireAnswer {
  const members = [...text.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, name = '', value = '']) => [
    name,
    unescaped(value),
  ]);
  const body = Object.fromEntries(members) as Record<string, string>;
  if (!text.includes('<ErrorResponse>')) return { body };
  return { error: { code: body.Code ?? '', message: body.Message ?? '' } };
}

function unescaped(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

/** `{ A: { b: 'c' } }` is the map entry `A.entry.1.key=b`, `A.entry.1.value=c`, as SNS writes maps. */
function formOf(value: unknown, path: string): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  const entries = Object.entries(value);
  if (path === '' || path.endsWith('.Value'))
    return entries.flatMap(([name, one]) => formOf(one, path ? `${path}.${name}` : name));
  return entries.flatMap(([name, one], n) => {
    const entry = `${path}.entry.${n + 1}`;
    return typeof one === 'object'
      ? [[`${entry}.Name`, name] as [string, string], ...formOf(one, `${entry}.Value`)]
      : [[`${entry}.key`, name] as [string, string], ...formOf(one, `${entry}.value`)];
  });
}
