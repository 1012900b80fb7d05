// pg, ioredis and nodemailer, bundled for a page, in Firefox; test/bundlers has them in Chromium, with each bundler.

import { createApplication } from '../bundlers/support/application.mjs';
import { bundle } from '../bundlers/support/bundlers.mjs';
import { jobs, relayOptions } from '../bundlers/support/jobs.mjs';
import { serveFolder } from '../support/chromium.mjs';
import { useCleanup } from '../support/cleanup.mjs';
import { fixtures } from '../support/pki.mjs';
import { startRelay } from '../support/relay.mjs';
import { inBrowsers } from './support/browsers.mjs';

inBrowsers(
  'an application for Node, bundled by Vite',
  ({ test }) => {
    const use = useCleanup();
    const ca = fixtures().ca.cert.toString();
    let project;

    before('build it', async () => {
      project = await createApplication();
      await bundle(project, 'vite');
    });
    after(() => project?.stop());

    for (const [title, job] of Object.entries(jobs)) {
      test(title, async ({ open }) => {
        const { origin } = await use(serveFolder(project.file('out', 'vite')));
        const relay = await use(startRelay(relayOptions));

        await job(use, async (options) => {
          const query = encodeURIComponent(JSON.stringify({ relay: relay.url, ca, ...options }));
          const page = await open(null, { at: `${origin}/?${query}` });
          page.expectProblems(/favicon/);
          const { value, error } = await page.evaluate(async () => {
            while (!globalThis.result) await new Promise((resolve) => setTimeout(resolve, 10));
            return globalThis.result;
          });
          if (error) throw new Error(`${error.code}: ${error.stack}`);
          return value;
        });
      });
    }
  },
  ['firefox'],
);
