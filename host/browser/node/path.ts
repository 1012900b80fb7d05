import path from 'path-browserify';

/* eslint-disable @typescript-eslint/unbound-method -- none of them has a this */
export default path;
export const {
  basename, delimiter, dirname, extname, format, isAbsolute, join, normalize, parse, posix, relative, resolve, sep,
} = path; // prettier-ignore
