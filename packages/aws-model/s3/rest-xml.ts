// S3's protocol, restXml with the bucket in the path: the query says which operation a request is for.
import type { AwsError } from '../wire/aws-error';
import { escapeXml, type HttpAnswer, type Protocol } from '../wire/protocol';

export const restXml: Protocol = {
  read({ method, path, body }) {
    const { pathname, searchParams } = new URL(path, 'http://localhost');
    const [, bucket = '', key = ''] = /^\/([^/]+)\/?(.*)$/.exec(pathname) ?? [];
    const Bucket = decodeURIComponent(bucket);
    if (!key && method === 'GET' && searchParams.has('versions'))
      return {
        operation: 'ListObjectVersions',
        params: {
          Bucket,
          MaxKeys: searchParams.get('max-keys') ?? undefined,
          KeyMarker: searchParams.get('key-marker') ?? undefined,
        },
      };
    if (!key && method === 'POST' && searchParams.has('delete'))
      return { operation: 'DeleteObjects', params: { Bucket, ...readDelete(body.toString('utf8')) } };
    return { operation: `${method} ${path}`, params: {} };
  },
  answer: (operation, result, requestId) =>
    xmlAnswer(
      200,
      requestId,
      operation === 'ListObjectVersions' ? 'ListVersionsResult' : 'DeleteResult',
      result,
    ),
  error: ({ code, message, status }: AwsError, requestId) =>
    xmlAnswer(status, requestId, 'Error', { Code: code, Message: message, RequestId: requestId }),
};

function readDelete(text: string): Record<string, unknown> {
  const within = (from: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(from)?.[1];
  const Objects = [...text.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, object = '']) => ({
    Key: readXml(within(object, 'Key') ?? ''),
    VersionId: within(object, 'VersionId'),
  }));
  return { Objects, Quiet: within(text, 'Quiet') === 'true' };
}

function readXml(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return named[name] ?? whole;
    return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16));
  });
}

function xmlAnswer(status: number, requestId: string, root: string, content: unknown): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, content)}`,
  };
}

/** A list is the element repeated, without one around all. */
function element(name: string, value: unknown): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map(item => element(name, item)).join('');
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([child, held]) => element(child, held))
          .join('')
      : escapeXml(String(value));
  return `<${name}>${inner}</${name}>`;
}
