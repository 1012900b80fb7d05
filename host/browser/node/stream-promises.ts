import stream from '../stream.js';

const { promises } = stream;

export default promises;
export const { finished, pipeline } = promises;
