/** Every workflow of the worker. Those below the line are started by the others only. */
export { checkSetup } from './checkSetup.ts';
export { collectAcrossAccounts, collectAcrossAccounts as collect_across_accounts } from './collectAcrossAccounts.ts';
export { discoverAccounts } from './discoverAccounts.ts';
export { excludeAccount } from './excludeAccount.ts';
export { includeAccount } from './includeAccount.ts';
export { onboardAccount } from './onboardAccount.ts';
export { onboardAccounts } from './onboardAccounts.ts';
export { readRegistry } from './readRegistry.ts';
export { reportCoverage } from './reportCoverage.ts';
export { verifyAccount } from './verifyAccount.ts';
export { weeklyDigest } from './weeklyDigest.ts';
// ---
export { account } from './account.ts';
export { discoverBatch } from './discoverBatch.ts';
export { readAccountTags } from './readAccountTags.ts';
