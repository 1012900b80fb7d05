/** Options of a command: declared once, for the parser and for `--help`. */
import { parseArgs } from 'node:util';

export interface OptionDeclaration {
  /** What its value is called in `--help`; without it the option is a switch. */
  value?: string;
  /** It may be given several times. */
  multiple?: boolean;
  help: string;
}

export type Declarations = Record<string, OptionDeclaration>;

export interface CommandLine {
  switched(name: string): boolean;
  /** The last value that was given. */
  one(name: string): string | undefined;
  /** All values; undefined when there is none. */
  all(name: string): string[] | undefined;
  positionals: string[];
}

/** The user's mistake: told without a stack, exit code 2. */
export class UsageError extends Error {}

export function parseCommandLine(args: string[], declarations: Declarations, positionals: number): CommandLine {
  const options = Object.fromEntries(
    Object.entries(declarations).map(([name, { value }]) => [
      name,
      value === undefined ? ({ type: 'boolean' } as const) : ({ type: 'string', multiple: true } as const),
    ]),
  );
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const values = parsed.values as Record<string, boolean | string[] | undefined>;
  for (const [name, given] of Object.entries(values)) {
    if (Array.isArray(given) && given.length > 1 && declarations[name]!.multiple !== true) {
      throw new UsageError(`--${name} is given more than once.`);
    }
  }
  if (parsed.positionals.length > positionals) {
    throw new UsageError(`Too many arguments: '${parsed.positionals[positionals]}'.`);
  }
  return {
    switched: (name) => values[name] === true,
    one: (name) => (values[name] as string[] | undefined)?.at(-1),
    all: (name) => values[name] as string[] | undefined,
    positionals: parsed.positionals,
  };
}

/** `--help`: the usage, and each option with what it means. */
export function helpText(usage: string, about: string, declarations: Declarations, notes = ''): string {
  const entries = Object.entries(declarations).map(
    ([name, { value, help }]) => [`--${name}${value === undefined ? '' : ` ${value}`}`, help] as const,
  );
  const width = Math.max(...entries.map(([left]) => left.length)) + 2;
  const lines = entries.map(
    ([left, help]) => `  ${left.padEnd(width)}${help.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`,
  );
  return `Usage: ${usage}\n\n${about}\n\nOptions:\n${lines.join('\n')}\n${notes === '' ? '' : `\n${notes}\n`}`;
}

/** A whole number. */
export function integer(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--${name} takes a whole number; this is '${text}'.`);
  return Number(text);
}

const units: Record<string, number> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** A number of bytes: `65536`, `64K`, `1M`, `2G`. */
export function bytes(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d{1,12})([KMG]?)$/i.exec(text);
  if (match === null) throw new UsageError(`--${name} takes bytes, as 65536 or 64K; this is '${text}'.`);
  return Number(match[1]) * units[match[2]!.toUpperCase()]!;
}

/** Seconds, perhaps with a fraction, as milliseconds. */
export function seconds(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,7}(\.\d{1,3})?$/.test(text)) throw new UsageError(`--${name} takes seconds; this is '${text}'.`);
  return Math.round(Number(text) * 1000);
}

/** HOST:PORT, IPv6 in brackets. */
export function endpoint(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65535) throw new UsageError(`Not HOST:PORT: '${text}'.`);
  return { host: match[1] ?? match[2]!, port };
}
