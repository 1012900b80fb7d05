/** The two files that a page fetches besides the JavaScript, for bundlers that do not find them by themselves. */
import fs from 'node:fs';
import path from 'node:path';

export interface Asset {
  readonly file: string;
  readonly name: string;
}

const reference = /new URL\("([^"]+\.(?:wasm|der))",\s*import\.meta\.url\)/g;

export function mayReferToAssets(code: string): boolean {
  return code.includes('import.meta.url');
}

/** `code` of a file of ours with each reference to an asset replaced by what `address` says. */
export function replaceAssets(code: string, id: string, address: (asset: Asset) => string): string {
  return code.replace(reference, (_, relative: string) => {
    const file = path.resolve(path.dirname(id), relative);
    return address({ file, name: path.basename(file) });
  });
}

export function readAsset({ file }: Asset): Buffer {
  return fs.readFileSync(file);
}
