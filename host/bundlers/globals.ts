/** Node's globals for modules that use them, in bundlers that cannot provide a global by themselves. */
import { globalNames } from './modules.js';

interface Node {
  readonly type: string;
  readonly [property: string]: unknown;
}

export type Parse = (code: string) => { body: unknown[] };

const anyGlobal = new RegExp(`\\b(?:${globalNames.join('|')})\\b`);
const moduleSyntax = /^(?:Import|Export)/;

/** The names that a pattern binds. */
function boundBy(pattern: unknown): string[] {
  if (typeof pattern !== 'object' || pattern === null) return [];
  const node = pattern as Node;
  switch (node.type) {
    case 'Identifier':
      return [node.name as string];
    case 'ObjectPattern':
      return (node.properties as Node[]).flatMap((property) => boundBy(property.value ?? property.argument));
    case 'ArrayPattern':
      return (node.elements as unknown[]).flatMap(boundBy);
    case 'AssignmentPattern':
      return boundBy(node.left);
    case 'RestElement':
      return boundBy(node.argument);
    default:
      return [];
  }
}

/** The names that a statement declares for its whole module. */
function declaredBy(statement: Node): string[] {
  switch (statement.type) {
    case 'ImportDeclaration':
      return (statement.specifiers as Node[]).flatMap(({ local }) => boundBy(local));
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
      return statement.declaration ? declaredBy(statement.declaration as Node) : [];
    case 'VariableDeclaration':
      return (statement.declarations as Node[]).flatMap(({ id }) => boundBy(id));
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return boundBy(statement.id);
    default:
      return nestedVars(statement);
  }
}

/** `var` in a block is of the whole module as well. */
function nestedVars(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(nestedVars);
  if (typeof value !== 'object' || value === null) return [];
  const node = value as Node;
  if (/Function|Class/.test(node.type ?? '')) return [];
  if (node.type === 'VariableDeclaration') return node.kind === 'var' ? declaredBy(node) : [];
  return Object.values(node).flatMap(nestedVars);
}

/** Behind the directives, which must be first: `'use strict'`. */
function startOfCode(body: Node[]): number {
  const last = body.filter((statement) => typeof statement.directive === 'string').at(-1);
  return last === undefined ? 0 : (last.end as number);
}

/**
 * `code` with an import, by `specifier`, of the globals that it names and does not declare, or null without any. A name that is used
 * for something else only, such as a property's, costs an import that bundlers drop.
 */
export function withGlobals(code: string, specifier: string, parse: Parse): string | null {
  if (!anyGlobal.test(code)) return null;
  const body = parse(code).body as Node[];
  const declared = new Set(body.flatMap(declaredBy));
  const missing = globalNames.filter((name) => !declared.has(name) && new RegExp(`\\b${name}\\b`).test(code));
  if (missing.length === 0) return null;
  const source = JSON.stringify(specifier);
  if (body.some(({ type }) => moduleSyntax.test(type)))
    return `import { ${missing.join(', ')} } from ${source};${code}`;
  const start = startOfCode(body);
  const declaration = `;var { ${missing.join(', ')} } = require(${source});`;
  return code.slice(0, start) + declaration + code.slice(start);
}
