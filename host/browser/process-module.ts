import './base.js';

export { default } from './process.js';
export * from './process.js';
