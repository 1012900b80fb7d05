// A worker of the application's: its first line has the engine as well.

import tls from 'node:tls';

postMessage([tls.createSecureContext() instanceof tls.SecureContext, Buffer.from('00ff', 'hex').length]);
