// The same as app.cjs, as an ES module.

const [library, config] = process.argv.slice(2);
const { default: job } = await import(`./jobs/${library}.cjs`);
const result = await job(await import(library), JSON.parse(config));
console.log(JSON.stringify(result));
