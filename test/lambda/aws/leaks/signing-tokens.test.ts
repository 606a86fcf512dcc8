// The token of a scanner is read once a minute at most, and a person who sets another waits no longer than that.
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { createSigningTokens } from '../../../../lambda/aws/leaks/signing-tokens';
import { openFunctionSetup } from '../../../support/function-setup';

test.each([
  ['just under a minute', 60_000 - 1, 'first'],
  ['a minute', 60_000, 'second'],
])('%s after it was read, another one counts or does not yet', async (_, afterMs, expected) => {
  const setup = await openFunctionSetup('keyturn-prod-leak-report');
  try {
    const SecretId = 'keyturn/prod/issuers/leak-reports-gitguardian';
    setup.model.secretsManager.createFromTemplate({ name: SecretId, secretString: '{"token":"first"}' });
    const tokens = createSigningTokens(setup.secretsManager, 'prod', setup.clock);
    expect(await tokens('gitguardian')).toBe('first');
    await setup.secretsManager.send(
      new PutSecretValueCommand({ SecretId, SecretString: '{"token":"second"}' }),
    );
    await setup.passMs(afterMs);
    expect(await tokens('gitguardian')).toBe(expected);
  } finally {
    await setup.close();
  }
});
