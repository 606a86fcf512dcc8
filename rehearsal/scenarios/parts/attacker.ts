// Somebody with a server's role credentials, elsewhere: reads a key's secret, and uses the key until it is dead.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { secretName } from '../../../core/key/key-address';
import { parseSecretValue, type SecretValue } from '../../../core/key/secret-value';
import type { Key, Server } from '../../../lib/config/config';
import { routedFetch } from '../../providers/routed-fetch';
import { needed } from '../../world/needed';
import type { RehearsalContext } from '../../world/rehearsal-context';

/** Documentation addresses: nobody's. */
const elsewhere = '198.51.100.23';
const usesEveryMs = 500;

export class Attacker {
  /** When the key was first used; when a use was first refused. */
  firstUse?: Date;
  firstRefusal?: Date;
  uses = 0;

  constructor(
    private readonly context: RehearsalContext,
    private readonly server: Server,
    private readonly key: Key,
    /** Where the replica is that is read. @default - the secret itself is */
    private readonly region?: string,
  ) {}

  async readSecret(): Promise<SecretValue> {
    const { world } = this.context;
    const settings = world.clientSettings(this.server.role, 'stolen', elsewhere);
    const client = new SecretsManagerClient({ ...settings, ...(this.region && { region: this.region }) });
    const { SecretString = '' } = await client.send(
      new GetSecretValueCommand({ SecretId: secretName(this.key.address) }),
    );
    return needed(parseSecretValue(SecretString, 'the stolen secret'), 'a stolen key');
  }

  /** Again and again, until it is refused, or until `end`. */
  abuse(value: SecretValue, end: Date): void {
    const { clock } = this.context.world;
    const next = new Date(clock.now().getTime() + usesEveryMs);
    if (next > end) return;
    clock.schedule(next, 'use of a stolen key', async () => {
      const ok = await this.use(value);
      const now = clock.now();
      if (ok) this.firstUse ??= now;
      else this.firstRefusal ??= now;
      if (ok) this.abuse(value, end);
    });
  }

  async use(value: SecretValue): Promise<boolean> {
    const { world } = this.context;
    const { provider } = this.key.address;
    const { url, ...request } = world.providers
      .dialect(provider)
      .use(value, this.key.spec.settings, world.clock.now());
    this.uses++;
    const reply = await routedFetch(world.providers.port, fetch)(url, request);
    await reply.body?.cancel();
    return reply.ok;
  }
}
