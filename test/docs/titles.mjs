// The titles of the tests in a file, read without running it.

import fs from 'node:fs';

import ts from 'typescript';

/** `it`, `describe.skip`, `(isNative ? it.skip : it)`, and names that files give to these. */
const caller = /^(it|describe|ours|describeHere)\b|\b(it|describe)(\.skip)?\)$/;
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Visits `node` and everything in it. */
function walk(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** A template as a pattern: what is computed may be anything. */
function patternOf(template) {
  const parts = [template.head, ...template.templateSpans.map(({ literal }) => literal)].map(({ text }) => text);
  // One that has nothing of its own would fit every title.
  if (!parts.some((part) => /\w{2}/.test(part))) return [];
  return [new RegExp(`^${parts.map(escape).join('.+')}$`, 's')];
}

/** Strings that a title may be taken from when it is a variable: keys of objects, members of lists. */
function looseStrings(source) {
  const found = [];
  walk(source, (node) => {
    if (ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node)) found.push(node.name.text ?? '');
    if (ts.isStringLiteral(node)) found.push(node.text);
  });
  return found.filter(Boolean);
}

function javascriptTitles(file) {
  const source = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const titles = [];
  walk(source, (node) => {
    if (!ts.isCallExpression(node) || !caller.test(node.expression.getText(source))) return;
    const add = (title) => {
      if (ts.isStringLiteralLike(title)) titles.push(title.text);
      else if (ts.isTemplateExpression(title)) titles.push(...patternOf(title));
      else if (ts.isConditionalExpression(title)) [title.whenTrue, title.whenFalse].forEach(add);
      else titles.push(...looseStrings(source));
    };
    if (node.arguments[0]) add(node.arguments[0]);
  });
  return titles;
}

/** Strings, and regular expressions for titles that are partly computed. `file` is a test of Mocha or of GoogleTest. */
export function titlesIn(file) {
  if (!file.endsWith('.cc')) return javascriptTitles(file);
  return [...fs.readFileSync(file, 'utf8').matchAll(/^TEST(?:_F|_P)?\(\w+, (\w+)\)/gm)].map(([, name]) => name);
}

/** Whether `title`, or with an ellipsis at its end only the beginning of one, is among `titles`. */
export function isTitle(title, titles) {
  const beginning = title.endsWith('…') ? title.slice(0, -1) : null;
  return titles.some((known) => {
    if (typeof known !== 'string') return known.test(title);
    return known === title || (beginning !== null && known.startsWith(beginning));
  });
}
