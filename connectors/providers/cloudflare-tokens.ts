// Cloudflare's tokens: whose they are, what they may do, and how the API shows them.
import * as z from 'zod/mini';
import type { ListedKey } from '../contract/connector';

const policy = z.strictObject({
  effect: z.enum(['allow', 'deny']),
  resources: z.record(z.string(), z.unknown()),
  permission_groups: z.array(z.strictObject({ id: z.string() })).check(z.minLength(1)),
});
/** Tokens of a user and of an account are made, listed and verified in different places. */
const owner = z.union([
  z.literal('user'),
  z.strictObject({ account: z.string().check(z.regex(/^[0-9a-f]{32}$/)) }),
]);
/** Settings of a Cloudflare key. */
export const settings = z.strictObject({ owner, policies: z.array(policy).check(z.minLength(1)) });
export type Settings = z.infer<typeof settings>;

// Cloudflare can say 200 and mean failure: `success` is part of every shape.
const success = z.literal(true);
export const issued = z.object({ success, result: z.object({ id: z.string(), value: z.string() }) });
const token = z.object({
  id: z.string(),
  name: z.string(),
  issued_on: z.string(),
  last_used_on: z.nullish(z.string()),
});
const pages = z.object({ page: z.number(), per_page: z.number(), total_count: z.number() });
export const listed = z.object({ success, result: z.array(token), result_info: pages });
export const verified = z.object({ success, result: z.object({ status: z.string() }) });

export function tokensPath({ owner }: Settings): string {
  return `/client/v4/${owner === 'user' ? 'user' : `accounts/${owner.account}`}/tokens`;
}

export function permission({ owner }: Settings): string {
  return owner === 'user' ? 'the permission "API Tokens: Edit"' : 'the permission "Account API Tokens: Edit"';
}

export function listedKey({ id, name, issued_on, last_used_on }: z.infer<typeof token>): ListedKey {
  return {
    id,
    name,
    createdAt: new Date(issued_on),
    lastUsedAt: last_used_on ? new Date(last_used_on) : undefined,
  };
}
