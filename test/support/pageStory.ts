/** A month in the life of an organization, written straight into a registry, and the page on it. */
import type { AccountEvent, AccountRow, PoloStatus } from '../../domain/contract.ts';
import { DAY, HOUR } from '../../domain/times.ts';
import { pageRoutes, type Source } from '../../page/routes.ts';
import type { Site } from '../../page/site.ts';
import type { Registry } from '../../registry/registry.ts';
import { coverageReader } from '../../worker/coverage.ts';
import { startStatusServer, type StatusServer } from '../../worker/statusServer.ts';
import { eventOf, idOf, nodeOf, rowOf } from './clickhousePlaces.ts';

/** A name that would be an element, a script and an attribute, where somebody forgot to escape it. */
export const HOSTILE = '<script>alert(1)</script> & "x"';

export const SITE: Site = {
  env: 'production',
  namespace: 'polo',
  taskQueue: 'polo-accounts',
  temporalUiUrl: 'https://temporal.example.com',
  stackSet: { name: 'production-polo-roles', region: 'us-east-1', callAs: 'SELF' },
};

/** What happens to an account: days ago, the status from then on, and why. */
type Life = [daysAgo: number, status: PoloStatus, reason?: string][];

interface Character extends Partial<AccountRow> {
  life: Life;
  /** Hours since the last scan; null for never. */
  scanned?: number | null;
}

const REFUSED = 'read role refused: AccessDenied: not authorized to perform sts:AssumeRole';
const NO_ROLES = 'roles not deployed: no stack instance of production-polo-roles';

const works = (account_name: string, org_unit: string, owner = '', daysAgo = 40): Character => ({
  account_name,
  org_unit,
  owner,
  account_role: org_unit.includes('Production') ? 'production' : '',
  life: [[daysAgo, 'active']],
});

const CHARACTERS: Character[] = [
  works('payments-production', '/Workloads/Production', 'payments@example.com'),
  works('payments-development', '/Workloads/Development', 'payments@example.com'),
  works('shop-checkout', '/Workloads/Production/Europe/Retail/Checkout', 'shop@example.com'),
  works('log-archive', '/'),
  works('identity', '/Infrastructure', 'platform@example.com'),
  works('network', '/Infrastructure/Network', 'platform@example.com'),
  works('Zürich – Zahlungen 東京 🚀', '/Workloads/Büro & Außendienst', 'Jürgen Müller'),
  works('search-production', '/Workloads/Production/Europe', '', 21),
  works(
    'customer-facing analytics platform for the whole of Europe, the Middle East and Africa',
    '/Workloads/Production',
    '',
    17.3,
  ),
  works('media-encoding', '/Workloads/Production', '', 12),
  { ...works('mobile-development', '/Workloads/Development', '', 9.5), scanned: null },
  {
    ...works('data-platform-production', '/Workloads/Production', 'data@example.com'),
    scanned: 61,
    last_scan_error: 'scan collectCosts: 3 regions timed out',
  },
  {
    ...works(HOSTILE, '/Sandbox/<b>R&D</b>', '<i>"owner"</i>'),
    last_scan_error: `${REFUSED} <img src=x onerror=alert(1)>`,
    life: [
      [40, 'active'],
      [6.2, 'no_access', `${REFUSED} <img src=x onerror=alert(1)>`],
    ],
  },
  {
    ...works('legacy-billing', '/Workloads/Production', 'billing@example.com'),
    last_scan_error: REFUSED,
    life: [
      [40, 'active'],
      [2.1, 'no_access', REFUSED],
    ],
  },
  {
    ...works('old-website', '/Workloads/Production'),
    life: [
      [40, 'active'],
      [15.4, 'no_access', REFUSED],
      [13.2, 'active'],
    ],
  },
  {
    ...works('customer-support', '/Workloads/Production'),
    life: [
      [40, 'active'],
      [15.4, 'no_access', REFUSED],
      [13.2, 'active'],
    ],
    polo_action_role: '',
    last_scan_error: 'action role refused: AccessDenied',
  },
  {
    ...works('fraud-detection', '/Workloads/Production'),
    life: [
      [28, 'pending_setup', NO_ROLES],
      [24.5, 'active'],
    ],
  },
  ...['checkout-staging', 'partner-portal', 'new-analytics'].map((name, index) => ({
    ...works(name, '/Workloads/Staging'),
    life: [[index === 0 ? 8.5 : 0.3 + index, 'pending_setup', NO_ROLES]] as Life,
    last_scan_error: NO_ROLES,
    scanned: null,
  })),
  {
    ...works('Example Organization', '/'),
    life: [[40, 'pending_setup', 'roles not deployed: the management account needs an ordinary stack']],
    last_scan_error: 'roles not deployed: deploy the management stack by hand',
    scanned: null,
  },
  {
    ...works('abandoned-experiment', '/Suspended'),
    life: [
      [40, 'active'],
      [20.4, 'excluded', 'account is SUSPENDED'],
    ],
    last_scan_error: 'account is SUSPENDED',
  },
  {
    ...works('summer-campaign', '/Suspended'),
    life: [[40, 'excluded', 'account is CLOSED']],
    last_scan_error: 'account is CLOSED',
    scanned: null,
  },
];

const rowAt = (character: Character, index: number, now: number): AccountRow => {
  const { life, scanned, ...row } = character;
  const [, status = 'active'] = life.at(-1) ?? [];
  const time = (ago: number): string => new Date(now - ago).toISOString();
  const seen = status === 'active';
  return rowOf(idOf(index + 1), {
    polo_status: status,
    last_successful_scan:
      scanned === null ? null : time((scanned ?? (seen ? 2 : 24 * (life.at(-1)?.[0] ?? 0) + 3)) * HOUR),
    discovered_at: time((life[0]?.[0] ?? 0) * DAY),
    updated_at: time((life.at(-1)?.[0] ?? 0) * DAY),
    ...(!seen && { polo_read_role: '', polo_action_role: '' }),
    ...row,
  });
};

const eventsOf = (row: AccountRow, life: Life, now: number): AccountEvent[] =>
  life.map(([daysAgo, status, reason = ''], index) =>
    eventOf(row.account_id, index === 0 ? 'discovered' : 'status_changed', index, {
      at: new Date(now - daysAgo * DAY).toISOString(),
      from_status: life[index - 1]?.[1] ?? '',
      to_status: status,
      reason,
      workflow_id: 'discover-accounts',
    }),
  );

/** A complete discovery. */
export const discoveryAt = (at: number): AccountEvent =>
  eventOf('', 'discovery_completed', 0, { event_id: `discovery-${String(at)}`, at: new Date(at).toISOString() });

/** Writes 24 accounts in every state, what became of them in 40 days, and daily discoveries of which three days are missing. */
export const writeStory = async (registry: Registry, now: number): Promise<void> => {
  await Promise.all(
    CHARACTERS.map(async (character, index) => {
      const row = rowAt(character, index, now);
      await registry.writeAccount({
        events: eventsOf(row, character.life, now),
        node: nodeOf(row.account_id, { name: row.account_name }),
        row,
      });
    }),
  );
  const days = Array.from({ length: 41 }, (_, day) => day).filter((day) => day < 19 || day > 21);
  await registry.appendEvents(days.map((day) => discoveryAt(now - day * DAY - 5 * HOUR)));
};

/** Writes accounts that are all seen. */
export const writeAllGood = async (registry: Registry, now: number): Promise<void> => {
  await Promise.all(
    CHARACTERS.slice(0, 10).map(async (character, index) => {
      const row = rowAt(character, index, now);
      await registry.writeAccount({ events: eventsOf(row, character.life, now), node: nodeOf(row.account_id), row });
    }),
  );
  const days = Array.from({ length: 41 }, (_, day) => day);
  await registry.appendEvents(days.map((day) => discoveryAt(now - day * DAY - 5 * HOUR)));
};

/** The page on a registry, as the worker serves it. */
export const startPage = (registry: Registry, token?: string): Promise<StatusServer> =>
  startPageOn(() => ({ registry, coverage: coverageReader(registry, true) }), token);

/** The page on anything. */
export const startPageOn = (source: () => Source, token?: string): Promise<StatusServer> =>
  startStatusServer({
    host: '127.0.0.1',
    port: 0,
    hosts: [],
    routes: pageRoutes(SITE, source),
    ...(token !== undefined && { token }),
  });
