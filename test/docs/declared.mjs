// What Node documents of `tls`, as @types/node declares it: the names that docs/api.md has to have.

import fs from 'node:fs';
import { createRequire } from 'node:module';

import ts from 'typescript';

const require = createRequire(import.meta.url);

/** The declarations of `declare module 'tls'`, by name; overloads share one. */
function declarations() {
  const file = require.resolve('@types/node/tls.d.ts');
  const source = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const module = source.statements.find((node) => ts.isModuleDeclaration(node) && node.name.text === 'tls');
  const found = new Map();
  for (const node of module.body.statements) {
    if (node.name && !found.has(node.name.text)) found.set(node.name.text, node);
  }
  return found;
}

const emitterMethods = new Set(['addListener', 'emit', 'on', 'once', 'prependListener', 'prependOnceListener']);

/** The events that the overloads of on() have. */
function eventsOf(members) {
  return members
    .filter((member) => member.name?.getText() === 'on')
    .map((member) => member.parameters[0].type)
    .flatMap((type) => (ts.isLiteralTypeNode(type) ? [type.literal.text] : []));
}

/** The names of a class's or an interface's own members and events. */
function membersOf(node) {
  const names = node.members.map(({ name }) => name?.getText()).filter((name) => name && !emitterMethods.has(name));
  return [...new Set([...names, ...eventsOf(node.members)])];
}

/** interface or class of @types/node → its names. */
export function declaredMembers(...types) {
  const found = declarations();
  return [...new Set(types.flatMap((type) => membersOf(found.get(type))))];
}
