/** What the page says where it has nothing to show. */
import { runbookAnchor } from '../domain/failures.ts';
import type { RegistryError } from '../registry/errors.ts';
import { Notice } from './banner.tsx';
import { page } from './layout.tsx';
import type { Site } from './site.ts';

/** The registry does not answer: what that means and what to do. */
export const registryDownPage = (error: RegistryError, site: Site): string =>
  page({
    title: 'The registry does not answer',
    env: site.env,
    content: (
      <>
        <h1 class="unseen">Coverage of AWS accounts</h1>
        <Notice state="unavailable">
          <p class="sentence">
            <strong>The registry does not answer, so nobody can tell here which accounts are covered.</strong> Next: see
            whether ClickHouse runs and the worker reaches it ({runbookAnchor(error.code)}), then load this page again.
          </p>
        </Notice>
        <p class="after-banner">
          What was stored is not lost, and whatever has to write meanwhile waits and tries again.
        </p>
        <pre tabIndex={0}>
          {error.code}: {error.message}
        </pre>
      </>
    ),
  });

/** There is no such account, or no such choice of them. */
export const refusedPage = (title: string, message: string, site: Site): string =>
  page({
    title,
    env: site.env,
    content: (
      <>
        <h1>{title}</h1>
        <p>{message}</p>
        <p>
          <a href="/">Coverage of all accounts</a>
        </p>
      </>
    ),
  });
