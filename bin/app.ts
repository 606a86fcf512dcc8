// What `npx cdk` runs: config/keys.ts becomes stacks.
import { keys } from '../config/keys';
import { synthesizeKeys } from '../lib/stacks/app';

synthesizeKeys(keys);
