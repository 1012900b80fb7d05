// evp_vectors in wasm, wherever that runs, and what it says.

/** Runs it in a fresh instance: its output, after its exit code. */
export async function runInstance(create, args, text) {
  const lines = [];
  const print = (line) => lines.push(line);
  const instance = await create({ print, printErr: print });
  if (text !== undefined) instance.FS.writeFile('/vectors.txt', text);
  const code = instance.callMain(args);
  return { code, output: lines.join('\n') };
}

/** How many vectors were right; throws with what was said of those that were not. */
export function passedIn(name, { code, output }) {
  const [, passed, errors] = /Completed (\d+) tests with (\d+) errors/.exec(output) ?? [];
  if (code === 0 && errors === '0') return Number(passed);
  const said = output.split('\n').filter((line) => line && !/# (INFO|Reading|Starting|skipping)/.test(line));
  throw new Error(`${name}: exit code ${code}\n${said.slice(0, 20).join('\n')}`);
}
