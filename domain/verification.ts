/** What the verification of both roles says. */
import type { RoleOutcome, Verification } from './status.ts';

/** True if every configured role could be assumed. */
export const rolesWork = ({ read, action }: Verification): boolean =>
  read.outcome === 'works' && (action === undefined || action.outcome === 'works');

/** A verification in words: `read role works, action role refused: …`. */
export const verificationLine = ({ read, action }: Verification): string => {
  const words = (name: string, role: RoleOutcome): string =>
    `${name} role ${role.outcome}${'message' in role ? `: ${role.message}` : ''}`;
  return [words('read', read), ...(action ? [words('action', action)] : [])].join(', ');
};
