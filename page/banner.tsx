/** The answer to "do we see everything?", and how old what it rests on is. */
import type { ComponentChildren, VNode } from 'preact';
import type { Coverage } from '../domain/contract.ts';
import { slackFailureText } from '../domain/coverage.ts';
import { age } from '../domain/times.ts';
import { Icon, type IconName } from './icons.tsx';
import { ago, count, Time } from './words.tsx';

/** The states in words and as shapes; the last two are the page's own: no account counts, and nobody can tell. */
const STATES: Record<Coverage['status'] | 'nothing' | 'unavailable', { words: string; icon: IconName }> = {
  ok: { words: 'All covered', icon: 'check' },
  gaps: { words: 'Gaps', icon: 'triangle' },
  discovery_stale: { words: 'Account list too old', icon: 'clock' },
  never_ran: { words: 'Never ran', icon: 'question' },
  nothing: { words: 'Nothing to cover', icon: 'question' },
  unavailable: { words: 'Registry unavailable', icon: 'cross' },
};

/** A state and what is to be said of it. All but "ok" interrupts a screen reader. */
export const Notice = ({ state, children }: { state: keyof typeof STATES; children: ComponentChildren }): VNode => (
  <div class={`banner ${state}`} role={state === 'ok' ? 'status' : 'alert'}>
    <p class="state">
      <Icon name={STATES[state].icon} /> {STATES[state].words}
    </p>
    {children}
  </div>
);

/** The state of coverage: the model's own sentence, word for word, its first part in large letters. */
export const Banner = ({ coverage }: { coverage: Coverage }): VNode => {
  const { status, total, sentence, slackFailure } = coverage;
  const [first = '', ...others] = sentence.split(/(?<=\.) /);
  return (
    <Notice state={status === 'ok' && total === 0 ? 'nothing' : status}>
      <p class="sentence">
        <strong>{first}</strong>
        {others.length > 0 && ` ${others.join(' ')}`}
      </p>
      {slackFailure && (
        <p class="slack">
          <Icon name="triangle" /> {slackFailureText(slackFailure)}
        </p>
      )}
    </Notice>
  );
};

/** How old each source is. */
export const Freshness = ({ coverage }: { coverage: Coverage }): VNode => {
  const { lastCompleteDiscoveryAt: last, generatedAt } = coverage;
  return (
    <dl class="freshness">
      <div>
        <dt>Account list</dt>
        <dd>
          {last === null ? (
            'no discovery has ever completed'
          ) : (
            <>
              last complete discovery {ago(last, Date.parse(generatedAt))}, <Time at={last} />
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>This page</dt>
        <dd>
          made <Time at={generatedAt} />; load it again for news
        </dd>
      </div>
    </dl>
  );
};

/** The state for a title, in a few words. */
export const stateInShort = ({ status, total, covered, lastCompleteDiscoveryAt, generatedAt }: Coverage): string => {
  if (status === 'never_ran') return 'Never ran';
  if (status === 'discovery_stale') {
    return `Account list ${age(Date.parse(generatedAt) - Date.parse(lastCompleteDiscoveryAt ?? generatedAt))} old`;
  }
  if (status === 'gaps') return `${count(total - covered)} of ${count(total)} not covered`;
  return total === 0 ? 'No account is watched' : `All ${count(total)} covered`;
};
