// Secrets that this process may hold besides what it asks AWS: its own credentials, and, under `keyturn run`, the keys in its
// variables. None of them leaves it, in any encoding.
import { createRedaction, type Redaction } from '../../core/text/redaction';
import { withoutLikelySecrets } from '../../lib/config/problems/likely-secrets';

const secretNames = /secret|token|passw|credential|private|api_?key|(^|_)(key|auth|pat)$/i;
const plainNames = /^(AWS_ACCESS_KEY_ID|AWS_REGION|AWS_PROFILE|KEYTURN_.*|.*_(FILE|PATH|URI|URL|DIR))$/i;

export function redactionOf(env: NodeJS.ProcessEnv): Redaction {
  const secrets = Object.entries(env).flatMap(([name, value = '']) => {
    if (plainNames.test(name)) return [];
    return secretNames.test(name) || withoutLikelySecrets(value) !== value ? [value] : [];
  });
  return createRedaction(secrets);
}
