// GitLab's access tokens: where they live, with which role, and how the API shows them.
import * as z from 'zod/mini';

/** GitLab's numbers for roles. */
export const levels = { guest: 10, planner: 15, reporter: 20, developer: 30, maintainer: 40, owner: 50 };
/** Host and port; gitlab.com where absent. */
const host = z.optional(z.string().check(z.regex(/^[a-z0-9.-]+(:\d+)?$/)));
const path = z.optional(z.string().check(z.minLength(1)));
const accessLevel = z.optional(z.enum(['guest', 'planner', 'reporter', 'developer', 'maintainer', 'owner']));
export const settings = z
  .strictObject({ host, project: path, group: path, accessLevel })
  .check(z.refine(({ project, group }) => !project !== !group, { path: ['project or group'] }));
export type Settings = z.infer<typeof settings>;
export const issuer = z.object({ token: z.string().check(z.minLength(1)), host });

const told = { id: z.number(), scopes: z.array(z.string()) };
export const issued = z.object({ ...told, token: z.string(), expires_at: z.string() });
export const listed = z.object({
  ...told,
  name: z.string(),
  created_at: z.string(),
  last_used_at: z.nullish(z.string()),
});
export const self = z.object({ active: z.boolean() });

export function tokensPath({ project, group }: Settings): string {
  const owner = project ? `projects/${encodeURIComponent(project)}` : `groups/${encodeURIComponent(group!)}`;
  return `/api/v4/${owner}/access_tokens`;
}
