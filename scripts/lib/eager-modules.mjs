// Says in a bundle of esbuild's which functions run at once.
//
// esbuild puts each CommonJS module, and each that one of them requires, into an arrow function, called when somebody first
// wants the module: as the page starts. JavaScript engines skip the body of a function until it is called and read it again
// then. Save that of a function expression in parentheses, by which they guess that it is called where it stands: it is
// compiled with all that is around it, by V8 on another thread while the file still arrives. Of what a page waits for it is
// the larger part: without this 5 ms more.

import ts from 'typescript';

/** `X` of `var name = helper(X)`, where that is what esbuild makes of a module. */
function wrappedModule({ initializer }) {
  if (initializer === undefined || !ts.isCallExpression(initializer) || !ts.isIdentifier(initializer.expression))
    return null;
  const [wrapped] = initializer.arguments;
  if (initializer.arguments.length !== 1 || !ts.isArrowFunction(wrapped) || !ts.isBlock(wrapped.body)) return null;
  return wrapped.modifiers === undefined ? wrapped : null;
}

/** The same code with the arrow functions of its modules as function expressions in parentheses. */
export function withEagerModules(code) {
  const file = ts.createSourceFile('bundle.js', code, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  const modules = file.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations.map(wrappedModule))
    .filter((module) => module !== null);
  let result = '';
  let done = 0;
  for (const module of modules) {
    const parameters = module.parameters.map((parameter) => parameter.getText(file)).join(',');
    const body = code.slice(module.body.getStart(file), module.end);
    result += `${code.slice(done, module.getStart(file))}(function(${parameters})${body})`;
    done = module.end;
  }
  return result + code.slice(done);
}
