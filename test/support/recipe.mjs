// The programs in a document: blocks of JavaScript that begin with the name of their file.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Writes those of `docs/NAME.md` into a folder of their own, inside the repository, where packages and this one are
 * found. `file(name)` is the path of one; `stop()` removes them.
 */
export function recipe(name) {
  const text = fs.readFileSync(path.join(repository, 'docs', `${name}.md`), 'utf8');
  const parent = path.join(repository, 'build', 'recipes');
  fs.mkdirSync(parent, { recursive: true });
  const folder = fs.mkdtempSync(path.join(parent, `${name}-`));
  for (const [, file, program] of text.matchAll(/^```js\n\/\/ (\S+)\n([^]*?)^```$/gm)) {
    fs.writeFileSync(path.join(folder, file), program);
  }
  return {
    file: (file) => path.join(folder, file),
    stop: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}
