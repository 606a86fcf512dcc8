// A key that only a person makes, or AWS by a rotation of its own, which may promote its key while the one before is being ended.
import { moveLabel } from '@keyturn/aws-model/secrets-manager/labels';
import { respond } from '../../../../core/incident/response';
import { deadLabel } from '../../../../core/rotation/secret-store';
import { minuteMs } from '../../../../core/time';
import { outcomeOf, setUpResponse } from '../../support/response-setup';
import { handMadeKinds } from '../../support/world';

const rotated = 'version-of-a-rotation-000000000000003';
const ordered = {
  cause: { by: 'person', requestedBy: 'a', reason: '', graceSeconds: 0, response: 'revoke-first' } as const,
};

describe.each(handMadeKinds)('kind %s', kind => {
  test.each([true, false])(
    'begun before (%s), and promoted inside any call: its key works and is said to, or it is dead and labelled so',
    async hasBegun => {
      const said = new Set<string>();
      for (let n = 1; ; n++) {
        const { world, tools, trigger, records } = setUpResponse({ kind });
        const leaked = world.keyOf('AWSCURRENT')!;
        if (hasBegun) world.beginRotation(rotated);
        // As the person does who gives the order: no API ends such a key.
        if (kind === 'manual') world.keys = [];
        let reached = false;
        let looksAfter = 0;
        world.gate = async name => {
          if (reached && name === 'describe') looksAfter++;
          if (world.calls !== n) return undefined;
          reached = true;
          world.beginRotation(rotated);
          world.seed(rotated, ['AWSPENDING']);
          world.labels = moveLabel(world.labels, 'AWSCURRENT', {
            from: world.holder('AWSCURRENT')!,
            to: rotated,
          });
          world.labels = moveLabel(world.labels, 'AWSPENDING', { from: rotated });
          return undefined;
        };
        let outcome: string | undefined;
        for (let run = 1; run <= 3; run++) {
          const responded = await respond({ ...tools, runId: `run-${run}` }, trigger(ordered));
          if (responded.as === 'ended') await records.save(responded.incident);
          if (responded.as !== 'skipped') outcome = outcomeOf(responded);
          // A person is told to end what is open, and does so.
          if (kind === 'manual' && outcome === 'unfinished') world.keys = [];
          world.nowMs += minuteMs;
        }
        if (!reached) break;
        said.add(outcome!);
        const works = world.live.includes(world.keyOf('AWSCURRENT')!);
        expect({
          n,
          outcome,
          isLabelledDead: world.holder(deadLabel) === world.holder('AWSCURRENT'),
          leakedLives: world.live.includes(leaked),
          marks: [...world.marks],
        }).toEqual({
          n,
          outcome: works && looksAfter > 1 ? 'contained' : 'not-replaced',
          isLabelledDead: !works,
          leakedLives: false,
          marks: [],
        });
      }
      expect([...said].sort()).toEqual(['contained', 'not-replaced']);
    },
  );
});
