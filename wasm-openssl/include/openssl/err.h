/*
 * Stands before OpenSSL's own in the wasm build of everything but libssl (see cc-by-path): an error is raised by one
 * call instead of three. There are thousands of them.
 */
#include_next <openssl/err.h>
#ifndef WASM_TLS_OPENSSL_ERR_H
#define WASM_TLS_OPENSSL_ERR_H

static __attribute__((noinline, unused)) void wasm_tls_raise(int lib, int reason)
{
    ERR_new();
    ERR_set_debug(OPENSSL_FILE, OPENSSL_LINE, OPENSSL_FUNC);
    ERR_set_error(lib, reason, NULL);
}

#undef ERR_raise
#define ERR_raise(lib, reason) wasm_tls_raise((lib), (reason))

#endif
