// Interleaved rounds: A B C A B C …, so that whatever else the machine does hits all contestants alike.

import { median } from './statistics.mjs';

/**
 * Measures one thing with every contestant.
 *
 * @param {{id: string, measure: (params: object) => Promise<{value: number} | null>}[]} contestants `measure` answers null
 *   for what a contestant cannot do
 * @param {object} params what to measure
 * @param {number} rounds
 * @returns {Promise<Record<string, {median: number, results: {value: number}[]}>>} by contestant, without those that cannot
 */
export async function measureAll(contestants, params, rounds) {
  const results = new Map(contestants.map((contestant) => [contestant, []]));
  for (let round = 0; round < rounds; ++round) {
    for (const [contestant, soFar] of results) {
      const result = await contestant.measure(params);
      if (result === null) results.delete(contestant);
      else soFar.push(result);
    }
  }
  const cells = {};
  for (const [{ id }, all] of results) cells[id] = { median: median(all.map(({ value }) => value)), results: all };
  return cells;
}

/** Another figure of the same measurements: `figure(result)` of each. */
export function project(cells, figure) {
  return Object.fromEntries(
    Object.entries(cells).map(([id, { results }]) => {
      const values = results.map((result) => ({ ...result, value: figure(result) }));
      return [id, { median: median(values.map(({ value }) => value)), results: values }];
    }),
  );
}
