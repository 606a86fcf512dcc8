// Copies of one assembly have its functions in common, until one of them changes its own.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changedIn, contentsOf } from './contents';
import { linkAssembly, ownAsset } from './linked-assembly';
import { runFolder } from './run-folder';

const made = (): string => mkdtempSync(join(runFolder(), 'linked-'));

test('what one copy changes of its templates, and of an asset that it owns, no other sees', () => {
  const kept = made();
  mkdirSync(join(kept, 'asset.a'));
  writeFileSync(join(kept, 'asset.a/rotate.mjs'), 'kept');
  writeFileSync(join(kept, 'a.template.json'), 'kept');
  const [first, second] = [made(), made()];
  linkAssembly(kept, first);
  // Of a copy, as attacks make them.
  linkAssembly(first, second);

  ownAsset(join(second, 'asset.a'));
  for (const file of ['asset.a/rotate.mjs', 'a.template.json']) writeFileSync(join(second, file), 'changed');

  for (const file of ['asset.a/rotate.mjs', 'a.template.json']) {
    const contents = [kept, first, second].map(folder => readFileSync(join(folder, file), 'utf8'));
    expect(contents).toEqual(['kept', 'kept', 'changed']);
  }
});

test('what a copy changes of an asset that it does not own is found at the end of the run', () => {
  const run = made();
  for (const name of ['assembly-1', 'assembly-2']) {
    mkdirSync(join(run, name, 'asset.a'), { recursive: true });
    writeFileSync(join(run, name, 'asset.a/rotate.mjs'), 'kept');
    writeFileSync(join(run, `${name}.contents`), contentsOf(join(run, name)));
  }
  const copy = made();
  linkAssembly(join(run, 'assembly-2'), copy);
  expect(changedIn(run)).toEqual([]);
  writeFileSync(join(copy, 'asset.a/rotate.mjs'), 'changed');
  expect(changedIn(run)).toEqual(['assembly-2']);
});
