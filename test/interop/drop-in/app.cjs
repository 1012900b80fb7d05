// node --import wasm-tls/register app.cjs LIBRARY CONFIG: does the library's job and prints what came of it.

'use strict';

const [library, config] = process.argv.slice(2);
const job = require(`./jobs/${library}.cjs`);
job(require(library), JSON.parse(config)).then((result) => console.log(JSON.stringify(result)));
