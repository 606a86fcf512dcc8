// `npm run lint:templates`: cfn-lint over the templates of every configuration of configs.ts, where Python has it. CDK's own check, which
// knows each region's resource types, runs with every synth.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateConfig } from '../../lib/config/validate-config';
import { buildApp } from '../../lib/stacks/app';
import { configs } from './support/configs';

interface Finding {
  Level: 'Error' | 'Warning' | 'Informational';
  Rule: { Id: string };
  Message: string;
  Filename: string;
  Location: { Path: (string | number)[] };
}

/** Findings that are cfn-lint's own, with the reason. */
const notOurs: ((finding: Finding, region: string) => boolean)[] = [
  // CDK writes the role of a function, and we the topics, into DependsOn, whether something refers to them or not. It does no harm.
  ({ Rule }) => Rule.Id === 'W3005',
  // Its patterns of principals know three partitions, and aws-eusc is none of them.
  ({ Rule }, region) => Rule.Id === 'E3512' && region.startsWith('eusc-'),
];

/** How cfn-lint is called here; CFN_LINT names it where it is in no usual place. */
function findLinter(): string[] | undefined {
  const { CFN_LINT } = process.env;
  const candidates = [...(CFN_LINT ? [[CFN_LINT]] : []), ['cfn-lint'], ['python3', '-m', 'cfnlint']];
  return candidates.find(
    ([program = '', ...args]) => spawnSync(program, [...args, '--version']).status === 0,
  );
}

/** Of each configuration. */
const largest = 4;

function lint([program = '', ...args]: string[], folder: string, region: string): Finding[] {
  const templates = readdirSync(folder).filter(file => file.endsWith('.template.json'));
  // Fifty servers' stacks are alike but for names, and cfn-lint takes seconds for each.
  const files = templates
    .map(file => join(folder, file))
    .sort((a, b) => statSync(b).size - statSync(a).size)
    .slice(0, largest);
  const { stdout, stderr, status } = spawnSync(
    program,
    [...args, '--format', 'json', '--regions', region, '--', ...files],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  // 1 and more are bits for what was found.
  if (status === null || !stdout.trim().startsWith('['))
    throw new Error(`cfn-lint failed: ${stderr || stdout}`);
  const findings = JSON.parse(stdout) as Finding[];
  return findings.filter(finding => !notOurs.some(isNot => isNot(finding, region)));
}

function main(): number {
  const linter = findLinter();
  if (!linter) {
    console.log(
      'cfn-lint: skipped, since it is not installed here (python3 -m pip install cfn-lint, or set CFN_LINT)',
    );
    return 0;
  }
  const version = execFileSync(linter[0] ?? '', [...linter.slice(1), '--version'], {
    encoding: 'utf8',
  }).trim();
  const outdir = mkdtempSync(join(tmpdir(), 'keyturn-lint-'));
  let errors = 0;
  let warnings = 0;
  const only = process.argv[2];
  try {
    for (const [name, input] of Object.entries(configs)) {
      if (only && !name.includes(only)) continue;
      const config = validateConfig(input());
      const folder = mkdtempSync(join(outdir, 'app-'));
      buildApp({ config, outdir: folder, context: { 'aws:cdk:bundling-stacks': [] } }).synth();
      const found = lint(linter, folder, config.environments[0]?.region ?? '');
      for (const { Level, Rule, Message, Location, Filename } of found) {
        const place = [Filename.split('/').at(-1), ...Location.Path].join('/');
        console.log(`${Level.toLowerCase()} ${Rule.Id} ${name}: ${place}: ${Message}`);
      }
      errors += found.filter(({ Level }) => Level === 'Error').length;
      warnings += found.filter(({ Level }) => Level !== 'Error').length;
    }
  } finally {
    rmSync(outdir, { recursive: true });
  }
  console.log(`${version}: ${errors} errors, ${warnings} warnings`);
  return errors || warnings ? 1 : 0;
}

process.exitCode = main();
