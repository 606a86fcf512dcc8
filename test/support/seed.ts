/** Decides all chance in the tests. `KEYTURN_TEST_SEED=7 npm test` tries others. */
export const testSeed = Number(process.env.KEYTURN_TEST_SEED ?? 20_261_128);
