/** Shapes that stand beside words: each can be told from the others without its colour. */
import type { VNode } from 'preact';

/** Outlines on a square of 16 by 16. */
const SHAPES = {
  check: <path d="M2.5 8.5 6.5 12.5 13.5 4" />,
  cross: <path d="M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5" />,
  dash: <path d="M3 8H13" />,
  half: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path class="solid" d="M8 2.5a5.5 5.5 0 0 1 0 11Z" />
    </>
  ),
  circle: <circle cx="8" cy="8" r="5.5" stroke-dasharray="2.4 2" />,
  clock: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M8 4.5V8L10.5 9.5" />
    </>
  ),
  triangle: (
    <>
      <path d="M8 2 14.8 13.8H1.2Z" />
      <path d="M8 6.5V9.6M8 11.4V12" />
    </>
  ),
  question: (
    <>
      <path d="M8 1.2 14.8 8 8 14.8 1.2 8Z" />
      <path d="M6.4 6.6C6.4 4.6 9.6 4.8 9.6 6.7 9.6 8 8 7.9 8 9.2M8 11V11.4" />
    </>
  ),
} satisfies Record<string, VNode>;
export type IconName = keyof typeof SHAPES;

/** A shape of the text's size and colour, for the eye only: words always stand beside it. */
export const Icon = ({ name }: { name: IconName }): VNode => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    {SHAPES[name]}
  </svg>
);
