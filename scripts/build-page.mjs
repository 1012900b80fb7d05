// build/web-demo/: the page of npm start, built from the package as its users import it.

import path from 'node:path';

import { clearStamp, filesUnder, hashOf, isCurrent, setStamp } from './lib/hash.mjs';
import { build, inRepository } from './lib/paths.mjs';
import { step } from './lib/report.mjs';

const page = path.join(build, 'web-demo');

/** Builds it when something has changed, and resolves to its folder. */
export async function ensurePage() {
  const sources = ['web-demo/index.html', 'web-demo/public', 'web-demo/src', 'web-demo/vite.config.mjs'];
  const files = [...sources, 'dist', 'package.json'].flatMap((name) => filesUnder(name));
  const hash = hashOf({ files: [...files, 'package-lock.json'] });
  if (isCurrent('page', hash, [path.join(page, 'index.html')])) return page;
  clearStamp('page');
  await step('Page: Vite', async () => {
    // Not before there are npm packages: setup runs on a bare Node.
    const { build: bundle } = await import('vite');
    await bundle({ configFile: inRepository('web-demo/vite.config.mjs') });
  });
  setStamp('page', hash);
  return page;
}
