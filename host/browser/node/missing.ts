/** A package that libraries try to load and do without. */
throw Object.assign(new Error('Cannot find module: there is no such thing in a browser'), { code: 'MODULE_NOT_FOUND' });
export {};
