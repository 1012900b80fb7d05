/** The files that a page fetches besides the JavaScript: the wasm module at once, the trust roots when they are needed. */
/** A file: where it is, a response that brings it, or its bytes. */
export type Asset = string | URL | Response | Promise<Response> | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** Other places for the files. By default they lie beside the JavaScript, where bundlers put them as well. */
export interface AssetOptions {
  /** The wasm module, compiled or not. Only the first in a page is looked at: all instances share one. */
  wasm?: Asset | WebAssembly.Module | undefined;
  /** The default trust roots: DER certificates, one after the other. */
  roots?: Asset | undefined;
}

type LoadError = Error & { code: string };

function loadError(code: string, message: string, cause: unknown): LoadError {
  return Object.assign(new Error(message, { cause }), { code });
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function fetched(asset: string | URL | Response | Promise<Response>, what: string): Promise<Response> {
  const isPlace = typeof asset === 'string' || asset instanceof URL;
  let response: Response;
  try {
    response = await (isPlace ? fetch(asset, { credentials: 'same-origin' }) : asset);
  } catch (error) {
    const place = isPlace ? ` from ${asset}` : '';
    throw loadError(
      'ERR_WASM_TLS_LOAD',
      `${what} could not be fetched${place}: ${describe(error)}. ` +
        'See that the file is served there and that the connect-src of the Content-Security-Policy allows it.',
      error,
    );
  }
  if (!response.ok) {
    throw loadError(
      'ERR_WASM_TLS_LOAD',
      `${what} could not be fetched: ${response.url} answered ${response.status} ${response.statusText}`.trim() +
        '. It must be served beside the JavaScript; a bundler copies it with the plugin of wasm-tls.',
      undefined,
    );
  }
  return response;
}

function isResponse(asset: Asset): asset is string | URL | Response | Promise<Response> {
  return !(asset instanceof ArrayBuffer) && !ArrayBuffer.isView(asset);
}

/** Compiles while the file arrives, where the server says what it is. */
async function compile(asset: Asset): Promise<WebAssembly.Module> {
  if (!isResponse(asset)) return WebAssembly.compile(asset);
  const response = await fetched(asset, 'The WebAssembly module of wasm-tls');
  const type = response.headers.get('content-type') ?? '';
  if (/^application\/wasm\s*(;|$)/i.test(type)) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

function compileError(error: unknown): Error {
  if (error instanceof Error && 'code' in error) return error;
  const text = describe(error);
  const hint = /unsafe-eval|Content.Security.Policy|\bCSP\b|blocked/i.test(text)
    ? "Add 'wasm-unsafe-eval' to the script-src of the page's Content-Security-Policy."
    : 'See that the whole file is served, and no page in its place.';
  return loadError(
    'ERR_WASM_TLS_LOAD',
    `The WebAssembly module of wasm-tls could not be compiled: ${text}. ${hint}`,
    error,
  );
}

/** The module, by default of the file beside the JavaScript. */
export async function loadModule(wasm: AssetOptions['wasm']): Promise<WebAssembly.Module> {
  try {
    if (typeof WebAssembly !== 'object') throw new Error('there is no WebAssembly in this environment');
    const asset = wasm ?? new URL('../engine/wasm-tls.wasm', import.meta.url);
    return asset instanceof WebAssembly.Module ? asset : await compile(asset);
  } catch (error) {
    throw compileError(error);
  }
}

/** DER elements one after the other, each a SEQUENCE with a length of one to three bytes. */
export function splitCertificates(bytes: Uint8Array): Uint8Array[] {
  const certificates: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const first = bytes[start + 1] ?? 0;
    const size = first < 0x80 ? 0 : first & 0x7f;
    let length = size === 0 ? first : 0;
    for (let i = 0; i < size; ++i) length = length * 256 + (bytes[start + 2 + i] ?? 0);
    const end = start + 2 + size + length;
    if (bytes[start] !== 0x30 || size > 3 || end > bytes.length) {
      throw loadError('ERR_WASM_TLS_ROOTS', 'The file of trust roots is not a sequence of DER certificates', undefined);
    }
    certificates.push(bytes.subarray(start, end));
    start = end;
  }
  return certificates;
}

export async function loadRoots(roots: AssetOptions['roots']): Promise<Uint8Array[]> {
  const asset = roots ?? new URL('../root-certificates.der', import.meta.url);
  if (asset instanceof ArrayBuffer) return splitCertificates(new Uint8Array(asset));
  if (ArrayBuffer.isView(asset)) {
    return splitCertificates(new Uint8Array(asset.buffer, asset.byteOffset, asset.byteLength));
  }
  const response = await fetched(asset, 'The trust roots of wasm-tls');
  return splitCertificates(new Uint8Array(await response.arrayBuffer()));
}
