/** What every page has around its content. */
import type { ComponentChildren, VNode } from 'preact';
import { render } from 'preact-render-to-string';

/** A whole document. `env` is the environment by name; `links` are the places on the page that can be jumped to. */
export const page = (options: {
  title: string;
  env: string;
  links?: Record<string, string>;
  content: ComponentChildren;
}): string => `<!doctype html>\n${render(<Document {...options} />)}\n`;

const Document = ({ title, env, links = {}, content }: Parameters<typeof page>[0]): VNode => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <title>{`${title} · Polo accounts`}</title>
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="robots" content="noindex" />
      <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
      <link rel="stylesheet" href="/style.css" />
    </head>
    <body>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="top">
        <p>
          <a href="/">Polo accounts</a> <span class="dim">{env}</span>
        </p>
        {Object.keys(links).length > 0 && (
          <nav aria-label="On this page">
            {Object.entries(links).map(([id, words]) => (
              <a key={id} href={`#${id}`}>
                {words}
              </a>
            ))}
          </nav>
        )}
      </header>
      <main id="content">{content}</main>
      <footer class="bottom">
        <p>
          All times are UTC. The same for programs: <a href="/coverage.json">coverage.json</a>,{' '}
          <a href="/accounts.json">accounts.json</a>.
        </p>
      </footer>
    </body>
  </html>
);
