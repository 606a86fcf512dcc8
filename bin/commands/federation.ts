import { bindEnder } from '../../connectors/contract/bind-federation';
import { KeyturnError } from '../../core/errors';
import { shortName } from '../../core/key/key-address';
import { secondMs } from '../../core/time';
import { federationFor } from '../../lib/config/providers';
import { howToEnd } from '../config/federations';
import { loadConfig } from '../config/load-config';
import { type EnvironmentChoice, findFederation, selectEnvironment } from '../config/selection';
import { isWholeCredential, readIssuerCredential } from '../input/issuer-credential';
import { type Command, type CommonFlags, print, requireConfirmation } from '../terminal/command';
import { printDryRun } from '../terminal/dry-run';
import { exitCode } from '../terminal/exit-code';
import { utc } from '../terminal/time-format';

export interface FederationDisableFlags extends CommonFlags, EnvironmentChoice {
  name: string;
  dryRun?: boolean;
  yes?: boolean;
}

/** Takes a provider's trust in a server away, with an admin credential that is used for this alone and stored nowhere. */
export const federationDisable: Command<FederationDisableFlags> = async (flags, context) => {
  const { terminal, clock } = context;
  const environment = selectEnvironment(await loadConfig(flags.config), flags, [flags.name]);
  const key = findFederation(environment, flags.name);
  const name = shortName(key.address);
  const connector = federationFor(key.address.provider);
  const { settings } = key;
  let credential: object | undefined;
  const binding = {
    settings,
    readIssuer: async () => credential,
    environment: environment.name,
    clock,
  };
  const ender = connector && bindEnder(connector, binding);
  if (!connector?.ender || !ender) throw new KeyturnError('usage', howToEnd(key));
  const { title, tokenSecondsAtMost } = connector;
  const trust = `${connector.trustOf(settings)} at ${title}`;
  const lives =
    ender.ends === 'tokens'
      ? 'tokens that it has end at once'
      : `tokens that it has work for ${tokenSecondsAtMost / 60} min at most`;
  if (flags.dryRun) {
    const effect = `${key.address.server} gets no further token; ${lives}`;
    return printDryRun(context, flags, environment.name, [
      { action: `disable at ${title}`, on: trust, effect },
    ]);
  }
  terminal.err(
    `${name}: this disables ${trust}, and needs ${connector.ender.issuerHelp}. It is used for this alone and stored nowhere.\n`,
  );
  await requireConfirmation(context, flags, `Disable it? The server gets no further token; ${lives}.`);
  const text = await terminal.readSecret('Admin credential', isWholeCredential);
  credential = readIssuerCredential(title, connector.ender, text);
  terminal.interrupted.throwIfAborted();
  await ender.disable();
  const disabledAt = clock.now();
  const isDisabled = await ender.isDisabled();
  const lastMs = ender.ends === 'tokens' ? 0 : tokenSecondsAtMost * secondMs;
  const tokensUntil = new Date(disabledAt.getTime() + lastMs);
  const said = isDisabled
    ? `disabled; ${title} says so. Tokens that were given before work until ${utc(tokensUntil)} at most`
    : `${title} accepted the call, but still says that it is enabled: see ${title}'s console, and ${connector.trust.end} there`;
  print(
    context,
    flags,
    { key: name, disabledAt, isDisabled, tokensUntil },
    `${name}: ${said}. \`npx keyturn doctor --server ${key.address.server}\`, run as the server, shows whether it is refused\n`,
  );
  return isDisabled ? exitCode.done : exitCode.attention;
};
