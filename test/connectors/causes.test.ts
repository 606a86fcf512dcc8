// What people are told of a create that the provider refuses: its cause, and a fix that fits.
import type { Connector } from '../../connectors/contract/connector';
import { connectorFor } from '../../connectors/index';
import type { ErrorCode } from '../../core/errors';
import { openProviderSetup } from '../support/provider-setup';
import { expectError } from './contract/checks/check';
import { always } from './contract/checks/verdict-cases';

const openaiError = (message: string, code: string | null = null) => ({ error: { message, code } });
const xmlError = (code: string, message: string) =>
  `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
const cloudflareError = (code: number, message: string) => ({
  success: false,
  errors: [{ code, message }],
});
const cases: [string, number, unknown, ErrorCode, string][] = [
  [
    'sendgrid',
    403,
    { errors: [{ message: 'Cannot create more than 100 API Keys', field: null }] },
    'refused',
    'the account holds 100 keys already; delete those that no one uses',
  ],
  [
    'openai',
    401,
    openaiError(
      'You have insufficient permissions for this operation. Missing scopes: api.management.write.',
    ),
    'refused',
    'the admin key needs the permission',
  ],
  [
    'openai',
    401,
    openaiError('Not from here', 'ip_not_authorized'),
    'refused',
    'IP allowlist does not contain this address',
  ],
  ['openai', 400, openaiError('expires_in_seconds is required'), 'refused', 'limits how long keys live'],
  [
    'gitlab',
    400,
    { message: '400 Bad request - Expiration date is invalid' },
    'refused',
    'rotate this key more often',
  ],
  [
    'cloudflare',
    403,
    cloudflareError(9109, 'Cannot use the access token from location: 192.0.2.1'),
    'refused',
    'may not be used from this address',
  ],
  [
    'cloudflare',
    400,
    cloudflareError(1015, 'Maximum number of tokens reached'),
    'refused',
    'as many tokens as it may',
  ],
  ['aws-iam', 409, xmlError('LimitExceeded', 'Cannot exceed quota'), 'refused', 'two access keys already'],
  [
    'aws-iam',
    403,
    xmlError('SignatureDoesNotMatch', 'Signature expired: now'),
    'refused',
    'the clock here differs',
  ],
  [
    'aws-iam',
    403,
    xmlError('SignatureDoesNotMatch', 'It does not match'),
    'issuer-rejected',
    'keyturn issuer set aws-iam',
  ],
  [
    'aws-iam',
    403,
    xmlError('AccessDenied', 'Not authorized'),
    'refused',
    'the issuer credential needs iam:CreateAccessKey',
  ],
  ['resend', 422, { name: 'validation_error', message: 'Too long' }, 'refused', 'it rejects this request'],
];
test.each(cases)('%s: %d %j is %s', async (provider, status, body, code, text) => {
  const connector: Connector = connectorFor(provider);
  const setup = await openProviderSetup(connector);
  try {
    setup.faults(always({ status, body }));
    const { message } = await expectError(setup.newKey(), code, setup);
    expect(message).toContain(text);
    if (!text.includes('issuer')) expect(message).not.toContain('issuer credential');
  } finally {
    await setup.close();
  }
});
