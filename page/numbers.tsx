/** Coverage in numbers. */
import type { VNode } from 'preact';
import { GAP_REASONS, type Coverage } from '../domain/contract.ts';
import { Icon, type IconName } from './icons.tsx';
import { count, REASONS } from './words.tsx';

/** Covered accounts, gaps by reason, and what doesn't count. */
export const Numbers = ({ coverage }: { coverage: Coverage }): VNode => {
  const { total, covered, excluded, gapsByReason } = coverage;
  return (
    <dl class="numbers">
      <Figure words="covered" icon="check" value={covered} of={total} />
      {GAP_REASONS.map((reason) => (
        <Figure
          key={reason}
          words={REASONS[reason].words}
          icon={REASONS[reason].icon}
          value={gapsByReason[reason]}
          {...(reason === 'action_role_refused' && { remark: 'seen all the same' })}
        />
      ))}
      <Figure words="excluded" icon="dash" value={excluded} remark={`of ${count(total + excluded)} known`} />
    </dl>
  );
};

const Figure = (figure: { words: string; icon: IconName; value: number; of?: number; remark?: string }): VNode => (
  <div class={figure.value === 0 ? 'none' : ''}>
    <dt>
      <Icon name={figure.icon} /> {figure.words}
    </dt>
    <dd>
      {count(figure.value)}
      {figure.of !== undefined && <small> of {count(figure.of)}</small>}
      {figure.remark !== undefined && <small class="remark">{figure.remark}</small>}
    </dd>
  </div>
);
