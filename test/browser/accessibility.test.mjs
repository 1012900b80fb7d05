// The demo for those who see it in other colours, on a small screen, through a screen reader, or have no mouse: axe-core's
// rules on each panel before and after its use, and a walk through each with the keyboard alone.

import assert from 'node:assert/strict';

import axe from 'axe-core';

import { ensurePage } from '../../scripts/build-page.mjs';
import { startDemo } from '../../web-demo/server/index.mjs';
import { theBrowser } from './support/browsers.mjs';
import { openPanel, panels, usePanel } from './support/panels.mjs';

/* global document, getComputedStyle, window -- in functions that the page runs */

/** What axe has against the page as it is now, a line for each element. */
async function findings(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    return (await window.axe.run(document, { runOnly: { type: 'tag', values: tags } })).violations;
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target}\n  ${failureSummary.replace(/\n/g, '\n  ')}`),
  );
}

/** What has the focus: whether that is `wanted`, and shows it. */
function focus(page, wanted) {
  return page.evaluate((selector) => {
    const { activeElement: element } = document;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    const shown = (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
    return { reached: element.matches(selector), shown, html: element.outerHTML.slice(0, 200) };
  }, wanted);
}

describe('the demo is for everybody', () => {
  let demo;
  let view;

  before(async function () {
    this.timeout(120_000);
    demo = await startDemo({ files: await ensurePage() });
  });

  after(() => demo?.stop());
  afterEach(() => view?.close());

  async function open(options) {
    view = await (await theBrowser('chromium')).newContext({ reducedMotion: 'reduce', ...options });
    const page = await view.newPage();
    await page.goto(`${demo.url}#inspect`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  }

  for (const colorScheme of ['light', 'dark']) {
    for (const [size, viewport] of Object.entries({
      'a large screen': { width: 1280, height: 900 },
      '360 pixels': { width: 360, height: 740 },
    })) {
      it(`by the rules of axe-core: ${colorScheme}, ${size}`, async function () {
        this.timeout(120_000);
        const page = await open({ viewport, colorScheme });
        for (const name of Object.keys(panels)) {
          await openPanel(page, name);
          assert.deepEqual(await findings(page), [], name);
          await usePanel(page, name);
          assert.deepEqual(await findings(page), [], `${name}, used`);
        }
      });
    }
  }

  for (const [name, { press, outcome }] of Object.entries(panels)) {
    it(`without a mouse: ${name}`, async function () {
      const page = await open({ viewport: { width: 1280, height: 900 } });
      await page.getByRole('link', { name }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name }).and(page.locator('[aria-current=page]')).waitFor();
      if (name === 'Query' && !(await page.getByLabel('SQL').isVisible())) return this.skip();
      let now;
      for (let steps = 0; steps < 100 && !now?.reached; steps++) {
        await page.keyboard.press('Tab');
        now = await focus(page, press);
        assert.ok(now.shown, `one sees that it has the focus: ${now.html}`);
      }
      assert.ok(now.reached, press);
      await page.keyboard.press('Enter');
      await page.locator(outcome).first().waitFor();
    });
  }
});
