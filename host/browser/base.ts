/**
 * What streams of Node's need. Each entry point that uses any of it imports all of it, so that the build makes one file of it
 * and a page waits for one response instead of many.
 */
import './buffer.js';
import './events.js';
import './process.js';
import './stream.js';
