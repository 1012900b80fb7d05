/** What the server that this page came from has started for it. */

export interface Target {
  id: string;
  title: string;
  text: string;
  host: string;
  port: number;
  settings: { alpn?: string };
}

export interface Identity {
  key: string;
  cert: string;
}

export interface Demo {
  /** Relative to the page. */
  relay: string;
  targets: Target[];
  workshop: { host: string; port: number };
  postgres: {
    access: { host: string; port: number; user: string; password: string; database: string } | null;
    /** Why there is none, and what to do. */
    missing: string | null;
  };
  /** The demo's root certificate, and where it lies on this machine's disk. */
  ca: string;
  caPath: string;
  client: Identity;
  page: Identity;
}

/** What the relay saw of one connection, in each direction: how much, and the beginning of it. */
export interface Tap {
  fromPage: { total: number; base64: string };
  fromServer: { total: number; base64: string };
}

export type Visit = { status: number; protocol: string; body: string } | { error: string };

async function getJson(path: string): Promise<unknown> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`The demo’s server answered ${response.status} to ${path}.`);
  return response.json();
}

export const loadDemo = async (): Promise<Demo> => (await getJson('/api/demo')) as Demo;

export const loadTap = async (clientRandom: string): Promise<Tap | null> =>
  (await getJson(`/api/tap?random=${clientRandom}`)) as Tap | null;

/** Asks the demo's server to fetch from the server in this tab. */
export async function requestVisit(port: number, path: string): Promise<Visit> {
  const response = await fetch('/api/visit', { method: 'POST', body: JSON.stringify({ port, path }) });
  return (await response.json()) as Visit;
}

export function relayUrl(demo: Demo): string {
  const url = new URL(demo.relay, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  url.hash = '';
  return url.href;
}

/** Whether the demo's server is still there. */
export async function isServerThere(): Promise<boolean> {
  try {
    return (await fetch('/icon.svg', { method: 'HEAD', cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}
