// Compares the example's templates with those of another commit: `node scripts/compare-templates.mjs <commit>`.
// Names of assets are hashes of code, so they are left out.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [commit] = process.argv.slice(2);
if (!commit) {
  process.stderr.write('say which commit to compare with: node scripts/compare-templates.mjs <commit>\n');
  process.exit(2);
}
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'keyturn-templates-'));
const before = join(folder, 'before');

function run(cwd, command, args, env = {}) {
  execFileSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Name of the template -> its text. */
function templatesOf(directory, outdir) {
  run(directory, process.execPath, ['--import', 'tsx', 'bin/app.ts'], { CDK_OUTDIR: outdir });
  const files = readdirSync(outdir).filter(file => file.endsWith('.template.json'));
  return new Map(
    files.map(file => [file, readFileSync(join(outdir, file), 'utf8').replaceAll(/[0-9a-f]{64}/g, '<hash>')]),
  );
}

try {
  run(root, 'git', ['worktree', 'add', '--detach', before, commit]);
  run(before, 'npm', ['ci', '--ignore-scripts']);
  const [old, now] = [templatesOf(before, join(folder, 'old')), templatesOf(root, join(folder, 'now'))];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  const changed = names.filter(name => old.get(name) !== now.get(name));
  for (const name of changed) process.stdout.write(`${name} differs from ${commit}\n`);
  process.stdout.write(`${names.length} templates compared with ${commit}: ${changed.length} differ\n`);
  process.exitCode = changed.length ? 1 : 0;
} finally {
  run(root, 'git', ['worktree', 'remove', '--force', before]);
  rmSync(folder, { recursive: true, force: true });
}
