/** *Query*: a small SQL console. */
import type { App } from '../app.js';
import { explain } from '../failures.js';
import { fill, h } from '../ui/dom.js';
import { milliseconds, plural } from '../ui/format.js';
import { button, card, facts as factList, field, liveRegion, notice, panelHead } from '../ui/parts.js';
import type { Access, Database, Facts, Result } from './database.js';

const samples = [
  ['Versions of TLS', 'select * from tls_versions order by year;'],
  [
    'This connection, as the server sees it',
    'select version, cipher, bits, ssl\nfrom pg_stat_ssl\nwhere pid = pg_backend_pid();',
  ],
  ['How it knows us', 'select current_user, inet_server_port() as port, now();'],
  ['A mistake', 'select * from tls_version;'],
] as const;

/** More rows than this are no help to anybody. */
const shownRows = 200;

type DatabaseError = Error & { code?: string; hint?: string; detail?: string; severity?: string };

export function queryPanel(app: App): HTMLElement {
  const { access, missing } = app.demo.postgres;
  const head = panelHead(
    'Query PostgreSQL from this page',
    'pg, the client that Node programs use, unmodified: TLS, SCRAM and SQL happen here, and the relay sees none of it.',
  );
  const content =
    access === null
      ? notice(
          'warn',
          'There is no PostgreSQL here',
          h('p', {}, missing),
          h('p', {}, 'The other panels work without it.'),
        )
      : sqlConsole(app, access);
  return h('section', { class: 'panel query', id: 'query' }, head, content);
}

function sqlConsole(app: App, access: Access): HTMLElement {
  let database: Database | null = null;
  let busy = false;
  const sql = h('textarea', { rows: 6, spellcheck: 'false', autocapitalize: 'off', class: 'code' });
  sql.value = samples[0][1];
  const run = h('button', { type: 'submit', class: 'primary' }, 'Run');
  const status = liveRegion({ class: 'status' });
  const result = h('div', { class: 'result' });
  fill(status, h('p', { class: 'muted' }, 'Nothing asked yet.'));
  const connection = h('div', {}, h('p', { class: 'muted' }, 'Made with the first query.'));

  async function connected(): Promise<Database> {
    if (database !== null) return database;
    fill(status, h('p', { class: 'working' }, 'Connecting …'));
    const { Database } = await import('./database.js');
    const made = await Database.connect(access, app.demo.ca);
    database = made.database;
    database.onEnd = () => {
      if (database === made.database) database = null;
      fill(connection, h('p', { class: 'muted' }, 'Closed. The next query makes a new one.'));
    };
    fill(connection, connectionFacts(made.facts));
    return database;
  }

  async function execute(): Promise<void> {
    if (busy || sql.value.trim() === '') return;
    busy = true;
    run.disabled = true;
    try {
      const ready = await connected();
      fill(status, h('p', { class: 'working' }, 'Running …'));
      const answer = await ready.query(sql.value);
      fill(status, h('p', {}, summary(answer)));
      fill(result, answer.columns.length > 0 ? resultTable(answer) : null);
    } catch (error) {
      fill(result);
      fill(status, problem(error as DatabaseError));
      if (!(error as DatabaseError).severity) app.failed(error as Error);
    } finally {
      busy = false;
      run.disabled = false;
    }
  }

  sql.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void execute();
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    void execute();
  };
  const form = h(
    'form',
    { class: 'stack', onsubmit: submit },
    field('SQL', sql, 'Ctrl and Enter runs it.'),
    h('div', { class: 'actions' }, run),
  );
  const trySample = (text: string): void => {
    sql.value = text;
    void execute();
  };
  const sampleList = h(
    'ul',
    { class: 'samples', 'aria-label': 'Examples' },
    samples.map(([name, text]) =>
      h(
        'li',
        {},
        button(name, () => trySample(text), { class: 'small' }),
      ),
    ),
  );
  return h(
    'div',
    { class: 'columns' },
    h('div', { class: 'stack' }, card('Statement', form, sampleList), card('Answer', status, result)),
    card('Connection', connection),
  );
}

function summary({ rows, columns, command, milliseconds: time }: Result): string {
  const what = columns.length > 0 ? plural(rows.length, 'row') : command;
  return `${what} in ${milliseconds(time)}.`;
}

function resultTable({ columns, rows }: Result): HTMLElement {
  const cell = (value: string | null): HTMLElement =>
    value === null ? h('td', { class: 'null' }, 'null') : h('td', {}, value);
  const header = columns.map((name) => h('th', { scope: 'col' }, name));
  const body = rows.slice(0, shownRows).map((row) => h('tr', {}, row.map(cell)));
  const hidden = rows.length - shownRows;
  return h(
    'div',
    {},
    h(
      'div',
      { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': 'Result' },
      h('table', {}, h('thead', {}, h('tr', {}, header)), h('tbody', {}, body)),
    ),
    hidden > 0 ? h('p', { class: 'muted' }, `${plural(hidden, 'more row')} not shown.`) : null,
  );
}

function problem(error: DatabaseError): HTMLElement {
  const { severity, code, detail, hint, message } = error;
  const advise = (advice: string): HTMLElement => h('p', {}, h('strong', {}, 'What to do: '), advice);
  if (severity === undefined) {
    const { headline, what, advice } = explain(error);
    return notice('bad', `No connection: ${headline}`, h('p', {}, what), advise(advice));
  }
  return notice(
    'bad',
    `PostgreSQL says: ${message}`,
    detail ? h('p', {}, detail) : null,
    hint ? advise(hint) : null,
    h('p', { class: 'muted' }, 'Code: ', h('code', {}, code ?? severity)),
  );
}

function connectionFacts({ protocol, suite, verified, mechanism, server }: Facts): HTMLElement {
  return factList([
    ['Server', server],
    ['TLS', protocol.replace('TLSv', '')],
    ['Cipher suite', h('code', {}, suite)],
    ['Certificate', verified ? 'verified, and for this host (verify-full)' : 'not verified'],
    ['Password', h('code', {}, mechanism)],
    ['Channel binding', mechanism.endsWith('-PLUS') ? 'yes: the proof is good on this connection alone' : 'no'],
  ]);
}
