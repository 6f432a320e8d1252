/** How text becomes part of a Slack message: escaped, without formatting of its own, and within Slack's limits. */
import { label } from './account.ts';
import type { SlackBlock } from './contract.ts';
import { briefReason } from './words.ts';

/**
 * What Slack takes: characters of a section's and of a header's text. Of 50 blocks, and 13,000 characters in all, which is no
 * documented limit (facts: ecosystem and style, slackapi/bolt-js#2509), messages stay clear by what they name.
 */
const LIMITS = { section: 3_000, header: 150 } as const;

/** Characters that format in mrkdwn, and others that look the same and don't. */
const LOOKALIKES: Record<string, string> = { '`': 'ˋ', '*': '∗', '~': '∼' };

/** The three that Slack wants escaped; it also keeps them from making links, mentions and quotations. */
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** What can't be seen, or breaks or turns round a line. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\s]+/gu;

/**
 * Text that others have written, such as an account's name, for mrkdwn or the fallback: one line that formats, links and
 * mentions nothing, at most `limit` characters as Slack counts them. An underscore within a word formats nothing and stays.
 */
export const plain = (text: string, limit = 300): string => {
  const line = text
    .replace(UNPRINTABLE, ' ')
    .trim()
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '＿')
    .replace(/@(?=here|channel|everyone|group)/gi, '＠');
  let escaped = '';
  let cut = '';
  for (const character of line) {
    escaped += ESCAPES[character] ?? LOOKALIKES[character] ?? character;
    if (escaped.length > limit) return `${cut}…`;
    if (escaped.length < limit) cut = escaped;
  }
  return escaped;
};

/** A reason in few words: AWS's own sentence, who may not assume what, is long and the same for all; the page has it. */
export const shortReason = (lastScanError: string, limit = 150): string => plain(briefReason(lastScanError), limit);

/** `*payments-prod* (012345678901)`, the name cut after `limit` characters. */
export const boldLabel = (account: { account_id: string; account_name: string }, limit = 100): string => {
  const name = plain(account.account_name, limit);
  return name === '' ? account.account_id : `*${name}* (${account.account_id})`;
};

/** The same without formatting. */
export const plainLabel = (account: { account_id: string; account_name: string }, limit = 100): string =>
  label({ ...account, account_name: plain(account.account_name, limit) });

/** A header: words of ours only, since Slack shows them as they are. */
export const header = (text: string): SlackBlock => ({
  type: 'header',
  text: { type: 'plain_text', text: text.slice(0, LIMITS.header), emoji: false },
});

/** A section of mrkdwn that is escaped already; `verbatim` keeps Slack from making links of what looks like one. */
const section = (text: string): SlackBlock => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } });

/** Lines, each within the limit of a section, in as few sections as they fit. */
export const sections = (lines: string[]): SlackBlock[] => {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= LIMITS.section) {
      texts[texts.length - 1] = `${last}\n${line}`;
    } else texts.push(line);
  }
  return texts.map(section);
};

/** Where to see everything: a link to the page, or the command where the page has no public address. */
export const moreLine = (statusUrl: string | undefined): string =>
  statusUrl === undefined
    ? 'All gaps and what to do about each: polo-accounts coverage'
    : `<${linkTarget(statusUrl)}|All gaps and what to do about each>`;

/** A URL for between `<` and `|`. */
const linkTarget = (url: string): string =>
  url.replace(/[<>|\s]/g, (character) => encodeURIComponent(character)).replaceAll('&', '&amp;');
