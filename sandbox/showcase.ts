/** The accounts that every sandbox starts with: one or more of each condition that a first discovery can meet. */

/** What an account is like; `generation.ts` turns it into state, roles and stack instance. */
export type Condition =
  | 'managementAccount'
  | 'works'
  | 'actionRoleMissing'
  | 'actionRoleRefused'
  | 'notDeployed'
  | 'deploying'
  | 'deploymentFailed'
  | 'deployedButRefused'
  | 'deployedButDeleted'
  | 'suspended'
  | 'closed'
  | 'pendingActivation'
  | 'pendingClosure';

/** An account to be made; `units` is its place by names. */
export interface Blueprint {
  condition: Condition;
  name: string;
  units: string[];
  accountRole?: string;
  owner?: string;
  /** Its id begins with zeros. */
  leadingZeros?: boolean;
}

const PRODUCTION = ['Workloads', 'Production'];
const DEVELOPMENT = ['Workloads', 'Development'];
const LONG_NAME =
  'customer-facing analytics platform for the whole of Europe, the Middle East and Africa, production, first of three '.padEnd(
    128,
    'x',
  );

/** The first accounts in order; a sandbox with fewer takes the beginning. The second one is the hub where the hub isn't the management account. */
export const SHOWCASE: readonly Blueprint[] = [
  { condition: 'managementAccount', name: 'Example Organization', units: [] },
  {
    condition: 'works',
    name: 'polo',
    units: ['Infrastructure'],
    accountRole: 'tooling',
    owner: 'platform@example.com',
  },
  { condition: 'notDeployed', name: 'payments-development', units: DEVELOPMENT, accountRole: 'development' },
  {
    condition: 'works',
    name: 'payments-production',
    units: PRODUCTION,
    accountRole: 'production',
    owner: 'payments@example.com',
    leadingZeros: true,
  },
  { condition: 'actionRoleRefused', name: 'data-platform-production', units: PRODUCTION, accountRole: 'production' },
  { condition: 'deployedButRefused', name: 'legacy-billing', units: PRODUCTION, owner: 'billing@example.com' },
  { condition: 'suspended', name: 'abandoned-experiment', units: ['Suspended'] },
  { condition: 'deploymentFailed', name: 'fraud-detection-production', units: PRODUCTION, accountRole: 'production' },
  {
    condition: 'works',
    name: 'Zürich – Zahlungen 東京 🚀',
    units: ['Workloads', 'Büro & Außendienst'],
    owner: 'Jürgen Müller',
  },
  { condition: 'deploying', name: 'checkout-staging', units: ['Workloads', 'Staging'] },
  { condition: 'closed', name: 'summer-campaign', units: ['Suspended'] },
  { condition: 'works', name: LONG_NAME, units: [...PRODUCTION, 'Europe'], accountRole: 'production' },
  { condition: 'pendingActivation', name: 'new-joiners', units: [] },
  { condition: 'pendingClosure', name: 'old-website', units: PRODUCTION, leadingZeros: true },
  {
    condition: 'works',
    name: '<script>alert("polo")</script>',
    units: ['Sandbox', '<b>R&D</b>'],
    accountRole: '<i>sandbox</i>',
  },
  {
    condition: 'works',
    name: 'Smith, O\'Neil & "Sons", Ltd.',
    units: ['Sandbox', 'Labs, "East"'],
    owner: 'O\'Neil, "Pat"',
  },
  { condition: 'actionRoleMissing', name: 'customer-support', units: PRODUCTION },
  { condition: 'deployedButDeleted', name: 'media-encoding', units: PRODUCTION, accountRole: 'production' },
  { condition: 'works', name: 'log-archive', units: [], accountRole: 'security', leadingZeros: true },
  {
    condition: 'works',
    name: 'shop-checkout',
    units: [...PRODUCTION, 'Europe', 'Retail', 'Checkout'],
    owner: 'shop@example.com',
  },
  { condition: 'notDeployed', name: 'mobile-development', units: DEVELOPMENT },
  {
    condition: 'works',
    name: 'network',
    units: ['Infrastructure', 'Network'],
    accountRole: 'network',
    owner: 'platform@example.com',
  },
  { condition: 'works', name: 'search-production', units: [...PRODUCTION, 'Europe'], accountRole: 'production' },
  { condition: 'works', name: 'identity', units: ['Infrastructure'], accountRole: 'security' },
];

/** Conditions of the accounts after the first ones, in thousandths; all others work. */
export const SPRINKLE: readonly (readonly [Condition, number])[] = [
  ['notDeployed', 8],
  ['deployedButRefused', 4],
  ['suspended', 4],
  ['actionRoleRefused', 3],
  ['deploymentFailed', 3],
  ['closed', 3],
  ['actionRoleMissing', 2],
  ['deploying', 2],
  ['pendingClosure', 2],
  ['deployedButDeleted', 1],
  ['pendingActivation', 1],
];
