/** *Prove*: what the relay saw of a connection, beside what this page saw of it. */
import type { App } from '../app.js';
import { loadTap } from '../demo.js';
import { failure } from '../failures.js';
import { fill, h } from '../ui/dom.js';
import { card, field, liveRegion, panelHead } from '../ui/parts.js';
import { connect, readResponse, requestHead } from './client.js';
import { throughputCard } from './throughput-card.js';
import { pageView, relayView, type Exchange } from './views.js';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Sends `secret` to the demo's echo, and asks the demo's server what its relay saw of that. */
async function exchange(app: App, secret: string): Promise<Exchange> {
  const { socket, clientRandom } = await connect(app);
  const body = encoder.encode(secret);
  const head = requestHead('POST', '/echo', body.length);
  let response = '';
  const answered = readResponse(socket, (chunk) => (response += decoder.decode(chunk, { stream: true })));
  socket.write(head);
  socket.write(body);
  try {
    await answered;
  } finally {
    socket.destroy();
  }
  return { secret, request: decoder.decode(head) + secret, response, tap: await loadTap(clientRandom) };
}

export function provePanel(app: App): HTMLElement {
  const message = h('input', { type: 'text', autocomplete: 'off', maxlength: 2000, required: true });
  message.value = 'My bank balance is 1,234.56 and nobody else needs to know.';
  const send = h('button', { type: 'submit', class: 'primary' }, 'Send');
  const status = liveRegion({ class: 'status' });
  const views = h('div', { class: 'columns even' });

  async function run(): Promise<void> {
    send.disabled = true;
    fill(status, h('p', { class: 'working' }, 'Sending it to a server that sends it back …'));
    try {
      const result = await exchange(app, message.value);
      fill(status, h('p', {}, 'Sent, and sent back. One connection, seen from two places:'));
      fill(views, card('What this page saw', pageView(result)), card('What the relay saw', relayView(result)));
    } catch (error) {
      fill(status, failure(error as Error));
      app.failed(error as Error);
    } finally {
      send.disabled = false;
    }
  }

  const submit = (event: Event): void => {
    event.preventDefault();
    void run();
  };
  return h(
    'section',
    { class: 'panel prove', id: 'prove' },
    panelHead(
      'Prove that nobody reads along',
      'The relay of this demo keeps what passes through it and shows it to you. Send something that only the server should read.',
    ),
    h('form', { class: 'address-form', onsubmit: submit }, field('Your message', message), send),
    status,
    views,
    throughputCard(app),
  );
}
