// Whose AWS credentials are used: `--profile` and `--region` stand before what the shell has set.

/** One's own keys in the shell, which every SDK would prefer to some of a profile's. */
const keysOfShell = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/** Where nothing names one, that of the global endpoints: who somebody is, every region of a partition knows. */
export function regionOfShell(): string {
  return process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1';
}

/** For every client of this process, and for an MCP server that gets its credentials. */
export function useCredentials({ profile, region }: { profile?: string; region?: string }): void {
  if (profile !== undefined) {
    process.env.AWS_PROFILE = profile;
    for (const name of keysOfShell) delete process.env[name];
  }
  if (region !== undefined) process.env.AWS_REGION = region;
}
