// What a kind of place that keys are delivered to must offer: everything that tells one kind from another is in one file.
import * as z from 'zod/mini';
import type { Courier, DeliveryPlace } from '../core/delivery/courier';
import { KeyturnError } from '../core/errors';
import type { Clock } from '../core/provider';

/** How clients of AWS wait, and in tests, where they call. */
export type AwsSettings = Readonly<Record<string, unknown>>;

/** Of places outside AWS: the token that writes there. A person makes it, and it is kept and set as the issuer credentials of providers are. */
export interface PlaceToken {
  /** Whom it is for: `GitHub Actions`. */
  readonly title: string;
  /** The least that it has to be: completes "it needs ...". */
  readonly needs: string;
}

/** What couriers work with. */
export interface CourierTools {
  settings: AwsSettings;
  clock: Clock;
  /** The token of a kind of place. @throws {KeyturnError} refused, where none is set */
  readToken(to: string, token: PlaceToken): Promise<string>;
}

/** Where the environment is. */
export interface AwsLocation {
  readonly partition: string;
  readonly account: string;
  readonly region: string;
}

/** What the role of the delivering function needs for one place. Statements with the same `sid` become one. */
export interface Grant {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Why one of the resources is a pattern. @default - none is */
  readonly wildcard?: string;
  /** Why a normal day does not use it. @default - it does */
  readonly unused?: string;
}

export interface Target<Place extends DeliveryPlace = DeliveryPlace> {
  readonly to: Place['to'];
  /** One place, as people write it in `config/keys.ts`. */
  readonly shape: z.ZodMiniType<Place, Place>;
  /** For documents and tests. */
  readonly example: Place;
  /** What its delivery is recorded under: the same for the same place, and for no other. */
  idOf(place: Place): string;
  /** Completes "deliver it to ...". */
  titleOf(place: Place): string;
  /** True where the key itself is handed over, so that the function has to read it. */
  carriesKey(place: Place): boolean;
  /** True where it takes calls of ours after the first, soon: the run that began it stays with it, also one that does not wait. */
  takesSteps(place: Place): boolean;
  /** So long it takes in any case: nobody asks before, and nobody is told that it takes long. Milliseconds. */
  readonly takesMs: number;
  /** Several keys may share a place only where each finds its own there. */
  readonly holdsOneKey: boolean;
  /** @default - what AWS lets the function do is enough */
  readonly token?: PlaceToken;
  grants(place: Place, home: AwsLocation): Grant[];
  /** Loads the client that it needs, which configuration and stacks never do. */
  open(place: Place, tools: CourierTools): Promise<Courier>;
}

/** @param what is wrong with another one, and the fix */
export const nameShape = (pattern: RegExp, what: string) =>
  z.string({ error: what }).check(z.regex(pattern, { error: what }));

/** Of AWS: something else is under way there, or too much is. The same call may go through later. */
const passing = /Conflict|InProgress|PreconditionFailed|Throttl|TooMany|RequestLimit|ServerException/;

/** Words for `ask`: the place itself is missing. @param title of the place */
export const missing = (title: string) => ({
  ResourceNotFoundException: `${title} does not exist; correct deliverTo, or create it`,
});

/**
 * Makes one call of AWS. Its words are not repeated: they can quote what was sent.
 * @param words by the name of an error: what it means here, and the fix
 * @throws {KeyturnError} refused, where AWS would refuse the same call again
 */
export async function ask<Answer>(
  action: string,
  send: () => Promise<Answer>,
  words: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    const { name = 'unknown', $fault } = error as { name?: string; $fault?: string };
    if ($fault !== 'client' || passing.test(name)) throw error;
    const fix = name.startsWith('AccessDenied')
      ? 'deploy the platform stack again, or find the policy that denies it'
      : 'see its call in CloudTrail';
    throw new KeyturnError('refused', words[name] ?? `AWS refused ${action} (${name}); ${fix}`);
  }
}
