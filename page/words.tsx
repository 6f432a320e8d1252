/** Names of things as the page writes them: statuses, reasons, times, accounts. */
import { Fragment, type VNode } from 'preact';
import type { GapReason, PoloStatus } from '../domain/contract.ts';
import { age, minute } from '../domain/times.ts';
import { statusWords } from '../domain/words.ts';
import { Icon, type IconName } from './icons.tsx';

/** Each status in words and as a shape: it is never told by colour alone. */
export const STATUSES: Record<PoloStatus, { words: string; icon: IconName }> = {
  active: { words: statusWords('active'), icon: 'check' },
  pending_setup: { words: statusWords('pending_setup'), icon: 'half' },
  no_access: { words: statusWords('no_access'), icon: 'cross' },
  excluded: { words: statusWords('excluded'), icon: 'dash' },
};

/** Each reason of a gap in words and as a shape. */
export const REASONS: Record<GapReason, { words: string; icon: IconName }> = {
  no_access: STATUSES.no_access,
  pending_setup: STATUSES.pending_setup,
  stale: { words: 'last scan too old', icon: 'clock' },
  never_scanned: { words: 'never scanned', icon: 'circle' },
  action_role_refused: { words: 'actions refused', icon: 'triangle' },
};

/** A status or a reason of a gap: shape and words. */
export const Mark = ({ of, kind }: { of: { words: string; icon: IconName }; kind: PoloStatus | GapReason }): VNode => (
  <span class={`mark ${kind}`}>
    <Icon name={of.icon} /> {of.words}
  </span>
);

/** A number with separators: `10,000`. */
export const count = (value: number): string => value.toLocaleString('en-US');

/** `1 account`, `2 accounts`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** A point in time to the minute, UTC; null is never. */
export const Time = ({ at }: { at: string | null }): VNode =>
  at === null ? (
    <span class="dim">never</span>
  ) : (
    <time dateTime={at} title={at}>
      {minute(at)}
    </time>
  );

/** How long ago something was: `5 h ago`. `now` is in milliseconds. */
export const ago = (at: string, now: number): string => `${age(now - Date.parse(at))} ago`;

/** An account by name and id, as a link to its page. A name may be of any script and direction. */
export const AccountLink = (account: { account_id: string; account_name: string }): VNode => (
  <a class="account" href={`/accounts/${account.account_id}`}>
    {account.account_name !== '' && (
      <>
        <bdi>{account.account_name}</bdi>{' '}
      </>
    )}
    <span class="id">{account.account_name === '' ? account.account_id : `(${account.account_id})`}</span>
  </a>
);

/** The path of a unit, which may break at its slashes. */
export const UnitPath = ({ path }: { path: string }): VNode => (
  <bdi>
    {path.split('/').map((name, index) => (
      <Fragment key={index}>
        {index > 0 && (
          <>
            /<wbr />
          </>
        )}
        {name}
      </Fragment>
    ))}
  </bdi>
);
