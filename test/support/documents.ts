/** The documents that people follow: their headings, links and commands. No dependencies, so that infra/polo can read them too. */
import { readdirSync, readFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);

/** A file of the repository as text; `path` is relative to its root. */
export const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** Paths of all files below the folder (of all, if it is '') that end so, without what is installed or built. */
export const filesBelow = (folder: string, end: string): string[] =>
  readdirSync(new URL(`${folder}/`.replace(/^\//, './'), ROOT), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return path.endsWith(end) ? [path] : [];
    return /^(\..*|node_modules|lib|cdk\.out)$/.test(entry.name) && path !== 'infra/polo/lib'
      ? []
      : filesBelow(path, end);
  });

/** The runbooks. */
export const RUNBOOKS = filesBelow('operations', '.md');

/** How GitHub makes an anchor of a heading. */
export const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');

/** A document without what stands in code blocks, where a # begins a comment. */
export const withoutBlocks = (text: string): string => text.replace(/^ *```.*?^ *```$/gms, '');

/** Anchors of a document's headings, in their order. */
export const anchorsIn = (text: string): string[] =>
  [...withoutBlocks(text).matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = '']) => slugOf(heading.trim()));

/** A code block; `indent` is taken off its lines. */
export interface Block {
  language: string;
  text: string;
}

/** The code blocks of a document, or of the section below one heading of the second level. */
export const blocksIn = (text: string, anchor?: string): Block[] => {
  const section = anchor === undefined ? text : sectionOf(text, anchor);
  return [...section.matchAll(/^( *)```(\w*)\n(.*?)^ *```$/gms)].map(([, indent = '', language = '', lines = '']) => ({
    language,
    text: lines.replace(new RegExp(`^${indent}`, 'gm'), ''),
  }));
};

const sectionOf = (text: string, anchor: string): string => {
  const found = text.split(/^## /m).find((section) => slugOf(section.split('\n')[0]?.trim() ?? '') === anchor);
  if (found === undefined) throw new Error(`there is no heading #${anchor}`);
  return found;
};

/** The shell commands of a document: those in blocks, and those named in its sentences. Each is a list of words. */
export const commandsIn = (text: string): string[][] => {
  const spans = [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  const scripts = blocksIn(text).filter(({ language }) => language === 'bash');
  return [...scripts.map((block) => block.text), ...spans].flatMap(commandsOf);
};

/** Words that may stand before a command. */
const BEFORE = /^(?:[A-Z_]+=.*|if|then|while|until|do|!|exec|export)$/;

/**
 * The simple commands of a shell script, those in $(…) included, without redirections. Variables stay as they are written.
 */
export const commandsOf = (script: string): string[][] => {
  const found: string[][] = [];
  let words: string[] = [];
  let word: string | undefined;
  const endWord = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  const endCommand = (): void => {
    endWord();
    while (words[0] !== undefined && BEFORE.test(words[0])) words.shift();
    if (words.length > 0) found.push(words);
    words = [];
  };
  const substitution = (at: number): number => {
    const end = closing(script, at + 2);
    found.push(...commandsOf(script.slice(at + 2, end)));
    word = `${word ?? ''}$()`;
    return end;
  };
  for (let at = 0, quote = ''; at < script.length; at++) {
    const sign = script.charAt(at);
    if (quote !== "'" && script.startsWith('$(', at)) at = substitution(at);
    else if (sign === quote) quote = '';
    else if (quote !== '') word = `${word ?? ''}${sign}`;
    else if (sign === '"' || sign === "'") {
      quote = sign;
      word ??= '';
    } else if (sign === '\\') {
      at++;
      if (script.charAt(at) === '\n') endWord();
      else word = `${word ?? ''}${script.charAt(at)}`;
    } else if (sign === '#' && word === undefined) at += /^.*/.exec(script.slice(at + 1))?.[0].length ?? 0;
    else if (sign === '>') {
      if (/^\d$/.test(word ?? '')) word = undefined;
      endWord();
      at += /^&?\s*\S+/.exec(script.slice(at + 1))?.[0].length ?? 0;
    } else if (sign === '(' && word?.endsWith('=')) {
      // An array; its lines are one list of words.
      const end = closing(script, at + 1);
      found.push(...commandsOf(script.slice(at + 1, end).replaceAll('\n', ' ')));
      at = end;
    } else if (/[\n;|&()]/.test(sign)) endCommand();
    else if (/\s/.test(sign)) endWord();
    else word = `${word ?? ''}${sign}`;
  }
  endCommand();
  return found;
};

/** Where the parenthesis closes that was opened before `from`; those in quotes don't count. */
const closing = (script: string, from: number): number => {
  let depth = 1;
  for (let at = from, quote = ''; at < script.length; at++) {
    const sign = script.charAt(at);
    if (quote !== '') quote = sign === quote ? '' : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '(') depth++;
    else if (sign === ')' && --depth === 0) return at;
  }
  throw new Error(`$( is not closed: ${script.slice(from, from + 60)}`);
};
