// The scenario of reported leaks; and that it sees the faults that it is there for.
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LeakReportFindings, leakReport } from '../../rehearsal/scenarios/emergencies/leak-report';
import { ownAsset } from '../support/linked-assembly';
import { type AlteredCode, bundleAltered } from './altered-code';
import { playOwn } from './own-scenario';

async function play(fault?: AlteredCode) {
  const planted = mkdtempSync(join(tmpdir(), 'keyturn-leak-report-'));
  if (fault) await bundleAltered(fault, planted, ['leak-report']);
  try {
    const { findings, story } = await playOwn(
      leakReport,
      directory => fault && plantInto(directory, planted),
    );
    const found = findings as unknown as LeakReportFindings;
    return { found, holds: leakReport.holds!(findings), summary: story.summary };
  } finally {
    rmSync(planted, { recursive: true });
  }
}

/** In the place of the function's bundle, wherever it lies. */
function plantInto(directory: string, planted: string): void {
  for (const asset of readdirSync(directory)) {
    const at = join(directory, asset);
    if (!existsSync(join(at, 'leak-report.mjs'))) continue;
    ownAsset(at);
    cpSync(planted, at, { recursive: true });
  }
}

test('what is reported ends, what is not signed or no key begins nothing, and all answers are alike', async () => {
  const { found, holds, summary } = await play();
  expect(holds).toBe(true);
  expect(found).toMatchObject({
    reported: 3,
    dead: 3,
    startedByRefused: 0,
    differentAnswers: 1,
    incidentsOfOneReport: 1,
    problems: [],
  });
  expect(found.contained.map(({ reporter }) => reporter)).toEqual(['github', 'trufflehog', 'gitguardian']);
  expect(found.refused).toBeGreaterThan(10);
  expect(summary).toMatchObject({ orphans: 0, secretsInOutput: 0, violations: [], iam: { denied: 0 } });
});

test('a function that checks no signature is seen', async () => {
  const { found, holds } = await play({
    file: 'core/leaks/signatures.ts',
    changes: [["return verify('sha256', body, key, Buffer.from(signature, 'base64'));", 'return true;']],
  });
  expect(found.startedByRefused).toBeGreaterThan(0);
  expect(holds).toBe(false);
});
