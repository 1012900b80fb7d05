// Debian's Chromium and Firefox, one process of each for all tests of a run.

import fs from 'node:fs';
import path from 'node:path';

import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';

import { build } from '../../../scripts/lib/paths.mjs';
import { isInstalled } from '../../../scripts/lib/run.mjs';
import { MissingProgram } from '../../support/peers/process.mjs';
import { buildPages } from './build-pages.mjs';
import { Site } from './site.mjs';

const programs = { chromium: 'chromium', firefox: 'firefox-esr' };
const screenshots = path.join(build, 'screenshots');

/** A page may ask for a collection of garbage. */
const launchers = {
  async chromium(program) {
    // Root has no sandbox there, and a container's /dev/shm is small.
    const args = ['--no-sandbox', '--disable-dev-shm-usage', '--js-flags=--expose-gc'];
    const browser = await chromium.launch({ executablePath: program, args });
    return { newContext: (options) => browser.newContext(options), close: () => browser.close() };
  },
  async firefox(program) {
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: program,
      headless: true,
      protocolTimeout: 120_000,
      extraPrefsFirefox: {
        'dom.testing.testutils.enabled': true,
        // Of several pages only one is in the foreground.
        'dom.min_background_timeout_value': 4,
        'dom.timeout.enable_budget_timer_throttling': false,
      },
    });
    return { newContext: () => browser.createBrowserContext(), close: () => browser.close() };
  },
};

function programPath(name) {
  const program = programs[name];
  if (!isInstalled(program)) throw new MissingProgram(program);
  const folders = process.env.PATH.split(':');
  return folders.map((folder) => path.join(folder, program)).find((file) => fs.existsSync(file));
}

const running = new Map();
let site;
/** How many hold pages of the site. */
let busy = 0;

/** The server of all pages. */
export function theSite() {
  site ??= Site.start();
  return site;
}

/** For tests of one browser alone, whose driver they use: { newContext(options) }. */
export function theBrowser(name) {
  if (!running.has(name)) running.set(name, launchers[name](programPath(name)));
  return running.get(name);
}

after('browsers end', async () => {
  const all = await Promise.allSettled([...running.values()]);
  running.clear();
  await Promise.all(all.map(({ value }) => value?.close()));
  await (await site)?.stop();
  site = undefined;
});

/** What is thrown in the page arrives here as an error with the same name, message, code and other plain properties. */
function revive({ name, message, stack, ...properties }) {
  const error = new Error(message);
  return Object.assign(error, properties, { name, stack: `${name}: ${message}\n  in the page: ${stack}` });
}

/** Runs in the page. */
async function callInPage([module, name, args]) {
  try {
    return { value: await (await import(module))[name](...args) };
  } catch (error) {
    const { name, message, stack } = error;
    return { error: { ...JSON.parse(JSON.stringify(error)), name, message, stack } };
  }
}

class Page {
  #context;
  #page;
  #module;
  #problems = [];
  #expected = [];

  static async open(browser, { module, at }) {
    const self = new Page();
    self.#context = await browser.newContext();
    const page = (self.#page = await self.#context.newPage());
    self.#module = module && `/built/${module}.js`;
    page.on('console', (message) => {
      if (message.type() === 'error') self.#problems.push(message.text());
    });
    page.on('pageerror', (error) => self.#problems.push(String(error?.message ?? error)));
    await page.goto(at);
    return self;
  }

  /** Calls what a module exports, by default that of the page. Arguments and result are JSON. */
  async call(name, ...args) {
    return this.callModule(this.#module, name, ...args);
  }

  async callModule(module, name, ...args) {
    const { value, error } = await this.#page.evaluate(callInPage, [module, name, args]);
    if (error) throw revive(error);
    return value;
  }

  /** Runs a function that stands alone in the page. */
  evaluate(work) {
    return this.#page.evaluate(work);
  }

  /** The page as its driver knows it. */
  get driver() {
    return this.#page;
  }

  /** What may stand in the console, of `pattern`, and is no failure. */
  expectProblems(pattern) {
    this.#expected.push(pattern);
  }

  /** Errors of the page's that nobody caught, and those that stand in its console. */
  get problems() {
    return this.#problems.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
  }

  describe() {
    return `the page's console:\n${this.#problems.join('\n')}`;
  }

  async screenshot(title) {
    fs.mkdirSync(screenshots, { recursive: true });
    const file = path.join(screenshots, `${title.replace(/\W+/g, '-').slice(0, 120)}.png`);
    await this.#page.screenshot({ path: file });
  }

  async close() {
    await this.#context.close();
  }
}

/**
 * Runs `body({ open, site })` with pages of its own, which end with it. Errors that nobody caught in a page, and those in
 * its console, are errors of the body; of one that fails there is a screenshot in build/screenshots.
 */
async function withPages(browser, title, body) {
  const pages = [];
  const server = await theSite();
  if (busy++ === 0) server.forget();

  /** A page with one of the modules of test/browser/pages, or with others; or whatever stands `at` an address. */
  async function open(module, { at, modules = [`/built/${module}.js`], policy, path: pathname = '/page/' } = {}) {
    if (at === undefined) server.page(pathname, modules, policy);
    const page = await Page.open(await browser, { module, at: at ?? server.origin + pathname });
    pages.push(page);
    return page;
  }

  try {
    const result = await body({ open, site: server });
    const problems = pages.flatMap((page) => page.problems);
    if (problems.length > 0) throw new Error(`In the page: ${problems.join('\n')}`);
    return result;
  } catch (error) {
    for (const page of pages) {
      console.log(page.describe().replace(/^/gm, '        | '));
      await page.screenshot(title).catch(() => {});
    }
    throw error;
  } finally {
    for (const page of pages) await page.close();
    busy -= 1;
  }
}

/**
 * A `describe` for each browser. `define({ name, test, inPages })` defines its tests by `test(title, body)`, or by what else
 * it does with `inPages(title, body)`: see `withPages()`.
 */
export function inBrowsers(title, define, names = Object.keys(programs)) {
  for (const name of names) {
    describe(`${title}, ${name}`, function () {
      this.timeout(120_000);
      before('the browser runs', async () => {
        await Promise.all([buildPages(), theBrowser(name)]);
      });
      const inPages = (titleOfPages, body) => withPages(theBrowser(name), `${title}-${name}-${titleOfPages}`, body);
      const test = (titleOfTest, body) => it(titleOfTest, () => inPages(titleOfTest, body));
      define({ name, test, inPages });
    });
  }
}
