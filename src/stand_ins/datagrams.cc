// For ssl/d1_*.c, ssl/statem/statem_dtls.c, ssl/record/rec_layer_d1.c and ssl/record/methods/dtls_meth.c: TLS over
// datagrams. OpenSSL asks at run time whether a connection is such a one; none is.
//
// The types are libssl's own; pointers to them pass for any pointer.
#include <openssl/ssl.h>

#include <cstdlib>

extern "C" {

// Tables that only the constructors of such connections refer to.
extern const char DTLSv1_enc_data, DTLSv1_2_enc_data;
constinit const char DTLSv1_enc_data = 0, DTLSv1_2_enc_data = 0;
extern const char ossl_dtls_record_method;
constinit const char ossl_dtls_record_method = 0;

int dtls1_new(SSL*) { std::abort(); }
void dtls1_free(SSL*) { std::abort(); }
int dtls1_clear(SSL*) { std::abort(); }
int dtls1_shutdown(SSL*) { std::abort(); }
long dtls1_ctrl(SSL*, int, long, void*) { std::abort(); }
int dtls1_dispatch_alert(SSL*) { std::abort(); }
int dtls1_read_bytes(SSL*, uint8_t, uint8_t*, unsigned char*, size_t, int, size_t*) { std::abort(); }
int dtls1_write_app_data_bytes(SSL*, uint8_t, const void*, size_t, size_t*) { std::abort(); }

// An OSSL_TIME: a structure of one number.
struct WasmTlsOsslTime {
  uint64_t ticks;
};
WasmTlsOsslTime dtls1_default_timeout() { std::abort(); }

void dtls1_clear_received_buffer(void*) { std::abort(); }
void dtls1_clear_sent_buffer(void*) { std::abort(); }
void dtls1_start_timer(void*) { std::abort(); }
void dtls1_stop_timer(void*) { std::abort(); }
int dtls1_do_write(void*, uint8_t) { std::abort(); }
int dtls_get_message(void*, int*) { std::abort(); }
int dtls_get_message_body(void*, size_t*) { std::abort(); }
int dtls_construct_change_cipher_spec(void*, void*) { std::abort(); }

void DTLS_RECORD_LAYER_clear(void*) { std::abort(); }
uint16_t dtls1_get_epoch(void*, int) { std::abort(); }
void dtls1_increment_epoch(void*, int) { std::abort(); }
int dtls_get_more_records(void*) { std::abort(); }
int dtls_prepare_record_header(void*, void*, void*, uint8_t, unsigned char**) { std::abort(); }
int dtls_post_encryption_processing(void*, size_t, void*, void*, void*) { std::abort(); }

// The handshake messages that were sent and may be lost.
void* pqueue_peek(void*) { std::abort(); }
void* pqueue_iterator(void*) { std::abort(); }
void* pqueue_next(void*) { std::abort(); }

}  // extern "C"
