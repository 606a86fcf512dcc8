// Blocks of pages about places that no sandbox has: clusters, services and functions.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeysInput } from '../../../lib/config/config';
import { validateConfig } from '../../../lib/config/validate-config';
import type { DeliveryTarget } from '../../../targets/targets';
import { root } from '../documents';
import { keys } from './keys';
import { exportsOf, type WayToUse } from './way-to-use';

/** Page -> language -> the test that takes the blocks from the page, and how it finds them. */
const heldBy: Record<string, Record<string, [file: string, text: string]>> = {
  'docs/broker.md': {
    ts: ['test/docs/broker.test.ts', "language === 'ts'"],
    yaml: ['test/docs/broker.test.ts', "language === 'yaml'"],
    zsh: ['test/client/broker/service.test.ts', "language === 'zsh'"],
  },
  'docs/deliver.md': { yaml: ['test/docs/deliver.test.ts', "language === 'yaml'"] },
};

export const deploymentUses: WayToUse[] = [
  {
    name: 'a deployment or a program beside it, which a test takes from its page',
    is: ({ document, language }) => heldBy[document]?.[language] !== undefined,
    async use({ document, language }) {
      const [file = '', text = ''] = heldBy[document]?.[language] ?? [];
      const test = readFileSync(join(root, file), 'utf8');
      expect(test).toContain(`blocksOf('${document}')`);
      expect(test).toContain(text);
    },
  },
  {
    name: 'a place that keys are delivered to is one of a whole configuration',
    is: ({ text }) => /^export const \w+: DeliveryTarget =/m.test(text),
    async use({ text }) {
      const places = Object.values(exportsOf(text)) as DeliveryTarget[];
      expect(places).not.toEqual([]);
      for (const place of places) {
        const input = structuredClone(keys) as KeysInput;
        Object.assign(input.servers['code-bot'] ?? {}, { deliverTo: { prod: [place] } });
        validateConfig(input);
      }
    },
  },
  {
    name: 'a task of ECS takes the newest key',
    is: ({ document, language }) => document === 'docs/deliver.md' && language === 'json',
    async use({ text }) {
      const { secrets } = JSON.parse(text) as { secrets: { valueFrom: string }[] };
      expect(secrets).toHaveLength(1);
      expect(secrets[0]?.valueFrom).toMatch(
        /^arn:aws:secretsmanager:eu-central-1:\d{12}:secret:keyturn\/prod\/sendgrid\/support-bot\/main-\w{6}:secret::$/,
      );
    },
  },
];
