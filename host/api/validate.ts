/** The API's argument checks are those of every module. */
export * from '../common/validate.js';
