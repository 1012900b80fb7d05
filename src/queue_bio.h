// A BIO over two ByteQueues: what OpenSSL reads comes from `enc_in`, what it writes goes to `enc_out`.
//
// It never reports end of file: an empty `enc_in` means "try again later". The connection itself knows when the
// transport has ended.
#pragma once

#include "byte_queue.h"
#include "openssl_ptr.h"

namespace wasm_tls {

// Both queues must outlive the BIO. Null when memory is out.
BioPtr NewQueueBio(ByteQueue* enc_in, ByteQueue* enc_out);

}  // namespace wasm_tls
