// The panels of the demo: what to press on each, and what then fills it.

export const panels = {
  Inspect: { press: '[data-target=good]', outcome: '.ladder' },
  Query: { press: '.query button.primary', outcome: '.query tbody tr' },
  Serve: { press: '.serve button.primary', outcome: '.serve .command' },
  Prove: { press: '.prove .address-form button', outcome: '.prove .records' },
};

/** Goes to a panel and waits until it is there. False where it has nothing to press: without PostgreSQL. */
export async function openPanel(page, name) {
  await page.getByRole('link', { name }).click();
  await page.getByRole('link', { name }).and(page.locator('[aria-current=page]')).waitFor();
  await page.getByRole('heading', { level: 1 }).waitFor();
  return name !== 'Query' || (await page.getByLabel('SQL').isVisible());
}

/** The same, and uses it. */
export async function usePanel(page, name) {
  if (!(await openPanel(page, name))) return;
  const { press, outcome } = panels[name];
  await page.locator(press).first().click();
  await page.locator(outcome).first().waitFor();
}
