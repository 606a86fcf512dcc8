// The promises that every connector keeps, on the provider that the dialect plays: `npx tsx --test connectors/*.test.ts`.
import { test } from 'node:test';
import { checksOf } from 'keyturn/connectors/suite';
import { inhouse } from './inhouse';
import { dialect } from './inhouse-dialect';

for (const { name, run } of checksOf(inhouse, dialect)) test(name, run);
