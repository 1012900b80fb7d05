// docs/relay.md against the code: options, metrics, close reasons.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

import { Metrics } from '../../dist/relay/metrics.js';
import { defaultLimits, defaultTimeouts } from '../../dist/relay/settings.js';
import { errorCodeOf } from '../../dist/transport/wisp/close-reasons.js';
import { CloseReason, ExtensionId, PacketType } from '../../dist/transport/wisp/frames.js';

const text = fs.readFileSync(new URL('../../docs/relay.md', import.meta.url), 'utf8');
const rows = text.split('\n').filter((line) => line.startsWith('| '));
const cells = (row) => row.split('|').slice(1, -1).map((cell) => cell.trim()); // prettier-ignore
const hex = (number) => number.toString(16).padStart(2, '0');

describe('docs/relay.md', () => {
  it('has every option of the command line', () => {
    const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
    const help = execFileSync(process.execPath, [program, 'relay', '--help'], { encoding: 'utf8' });
    const names = [...help.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, name]) => name);
    assert.ok(names.length > 30);
    for (const name of names) assert.match(text, new RegExp(`\`?${name}[ \`]`), name);
  });

  it('has the limits and timeouts with their defaults', () => {
    const spelled = {
      ...Object.fromEntries(Object.entries(defaultLimits).map(([name, value]) => [`limits.${name}`, value])),
      ...Object.fromEntries(Object.entries(defaultTimeouts).map(([name, value]) => [`timeouts.${name}`, value / 1000])),
    };
    for (const [name, value] of Object.entries(spelled)) {
      const row = rows.map(cells).find(([first]) => first === `\`${name}\``);
      assert.ok(row, name);
      const [, number, unit] = /^(\d+)(?: (MiB|s))?/.exec(row[3]);
      assert.equal(Number(number) * (unit === 'MiB' ? 1024 * 1024 : 1), value, name);
    }
  });

  it('has every metric', () => {
    const names = [...new Metrics().toString().matchAll(/^# TYPE wasm_tls_relay_(\w+) (\w+)$/gm)];
    assert.ok(names.length > 10);
    for (const [, name, type] of names) {
      const row = rows.map(cells).find(([first]) => first === `\`${name}\``);
      assert.equal(row?.[1], type, name);
    }
  });

  it('has every close reason with the code that it becomes', () => {
    const table = text.slice(text.indexOf('### Close reasons')).split('\n');
    const reasons = table.filter((line) => line.startsWith('| `')).map(cells);
    for (const reason of Object.values(CloseReason)) {
      const row = reasons.find(([first]) => first.split(', ').includes(`\`${hex(reason)}\``));
      assert.ok(row, hex(reason));
      for (const opened of [false, true]) {
        for (const toAddress of [false, true]) {
          const code = errorCodeOf(reason, { opened, toAddress });
          assert.ok(code === null ? row[2].startsWith('none') : row[2].includes(code), `${hex(reason)} ${code}`);
        }
      }
    }
  });

  it('has every extension and every packet of our own', () => {
    for (const id of Object.values(ExtensionId)) assert.ok(text.includes(hex(id)), hex(id));
    for (const type of Object.values(PacketType).filter((value) => value > 5)) {
      assert.ok(text.includes(`\`${hex(type)}`), hex(type));
    }
  });
});
