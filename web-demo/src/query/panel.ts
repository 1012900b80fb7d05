/** *Query*: a small SQL console. */
import type { App } from '../app.js';
import { fill, h } from '../ui/dom.js';
import { button, card, field, liveRegion, notice, panelHead } from '../ui/parts.js';
import { connectionFacts, problem, resultTable, summary, type DatabaseError } from './answer.js';
import type { Access, Database } from './database.js';

const explanation =
  'pg, the client that Node programs use, unmodified: TLS, SCRAM and SQL happen here, and the relay sees none of it.';

const samples = [
  ['Versions of TLS', 'select * from tls_versions order by year;'],
  [
    'This connection, as the server sees it',
    'select version, cipher, bits, ssl\nfrom pg_stat_ssl\nwhere pid = pg_backend_pid();',
  ],
  ['How it knows us', 'select current_user, inet_server_port() as port, now();'],
  ['A mistake', 'select * from tls_version;'],
] as const;

export function queryPanel(app: App): HTMLElement {
  const { access, missing } = app.demo.postgres;
  const help = [h('p', {}, missing), h('p', {}, 'The other panels work without it.')];
  const content =
    access === null ? notice('warn', 'There is no PostgreSQL here', help) : new SqlConsole(app, access).element;
  return h(
    'section',
    { class: 'panel query', id: 'query' },
    panelHead('Query PostgreSQL from this page', explanation),
    content,
  );
}

class SqlConsole {
  readonly #app: App;
  readonly #access: Access;
  readonly #sql = h('textarea', { rows: 6, spellcheck: 'false', autocapitalize: 'off', class: 'code' });
  readonly #run = h('button', { type: 'submit', class: 'primary' }, 'Run');
  readonly #status = liveRegion({ class: 'status' });
  readonly #result = h('div', { class: 'result' });
  readonly #connection = h('div', {}, h('p', { class: 'muted' }, 'Made with the first query.'));
  readonly element: HTMLElement;

  #database: Database | null = null;
  #busy = false;

  constructor(app: App, access: Access) {
    this.#app = app;
    this.#access = access;
    this.#sql.value = samples[0][1];
    this.#sql.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      void this.#execute();
    });
    fill(this.#status, h('p', { class: 'muted' }, 'Nothing asked yet.'));
    this.element = h(
      'div',
      { class: 'columns' },
      h(
        'div',
        { class: 'stack' },
        card('Statement', this.#form(), this.#sampleList()),
        card('Answer', this.#status, this.#result),
      ),
      card('Connection', this.#connection),
    );
  }

  #form(): HTMLElement {
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.#execute();
    };
    return h(
      'form',
      { class: 'stack', onsubmit: submit },
      field('SQL', this.#sql, 'Ctrl and Enter runs it.'),
      h('div', { class: 'actions' }, this.#run),
    );
  }

  #sampleList(): HTMLElement {
    const sample = ([name, text]: (typeof samples)[number]): HTMLElement => {
      const take = (): void => {
        this.#sql.value = text;
        void this.#execute();
      };
      return h('li', {}, button(name, take, { class: 'small' }));
    };
    return h('ul', { class: 'samples', 'aria-label': 'Examples' }, samples.map(sample));
  }

  async #connected(): Promise<Database> {
    if (this.#database !== null) return this.#database;
    fill(this.#status, h('p', { class: 'working' }, 'Connecting …'));
    // Not before it is wanted: pg is larger than the rest of the page.
    const { Database } = await import('./database.js');
    const { database, facts } = await Database.connect(this.#access, this.#app.demo.ca);
    this.#database = database;
    database.onEnd = () => {
      if (this.#database === database) this.#database = null;
      fill(this.#connection, h('p', { class: 'muted' }, 'Closed. The next query makes a new one.'));
    };
    fill(this.#connection, connectionFacts(facts));
    return database;
  }

  async #execute(): Promise<void> {
    if (this.#busy || this.#sql.value.trim() === '') return;
    this.#busy = true;
    this.#run.disabled = true;
    try {
      const database = await this.#connected();
      fill(this.#status, h('p', { class: 'working' }, 'Running …'));
      const answer = await database.query(this.#sql.value);
      fill(this.#status, h('p', {}, summary(answer)));
      fill(this.#result, answer.columns.length > 0 ? resultTable(answer) : null);
    } catch (error) {
      fill(this.#result);
      fill(this.#status, problem(error as DatabaseError));
      if (!(error as DatabaseError).severity) this.#app.failed(error as Error);
    } finally {
      this.#busy = false;
      this.#run.disabled = false;
    }
  }
}
