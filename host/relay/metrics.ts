/** Counts for operators, in Prometheus' text format. Labels take values of this code only, never a client's. */

const descriptions = {
  connections_total: ['counter', 'WebSockets that were opened.', 'form'],
  connections: ['gauge', 'WebSockets that are open.', ''],
  connections_rejected_total: ['counter', 'Upgrades that were refused.', 'reason'],
  connections_cut_total: ['counter', 'WebSockets that the relay closed.', 'reason'],
  downloads_total: ['counter', 'Downloads by HTTP that were asked for, and that were switched to.', 'step'],
  downloads: ['gauge', 'WebSockets whose client gets everything by HTTP now.', ''],
  downloads_rejected_total: ['counter', 'Requests for downloads that were refused.', 'reason'],
  streams_total: ['counter', 'Streams that were asked for or accepted.', 'kind'],
  streams: ['gauge', 'Streams that are open.', ''],
  stream_closes_total: ['counter', 'Streams that the relay closed.', 'reason'],
  targets_refused_total: ['counter', 'Targets that the policy refused.', 'reason'],
  listeners: ['gauge', 'Ports that clients listen on.', ''],
  bytes_total: ['counter', 'Payload bytes.', 'direction'],
  violations_total: ['counter', 'Packets that break the protocol.', 'kind'],
} as const;

export type Metric = keyof typeof descriptions;

export class Metrics {
  readonly #values = new Map<Metric, Map<string, number>>();

  constructor() {
    for (const name of Object.keys(descriptions) as Metric[]) {
      // What has no label is there from the beginning, so that a graph of it starts at zero.
      this.#values.set(name, new Map(descriptions[name][2] === '' ? [['', 0]] : []));
    }
  }

  add(name: Metric, amount = 1, label = ''): void {
    const values = this.#values.get(name)!;
    values.set(label, (values.get(label) ?? 0) + amount);
  }

  value(name: Metric, label = ''): number {
    return this.#values.get(name)!.get(label) ?? 0;
  }

  toString(): string {
    const lines: string[] = [];
    const head = (name: string, kind: string, help: string) =>
      lines.push(`# HELP wasm_tls_relay_${name} ${help}`, `# TYPE wasm_tls_relay_${name} ${kind}`);
    for (const [name, values] of this.#values) {
      const [kind, help, label] = descriptions[name];
      head(name, kind, help);
      for (const [value, count] of values) {
        lines.push(`wasm_tls_relay_${name}${label === '' ? '' : `{${label}="${value}"}`} ${count}`);
      }
    }
    head('resident_memory_bytes', 'gauge', 'Memory of the process.');
    lines.push(`wasm_tls_relay_resident_memory_bytes ${process.memoryUsage.rss()}`);
    return `${lines.join('\n')}\n`;
  }
}
