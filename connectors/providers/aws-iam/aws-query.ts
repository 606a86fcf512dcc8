// AWS's Query protocol, as IAM and STS speak it: a signed form goes in, flat XML comes out.
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod/mini';
import { KeyturnError } from '../../../core/errors';
import type { Cause } from '../../http/http';
import { encodeForm, type HttpRequest } from '../../http/http-exchange';

export interface AwsCredential {
  accessKeyId: string;
  secretAccessKey: string;
}

export interface AwsEndpoint {
  origin: string;
  service: string;
  /** The region that signatures name. */
  region: string;
  version: string;
}

/** IAM has one place for each partition. */
export function iamEndpoint(region: string): AwsEndpoint {
  const common = { service: 'iam', version: '2010-05-08' };
  if (region.startsWith('cn-')) {
    return { ...common, origin: 'https://iam.cn-north-1.amazonaws.com.cn', region: 'cn-north-1' };
  }
  if (region.startsWith('us-gov-')) {
    return { ...common, origin: 'https://iam.us-gov.amazonaws.com', region: 'us-gov-west-1' };
  }
  return { ...common, origin: 'https://iam.amazonaws.com', region: 'us-east-1' };
}

export function stsEndpoint(region: string): AwsEndpoint {
  const suffix = region.startsWith('cn-') ? '.cn' : '';
  return {
    service: 'sts',
    version: '2011-06-15',
    origin: `https://sts.${region}.amazonaws.com${suffix}`,
    region,
  };
}

/** A form for `POST /`. */
export async function signedQuery(
  { origin, service, region, version }: AwsEndpoint,
  credentials: AwsCredential,
  parameters: Record<string, string>,
  now: Date,
): Promise<Pick<HttpRequest, 'origin' | 'headers' | 'form'>> {
  const form = { ...parameters, Version: version };
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256, applyChecksum: true });
  const { host } = new URL(origin);
  const request = {
    method: 'POST',
    protocol: 'https:',
    hostname: host,
    path: '/',
    headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
    body: encodeForm(form),
  };
  const signed = await signer.sign(request, { signingDate: now });
  // fetch writes `host` itself.
  const { host: _, ...headers } = signed.headers;
  return { origin, headers, form };
}

/** An error of one of these codes. */
export function coded(...codes: string[]): z.ZodMiniType<string> {
  const isOne = (text: string) =>
    /^\s*(<\?xml[^>]*>\s*)?<ErrorResponse\b/.test(text) && codes.includes(xmlText(text, 'Code') ?? '');
  return z.string().check(z.refine(isOne));
}

/** Wrong clocks get the code of a wrong secret, and prove nothing about it. */
export const wrongClock = coded('SignatureDoesNotMatch').check(
  z.refine(text => /^Signature (expired|not yet current)/.test(xmlText(text, 'Message') ?? '')),
);

export const causes: Cause[] = [
  ['rate-limited', coded('Throttling', 'ThrottlingException', 'RequestLimitExceeded')],
  [
    'refused',
    wrongClock,
    "the clock here differs from AWS's by more than five minutes; set it right, and run this again",
  ],
  ['issuer-rejected', coded('InvalidClientTokenId', 'SignatureDoesNotMatch')],
  [
    'refused',
    coded('LimitExceeded'),
    'the user has two access keys already; delete the one that no one uses',
  ],
];

/** The text of the first element of this name; these replies are flat, so the first is the one meant. */
export function xmlText(xml: string, element: string): string | undefined {
  const text = new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (whole, name: string) => entities[name] ?? whole);
}

/** @throws {KeyturnError} bad-reply, where the element is absent or empty */
export function requireXmlText(xml: string, element: string): string {
  const text = xmlText(xml, element);
  if (text) return text;
  throw badReply(element);
}

/** One page of a list. @throws {KeyturnError} bad-reply, where it is none */
export function readXmlPage(xml: string, result: string): { members: string[]; marker?: string } {
  if (!xml.includes(`<${result}>`)) throw badReply(result);
  // An end tag before the first begin tag is no member's.
  const members = xml
    .split('<member>')
    .slice(1)
    .map(from => from.split('</member>', 1)[0] ?? '');
  // AWS leaves out what is false.
  return xmlText(xml, 'IsTruncated') === 'true'
    ? { members, marker: requireXmlText(xml, 'Marker') }
    : { members };
}

function badReply(element: string): KeyturnError {
  return new KeyturnError(
    'bad-reply',
    `AWS answered without a usable ${element}; its API may have changed, so look for a newer Keyturn`,
  );
}

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
