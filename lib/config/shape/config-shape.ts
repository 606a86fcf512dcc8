// The shape of config/keys.ts, piece by piece, so that one broken piece hides no problem in another.
import * as z from 'zod';
import { issuersWord, namePart, namePartMaxLength } from '../../../core/key/key-address';
import { nearest } from '../../../core/key/nearest';
import { scanners } from '../../../core/leaks/leak-report';
import { partitionOf, regions } from '../aws/regions';
import { isTimeZone, weekdays } from '../business-hours';
import { placesShape } from '../keys/delivery-places';
import { policies } from '../policy';
import { quoted, suggestion } from '../problems/problem';
import type { OwnConnectorInput } from '../providers';
import { intervalNames } from '../schedule';
import {
  adminArn,
  kmsKeyShape,
  otherTopicsShape,
  policyArn,
  roleArn,
  rolePath,
  tagsShape,
  text,
  vpcShape,
} from './account-shape';

/** What is no text is like no word. */
const wordOf = (input: unknown) => (typeof input === 'string' ? input : '');
const oneOf = <const T extends string>(words: readonly T[]) =>
  z.enum(words, { error: issue => `is unknown; use ${suggestion(wordOf(issue.input), words)}` });

export const nameShape = text(
  namePart,
  'cannot be part of a name; use lower-case letters, digits and single hyphens, a letter first',
)
  .max(namePartMaxLength, { error: `is too long for a name; use at most ${namePartMaxLength} characters` })
  .refine(name => name !== issuersWord, {
    error: 'is reserved for issuer credentials; choose another name',
  });

const reason = text(/^\S.{9,199}$/, 'does not say enough; write one line of 10 to 200 characters');
const fullHour = (from: number, to: number) =>
  z
    .int({ error: `is not a full hour; use ${from} to ${to}` })
    .min(from, { error: `is not an hour of the day; use ${from} to ${to}` })
    .max(to, {
      error: `is not an hour of the day; use ${from} to ${to}`,
    });

export const keysShape = z
  .strictObject({
    connectors: z
      .record(z.string(), z.custom<OwnConnectorInput>(), {
        error: 'must be an object; write it like { inhouse: { connector, file } }',
      })
      .optional(),
    environments: z.record(z.string(), z.unknown(), {
      error: 'must be an object; write it like { prod: { account: ... } }',
    }),
    servers: z.record(z.string(), z.unknown(), {
      error: "must be an object; write it like { 'support-bot': { team: ... } }",
    }),
  })
  .describe('is not a configuration; write { environments: { ... }, servers: { ... } }');

const accountId = text(/^\d{12}$/, 'is not an AWS account; give its 12 digits, in quotes');

const addresses = z.array(z.email({ error: 'is not an e-mail address; write it like oncall@example.com' }), {
  error: 'is not a list; give e-mail addresses',
});

const regionShape = z
  .string({ error: 'is not an AWS region; write it like eu-central-1' })
  .refine(name => partitionOf(name) !== undefined, {
    error: ({ input }) => {
      const meant = nearest(wordOf(input), regions);
      return `is not an AWS region; ${meant ? `use ${quoted(meant)}` : 'write it like eu-central-1'}`;
    },
  });

export const environmentShape = z
  .strictObject({
    account: accountId,
    region: regionShape,
    policy: oneOf(Object.keys(policies) as (keyof typeof policies)[]),
    admins: z.array(adminArn, { error: 'is not a list; name the roles that administer keys' }).min(1, {
      error: 'is empty, so no one could set an issuer credential; name the roles that administer keys',
    }),
    auditors: z
      .array(adminArn, { error: 'is not a list; name the roles that audit' })
      .min(1, { error: 'is empty; name the roles that audit, or leave it out' })
      .optional(),
    deployers: z
      .array(roleArn, { error: 'is not a list; name the roles that deploy the stacks' })
      .min(1, {
        error: 'is empty, so no one could deploy; name the roles that deploy the stacks, or leave it out',
      })
      .optional(),
    notify: z
      .strictObject({
        emails: addresses.min(1, {
          error: 'is empty, so no one would be notified of a failed rotation; add an address',
        }),
        teams: z
          .record(
            z.string(),
            z
              .strictObject({
                emails: addresses.min(1, { error: 'is empty; add an address, or leave the team out' }),
              })
              .describe("must be an object; write it like { emails: ['support@example.com'] }"),
            {
              error: "must be an object; write it like { support: { emails: ['support@example.com'] } }",
            },
          )
          .optional(),
        runbook: text(
          /^https:\/\/[^\s<>|"'`#]+$/,
          'is not the address of a page; write it like https://wiki.example.com/keyturn, without a #',
        ).optional(),
        topics: otherTopicsShape.optional(),
      })
      .describe("must be an object; write it like { emails: ['oncall@example.com'] }"),
    serverAccounts: z
      .array(accountId, { error: 'is not a list; give the accounts in which servers run' })
      .optional(),
    tags: tagsShape.optional(),
    permissionsBoundary: policyArn.optional(),
    rolePath: rolePath.optional(),
    kmsKey: kmsKeyShape.optional(),
    vpc: vpcShape.optional(),
    businessHours: z
      .strictObject({
        timeZone: z.string({ error: 'is not a time zone; write it like Europe/Berlin' }).refine(isTimeZone, {
          error: 'is not a time zone; write it like Europe/Berlin',
        }),
        days: z
          .array(oneOf(weekdays), { error: `is not a list; use some of ${weekdays.join(', ')}` })
          .min(1, {
            error: `is empty; use some of ${weekdays.join(', ')}`,
          }),
        from: fullHour(0, 23),
        to: fullHour(1, 24),
      })
      .describe(
        "must be an object; write it like { timeZone: 'Europe/Berlin', days: ['mon'], from: 9, to: 17 }",
      )
      .optional(),
    trail: oneOf(['create', 'exists']).optional(),
    containment: oneOf(['automatic', 'tell']).optional(),
    leakReports: z
      .strictObject({
        from: z
          .array(oneOf(scanners), {
            error: `is not a list; name some of ${scanners.join(', ')}, or [] where only people report`,
          })
          .refine(from => new Set(from).size === from.length, { error: 'names one twice; name it once' }),
      })
      .describe("must be an object; write it like { from: ['github'] }")
      .optional(),
    laptopCopies: oneOf(['allowed']).optional(),
    terminationProtection: z
      .boolean({ error: 'is not a boolean; write true or false, without quotes' })
      .optional(),
    emergencyConcurrency: z
      .int({ error: 'is not a number of calls at once; use 1 or more, or leave it out' })
      .min(1, { error: 'would block every call; use 1 or more, or leave it out' })
      .optional(),
    abandonedKeys: z
      .record(z.string(), reason, {
        error: "must be an object; write it like { 'prod/sendgrid/support-bot': '<why it is left alive>' }",
      })
      .optional(),
  })
  .describe("must be an object; write it like { account: '111122223333', region: ... }");

export const serverShape = z
  .strictObject({
    team: text(/^[\w .-]{1,64}$/, 'is not the name of a team; use letters, digits, spaces, dots and hyphens'),
    roles: z.record(z.string(), roleArn, { error: "must be an object; write it like { prod: 'arn:...' }" }),
    tags: tagsShape.optional(),
    replicas: z
      .record(
        z.string(),
        z.array(regionShape, { error: "is not a list; give regions, such as ['us-east-1']" }),
        { error: "must be an object; write it like { prod: ['us-east-1'] }" },
      )
      .optional(),
    deliverTo: z
      .record(z.string(), placesShape, {
        error:
          "must be an object; write it like { prod: [{ to: 'ecs', cluster: 'mcp', service: 'support-bot' }] }",
      })
      .optional(),
    keys: z.array(z.unknown(), { error: 'is not a list; give the keys of this server' }),
  })
  .describe("must be an object; write it like { team: 'support', roles: { ... }, keys: [ ... ] }");

const choices = {
  scopes: z
    .array(text(/^\S+$/, 'is not one scope; write each as the provider does, in quotes of its own'), {
      error: 'is not a list; give scopes',
    })
    .optional(),
  tier: oneOf(['high', 'normal', 'low']).optional(),
  rotateEvery: oneOf(intervalNames).optional(),
  overlapHours: z
    .int({ error: 'is not a number of full hours; use 1 or more' })
    .min(1, { error: 'is too short; use 1 or more' })
    .optional(),
  settings: z
    .record(z.string(), z.unknown(), {
      error: "must be an object; write it like { project: 'support' }",
    })
    .optional(),
  rotatedBy: oneOf(['aws', 'aws-once-adopted']).optional(),
  rotationMetadata: z
    .record(
      z.string().min(1).max(256),
      text(/^[^\r\n]{1,2048}$/, 'is not a text of at most 2,048 characters; write numbers in quotes, too'),
      { error: "must be an object of texts; write it like { adminSecretArn: 'arn:...' }" },
    )
    .optional(),
  requestsPerHour: z
    .int({ error: 'is not a number of requests; use 1 or more' })
    .min(1, { error: 'would set off its alarm all the time; use 1 or more' })
    .optional(),
  reason: reason.optional(),
  deliverTo: placesShape.optional(),
};
export const choicesShape = z
  .strictObject(choices)
  .describe('must be an object; write what differs there, or {}');

/** A key there would change how its server starts, or where its requests go. */
const steering =
  /^(PATH|HOME|SHELL|TMPDIR|LD_\w+|DYLD_\w+|NODE_(OPTIONS|PATH|EXTRA_CA_CERTS)|PYTHON(PATH|HOME|STARTUP)|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|KEYTURN_\w+)$/i;

const variable = text(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  'cannot be the name of an environment variable; use letters, digits and _',
).refine(name => !steering.test(name), {
  error:
    'controls the system, Node, Python or Keyturn itself; name the variable from which the server reads its key',
});

export const variablesShape = z.union(
  [variable, z.record(variable, text(/^\w+$/, "is not a field; name one of the secret's value"))],
  {
    error:
      "is not an environment variable; use letters, digits and _, or an object such as { API_KEY: 'secret' }",
  },
);

export const keyShape = z
  .strictObject({
    ...choices,
    provider: z.string({ error: 'is not a provider; give its name' }),
    purpose: nameShape.optional(),
    env: variablesShape.optional(),
    environments: z
      .record(z.string(), choicesShape, { error: 'must be an object; write it like { prod: {} }' })
      .optional(),
  })
  .describe("must be an object; write it like { provider: 'sendgrid', scopes: ['mail.send'] }");

export function settingsShape(settings: z.core.$ZodType) {
  return z.strictObject({ settings });
}
