import './base.js';
import events from 'events';

export default events;
export const { EventEmitter, once } = events;
