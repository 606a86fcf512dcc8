// Where keys are delivered, as a configuration says it: each kind of place has a shape of its own in targets/.
import * as z from 'zod';
import type { DeliveryPlace } from '../../../core/delivery/courier';
import { hourMs } from '../../../core/time';
import {
  isTarget,
  type TokenPlace,
  targetNames,
  targetOf,
  targets,
  tokenPlacesOf,
} from '../../../targets/targets';
import { type Environment, keysOf } from '../config';
import { type Mistake, type Path, parsePiece, quoted, suggestion } from '../problems/problem';
import type { KeyRule } from '../rules/config-rules';

/** What stands there is looked at by `readPlaces`, place by place. */
export const placesShape = z.array(z.unknown(), {
  error: "is not a list; write it like [{ to: 'ecs', cluster: 'mcp', service: 'support-bot' }]",
});

/** @param bases where the list may stand in the file */
export function readPlaces(
  written: readonly unknown[],
  place: string,
  problems: Mistake[],
  bases: readonly Path[],
): DeliveryPlace[] {
  const read = written.flatMap((each, index) => readPlace(each, index, place, problems, bases) ?? []);
  const ids = read.map(each => targetOf(each).idOf(each));
  const twice = read.find((_, at) => ids.indexOf(ids[at] ?? '') < at);
  if (twice) {
    const text = `deliverTo names ${targetOf(twice).titleOf(twice)} twice; name it once`;
    problems.push({ place, text, paths: bases });
  }
  return read;
}

function readPlace(
  written: unknown,
  index: number,
  place: string,
  problems: Mistake[],
  bases: readonly Path[],
): DeliveryPlace | undefined {
  const field = `deliverTo[${index}]`;
  const paths = bases.map(base => [...base, index]);
  if (typeof written !== 'object' || written === null) {
    const text = `${field} ${quoted(written)} is not a place; write it like ${quoted(targets.ecs.example)}`;
    problems.push({ place, text, paths });
    return undefined;
  }
  const { to } = written as { to?: unknown };
  if (!isTarget(to)) {
    const what = to === undefined ? 'is missing' : `${quoted(to)} is unknown`;
    const text = `${field}.to ${what}; use ${suggestion(typeof to === 'string' ? to : '', targetNames)}`;
    problems.push({ place, text, paths: [...paths.map(path => [...path, 'to']), ...paths] });
    return undefined;
  }
  const found: Mistake[] = [];
  const parsed = parsePiece(targets[to].shape, written, place, found, paths, 'see docs/deliver.md');
  problems.push(...found.map(each => ({ ...each, text: `${field}: ${each.text}` })));
  return parsed;
}

/** An old key is kept for places that take long, but for no longer than twice its overlap. */
export const overlapReachesPlaces: KeyRule = ({ spec: { overlapHours, deliverTo = [] } }) => {
  const [slowest] = deliverTo
    .map(place => ({ place, target: targetOf(place) }))
    .sort((one, other) => other.target.takesMs - one.target.takesMs);
  const hours = Math.ceil((slowest?.target.takesMs ?? 0) / hourMs);
  if (!slowest || overlapHours >= hours) return undefined;
  const title = slowest.target.titleOf(slowest.place);
  return `overlapHours ${overlapHours} is too short for ${title}, where work that has already started keeps the previous key for up to ${hours} hours; use at least ${hours}`;
};

/** Kinds of places outside AWS to which its keys are delivered, each with a token. */
export function tokenPlaces(environment: Environment): TokenPlace[] {
  return tokenPlacesOf(keysOf(environment).map(({ spec }) => spec));
}

/** Their names, as those of providers in `issuerSecretName`. */
export function tokenPlaceNames(environment: Environment): string[] {
  return tokenPlaces(environment).map(({ to }) => to);
}
