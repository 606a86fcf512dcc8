import { type Labels, labelNewValue, moveLabel } from '../secrets-manager/labels';

const current = 'AWSCURRENT';
const pending = 'AWSPENDING';
const previous = 'AWSPREVIOUS';

describe('a new value', () => {
  test.each<[string, Labels, string, string[] | undefined, Labels]>([
    ['the first value becomes current', {}, 'v1', undefined, { v1: [current] }],
    [
      'the first value becomes current, whatever labels it asks for',
      {},
      'v1',
      ['CUSTOM'],
      { v1: [current, 'CUSTOM'] },
    ],
    [
      'a plain value turns the current one into the previous one',
      { v1: [current] },
      'v2',
      undefined,
      { v2: [current], v1: [previous] },
    ],
    [
      'a plain value takes AWSPREVIOUS from the version before, which is left without labels',
      { v2: [current], v1: [previous] },
      'v3',
      undefined,
      { v3: [current], v2: [previous] },
    ],
    [
      'labels given are set exactly, and AWSCURRENT stays',
      { v1: [current] },
      'v2',
      [pending],
      { v1: [current], v2: [pending] },
    ],
    ['labels given are shown sorted', { v1: [current] }, 'v2', ['B', 'A'], { v1: [current], v2: ['A', 'B'] }],
    [
      'a label given is taken from whoever holds it',
      { v1: [current], v2: [pending] },
      'v3',
      [pending],
      { v1: [current], v3: [pending] },
    ],
    [
      'recorded: when AWSCURRENT leaves a version that is pending too, AWSPENDING disappears',
      { v2: [current, pending], v1: [previous] },
      'v3',
      undefined,
      { v3: [current], v2: [previous] },
    ],
    [
      'custom labels stay on their version',
      { v1: [current, 'PUT1'] },
      'v2',
      undefined,
      { v2: [current], v1: [previous, 'PUT1'] },
    ],
    [
      'a plain value ends a pending rotation',
      { v1: [current], v2: [pending] },
      'v3',
      undefined,
      { v3: [current], v1: [previous] },
    ],
    [
      'AWSCURRENT asked for by name moves AWSPREVIOUS, too',
      { v2: [current], v1: [previous] },
      'v3',
      [current],
      { v3: [current], v2: [previous] },
    ],
  ])('%s', (_fact, before, id, stages, after) => {
    expect(sorted(labelNewValue(before, id, stages))).toEqual(sorted(after));
  });

  test('more than 20 labels over all versions are refused', () => {
    const nineteen = Array.from({ length: 19 }, (_, n) => `L${n}`);
    expect(labelNewValue({ v1: [current] }, 'v2', nineteen).v2).toHaveLength(19);
    expect(() => labelNewValue({ v1: [current] }, 'v2', [...nineteen, 'ONE-MORE'])).toThrow(
      expect.objectContaining({ code: 'LimitExceededException' }),
    );
  });
});

describe('UpdateSecretVersionStage', () => {
  test.each<[string, Labels, string, { from?: string; to?: string }, Labels]>([
    [
      'finishSecret: the pending version becomes current and stays pending until the clean-up',
      { v1: [current], v2: [pending] },
      current,
      { from: 'v1', to: 'v2' },
      { v1: [previous], v2: [current, pending] },
    ],
    [
      'the version that was AWSPREVIOUS loses it to the one that was current',
      { v1: [previous], v2: [current], v3: [pending] },
      current,
      { from: 'v2', to: 'v3' },
      { v2: [previous], v3: [current, pending] },
    ],
    [
      'rolling back swaps the labels',
      { v1: [previous], v2: [current] },
      current,
      { from: 'v2', to: 'v1' },
      { v1: [current], v2: [previous] },
    ],
    [
      'rolling back before the clean-up takes AWSPENDING along',
      { v1: [previous], v2: [current, pending] },
      current,
      { from: 'v2', to: 'v1' },
      { v1: [current], v2: [previous] },
    ],
    ['a free label is attached', { v1: [current] }, 'CUSTOM', { to: 'v1' }, { v1: [current, 'CUSTOM'] }],
    ['a label is taken away', { v1: [previous], v2: [current] }, previous, { from: 'v1' }, { v2: [current] }],
    ['a label is moved to where it is', { v1: [current] }, current, { to: 'v1' }, { v1: [current] }],
  ])('%s', (_fact, before, label, move, after) => {
    expect(sorted(moveLabel(before, label, move))).toEqual(sorted(after));
  });

  test.each<[string, Labels, string, { from?: string; to?: string }, string]>([
    [
      'a label held elsewhere must be named with its holder',
      { v1: [current], v2: [pending] },
      current,
      { to: 'v2' },
      "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version v1, so you must explicitly reference that version in RemoveFromVersionId.",
    ],
    [
      'the holder named must be the holder',
      { v1: [current], v2: [pending] },
      current,
      { from: 'v2', to: 'v2' },
      'must be set to the version that currently has',
    ],
    [
      'AWSCURRENT cannot be taken away',
      { v1: [current] },
      current,
      { from: 'v1' },
      "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    ],
  ])('%s', (_fact, before, label, move, text) => {
    expect(() => moveLabel(before, label, move)).toThrow(
      expect.objectContaining({ code: 'InvalidParameterException', message: expect.stringContaining(text) }),
    );
  });
});

function sorted(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).map(([id, held]) => [id, [...held].sort()]));
}
