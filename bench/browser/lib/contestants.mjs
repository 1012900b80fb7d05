// What is compared: subjects, each measured in a fresh page of a browser that stays up.

import { Failure } from '../../../scripts/lib/report.mjs';
import { workOfChildren } from '../../lib/work.mjs';

/** More than any measurement takes, unless something hangs. */
const patience = 120_000;

class Contestant {
  #bench;

  constructor(bench, id, title) {
    this.#bench = bench;
    this.id = id;
    this.title = title;
  }

  /**
   * @param {{job: (params: object) => Promise<object>}} params `job` runs in the page and is given the others; without one
   *   the result is the times of the start. Otherwise it has, as `work`, the seconds that the processor was busy with the
   *   browser and all servers. With `warmup` the job runs before that once more, with these instead of the params of the same
   *   names
   */
  async measure({ job, warmup, ...params }) {
    const { browser, pages } = this.#bench;
    const context = await browser.createBrowserContext();
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(patience);
      const failed = new Promise((_, reject) => page.on('pageerror', reject));
      failed.catch(() => {});
      await page.goto(pages.url(this.id));
      const started = await Promise.race([page.evaluate(() => window.started), failed]);
      if (job === undefined) return { ...started, value: started[params.value] };
      if (warmup !== undefined) await page.evaluate(job, { ...params, ...warmup });
      const before = workOfChildren();
      const answer = page.evaluate(job, params);
      let timer;
      const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error('nothing came of it')), patience);
      });
      try {
        const result = await Promise.race([answer, failed, late]);
        return result && { ...result, work: workOfChildren() - before };
      } finally {
        clearTimeout(timer);
        answer.catch(() => {});
      }
    } catch (error) {
      throw new Failure(`${this.title}: ${error.message}`);
    } finally {
      await context.close();
    }
  }
}

/** @param {{browser: object, pages: object}} bench */
export function allContestants(bench) {
  const titles = {
    'wasm-tls': '`wasm-tls`',
    epoxy: 'epoxy-tls',
    libcurl: 'libcurl.js',
    plain: '`wasm-tls/net`, `wasm-tls/relay`',
    'wisp-js': 'wisp-js, both',
    websocket: 'a WebSocket alone',
  };
  return Object.fromEntries(Object.entries(titles).map(([id, title]) => [id, new Contestant(bench, id, title)]));
}
