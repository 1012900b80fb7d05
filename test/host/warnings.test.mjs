// What is accepted with a warning, as in Node.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import nativeTls from 'node:tls';

import { tls } from '../support/subject.mjs';

/** The next warning of this process, which comes in a later tick. */
async function warningOf(call) {
  const [warning] = await Promise.all([once(process, 'warning'), call()]);
  return { name: warning[0].name, message: warning[0].message };
}

describe('warnings', () => {
  it('DH parameters below 2048 bits', async () => {
    const dhparam = execFileSync('openssl', ['dhparam', '-dsaparam', '1536'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ours = await warningOf(() => tls.createSecureContext({ dhparam }).context.close());
    assert.deepEqual(ours, { name: 'SecurityWarning', message: 'DH parameter is less than 2048 bits' });
    assert.deepEqual(ours, await warningOf(() => nativeTls.createSecureContext({ dhparam })));
  });
});
