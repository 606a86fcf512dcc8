import type { Cli } from './cli';

/** Every key of prod: issued, or adopted where only a person can make it. */
export async function issueAll(cli: Cli): Promise<void> {
  await cli.setIssuers();
  await cli.run(['issue', '--env', 'prod']);
  const { secret } = await cli.keyByHand('github-app');
  await cli.run(['adopt', 'prod/github-app/people-bot'], { piped: secret });
}
