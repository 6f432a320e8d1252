/** Tests prove the same in both forms; POLO_TEST_LONG=1 takes the heavier figures. */
export const long = process.env['POLO_TEST_LONG'] === '1';
