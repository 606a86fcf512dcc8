// The promises that every connector keeps which mints tokens from a root.
import { test } from 'node:test';
import { checksOf } from 'keyturn/connectors/suite';
import { tickets } from './tickets';
import { dialect } from './tickets-dialect';

for (const { name, run } of checksOf(tickets, dialect)) test(name, run);
