// In the place of Node's own `tls`, as the peer and as the model: another instance of the library.

import tls from 'wasm-tls';

export default tls.createTls();
