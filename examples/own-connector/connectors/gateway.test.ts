// The promises that every federation keeps: another role, audience or account, a forged or ended JWT gets nothing.
import { test } from 'node:test';
import { checksOf } from 'keyturn/connectors/suite';
import { gateway } from './gateway';
import { dialect } from './gateway-dialect';

for (const { name, run } of checksOf(gateway, dialect)) test(name, run);
