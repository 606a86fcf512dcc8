import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { KeysInput } from '../../../lib/config/config';
import { account, rehearsedAttack, sampleKeys } from '../attack';
import { denials, foreignRole, unlessDenied } from '../support/foreign';

const keys: KeysInput = {
  ...sampleKeys,
  servers: {
    bot: {
      team: 'support',
      roles: { prod: `arn:aws:iam::${account}:role/bot` },
      keys: [
        {
          provider: 'github-app',
          scopes: ['contents:read'],
          settings: { appId: 'Iv23liKeyturn', installationId: '4711', repositories: ['docs'] },
        },
      ],
    },
  },
};

export const attack = rehearsedAttack({
  about: "a role that may call functions asks a server's token function for a token",
  keys,
  guards: [denials('AWS::Lambda::ResourcePolicy')],
  async play(context) {
    const { providers } = context.world;
    const [server] = context.environment.servers;
    const root = providers
      .dialect('github-app')
      .root?.(server?.keys[0]?.spec.settings ?? {}, providers.account('github-app'));
    if (!root) throw new Error('the fake of GitHub gives no root');
    const code = await context.keyturn(['adopt', 'prod/github-app/bot', '--yes'], root.secret.trimEnd());
    if (code) throw new Error(context.cliOutput.join(''));
    const lambda = new LambdaClient(foreignRole(context, ['lambda:InvokeFunction']));
    for (const qualifier of ['', ':$LATEST']) {
      const FunctionName = `keyturn-prod-token-bot${qualifier}`;
      const ask = new InvokeCommand({ FunctionName, Payload: JSON.stringify({ provider: 'github-app' }) });
      const answer = await unlessDenied(context, () => lambda.send(ask));
      const given = JSON.parse(Buffer.from(answer?.Payload ?? []).toString() || '{}') as { token?: string };
      if (given.token) return `a token of ${FunctionName}`;
    }
    return undefined;
  },
});
