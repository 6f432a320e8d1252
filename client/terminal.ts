/** Standard output carries data, standard error talk (design 7). */
import { isFailureCode, runbookAnchor } from '../domain/failures.ts';
import type { Failure } from './failures.ts';
import { clean, cutInside, toJson } from './output.ts';

/** The progress text that stands on the terminal's last line, if any. */
let onLastLine = false;

const clearLastLine = (): void => {
  if (onLastLine) process.stderr.write('\r\u001b[K');
  onLastLine = false;
};

/** One or more lines of talk. */
export const say = (...texts: string[]): void => {
  clearLastLine();
  process.stderr.write(texts.map((text) => `${clean(text)}\n`).join(''));
};

/** A failure: code, message, and the runbook where there is one. */
export const sayFailure = ({ code, message }: Failure): void => {
  say(...`${code}: ${message}`.split('\n'), ...(isFailureCode(code) ? [`Runbook: ${runbookAnchor(code)}`] : []));
};

/** What is being done now: replaces the previous text on a terminal, else a line of its own. Only the first line is shown. */
export const showProgress = (text: string): void => {
  const [first = ''] = text.split('\n');
  if (!process.stderr.isTTY) {
    say(first);
    return;
  }
  process.stderr.write(`\r${cutInside(clean(first), (process.stderr.columns || 80) - 1)}\u001b[K`);
  onLastLine = true;
};

/** Data: as JSON if that was asked for, else the text that is made for people. An empty text prints nothing. */
export const printData = (asJson: boolean, data: unknown, text: () => string): void => {
  clearLastLine();
  const output = asJson ? toJson(data) : text();
  if (output !== '') process.stdout.write(`${output}\n`);
};

/** Columns that a line of standard output may take: those of the terminal, or any number. */
export const outputWidth = (): number => (process.stdout.isTTY ? process.stdout.columns || 80 : Infinity);
