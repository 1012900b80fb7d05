#!/usr/bin/env node
/** The command line: `npx wasm-tls relay|connect|serve`. What a command does not need is not loaded. */
import { UsageError } from './cli/options.js';

const commands: Record<string, { about: string; load: () => Promise<(args: string[]) => Promise<void>> }> = {
  relay: {
    about: 'carries TCP connections of web pages over WebSockets',
    load: async () => (await import('./cli/relay-command.js')).relayCommand,
  },
  connect: {
    about: 'makes one TLS connection and shows what was negotiated',
    load: async () => (await import('./cli/connect-command.js')).connectCommand,
  },
  serve: {
    about: 'serves files or an echo over HTTPS',
    load: async () => (await import('./cli/serve-command.js')).serveCommand,
  },
};

const help = `Usage: wasm-tls COMMAND [options]

${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(9)}${about}`)
  .join('\n')}

wasm-tls COMMAND --help names the options of each.
`;

async function main([name, ...args]: string[]): Promise<void> {
  if (name === '--help' || name === '-h') return void process.stdout.write(help);
  const command = name === undefined ? undefined : Object.entries(commands).find(([known]) => known === name)?.[1];
  if (command === undefined) {
    throw new UsageError(name === undefined ? 'Which command?' : `There is no command '${name}'.`);
  }
  const run = await command.load();
  await run(args);
}

main(process.argv.slice(2)).catch((error: Error & { code?: string }) => {
  if (error instanceof UsageError) {
    process.stderr.write(`wasm-tls: ${error.message}\nwasm-tls --help tells more.\n`);
    process.exitCode = 2;
    return;
  }
  process.stderr.write(`wasm-tls: ${error.message}${error.code === undefined ? '' : ` (${error.code})`}\n`);
  process.exitCode = 1;
});
