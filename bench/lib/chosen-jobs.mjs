import { Failure } from '../../scripts/lib/report.mjs';

/** Of all `jobs`, an object by their names, those that `only` names with commas between them: all without it. */
export function chosenJobs(jobs, only) {
  const all = Object.keys(jobs);
  const names = only?.split(',') ?? all;
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new Failure(`There is no job '${unknown}'. The jobs: ${all.join(', ')}`);
  return names;
}
