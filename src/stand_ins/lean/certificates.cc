// A certificate that a peer sends is parsed once: who connects to a server again, or takes up a session with it, gets
// the object of last time, with its key and its extensions decoded already. It is what libssl shares between
// connections anyway, and nothing changes it. The linker leads every use of four functions here (--wrap):
//
//   d2i_X509()                              as libssl asks for it in a handshake
//   d2i_SSL_SESSION(), d2i_SSL_SESSION_ex() while they run,
//   X509_it()                               the certificate in a session is of a type that knows those of last time
#include <openssl/asn1t.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "src/bytes.h"
#include "src/openssl_ptr.h"

extern "C" {
X509* OpensslDecode(X509** certificate, const unsigned char** in, long size) __asm__("__real_d2i_X509");
X509* Decode(X509** certificate, const unsigned char** in, long size) __asm__("__wrap_d2i_X509");

const ASN1_ITEM* OpensslItem() __asm__("__real_X509_it");
const ASN1_ITEM* Item() __asm__("__wrap_X509_it");

SSL_SESSION* OpensslDecodeSession(SSL_SESSION** session, const unsigned char** in,
                                  long size) __asm__("__real_d2i_SSL_SESSION");
SSL_SESSION* DecodeSession(SSL_SESSION** session, const unsigned char** in,
                           long size) __asm__("__wrap_d2i_SSL_SESSION");
SSL_SESSION* OpensslDecodeSessionEx(SSL_SESSION** session, const unsigned char** in, long size, OSSL_LIB_CTX* library,
                                    const char* properties) __asm__("__real_d2i_SSL_SESSION_ex");
SSL_SESSION* DecodeSessionEx(SSL_SESSION** session, const unsigned char** in, long size, OSSL_LIB_CTX* library,
                             const char* properties) __asm__("__wrap_d2i_SSL_SESSION_ex");
}

namespace {

using wasm_tls::BytesView;
using wasm_tls::UpRef;
using wasm_tls::X509Ptr;

// A few chains; and no peer shall make the engine keep much.
constexpr size_t kEntries = 16;
constexpr size_t kLargest = 8 * 1024;

class Latest {
 public:
  // Null when it is not among them.
  X509Ptr Find(BytesView der) const {
    const auto found = std::ranges::find_if(entries_, [&](const Entry& e) { return std::ranges::equal(e.der, der); });
    return found != entries_.end() ? UpRef(found->certificate.get()) : nullptr;
  }

  void Add(BytesView der, X509* certificate) {
    if (der.size() > kLargest) return;
    entries_[next_] = {.der = wasm_tls::ToBytes(der), .certificate = UpRef(certificate)};
    next_ = (next_ + 1) % kEntries;
  }

 private:
  struct Entry {
    wasm_tls::Bytes der;
    X509Ptr certificate = nullptr;
  };

  std::array<Entry, kEntries> entries_;
  size_t next_ = 0;
};

Latest& LatestCertificates() {
  // Never destroyed: OpenSSL may be gone by then.
  static auto& latest = *new Latest();
  return latest;
}

// What `decode` makes of the next bytes, or what it made of them before. It returns whether it could, and moves `in`.
template <class DecodeAnew>
bool DecodeOnce(X509** certificate, const unsigned char** in, long size, const DecodeAnew& decode) {
  const BytesView der(*in, static_cast<size_t>(size));
  if (X509Ptr known = LatestCertificates().Find(der); known != nullptr) {
    X509_free(std::exchange(*certificate, known.release()));
    *in += size;
    return true;
  }
  if (!decode()) return false;
  if (*in == der.data() + der.size()) LatestCertificates().Add(der, *certificate);
  return true;
}

// The type of the certificate in a session.
int DecodeItem(ASN1_VALUE** value, const unsigned char** in, long size, const ASN1_ITEM* /*item*/, int tag,
               int tag_class, char optional, ASN1_TLC* context) {
  int result = 1;
  DecodeOnce(reinterpret_cast<X509**>(value), in, size, [&] {
    result = ASN1_item_ex_d2i(value, in, size, OpensslItem(), tag, tag_class, optional, context);
    return result == 1;
  });
  return result;
}

void FreeItem(ASN1_VALUE** value, const ASN1_ITEM* /*item*/) {
  X509_free(reinterpret_cast<X509*>(std::exchange(*value, nullptr)));
}

constexpr ASN1_EXTERN_FUNCS kKnownCertificateFunctions = {.app_data = nullptr,
                                                          .asn1_ex_new = nullptr,
                                                          .asn1_ex_free = FreeItem,
                                                          .asn1_ex_clear = nullptr,
                                                          .asn1_ex_d2i = DecodeItem,
                                                          .asn1_ex_i2d = nullptr,
                                                          .asn1_ex_print = nullptr,
                                                          .asn1_ex_new_ex = nullptr,
                                                          .asn1_ex_d2i_ex = nullptr};

constexpr ASN1_ITEM kKnownCertificate = {.itype = ASN1_ITYPE_EXTERN,
                                         .utype = V_ASN1_SEQUENCE,
                                         .templates = nullptr,
                                         .tcount = 0,
                                         .funcs = &kKnownCertificateFunctions,
                                         .size = 0,
                                         .sname = "X509"};

bool g_decodes_session = false;

}  // namespace

X509* Decode(X509** certificate, const unsigned char** in, long size) {
  // libssl alone passes an object to be filled. Any other certificate is its reader's, who may add a name or a trust.
  if (certificate == nullptr || *certificate == nullptr || size <= 0) return OpensslDecode(certificate, in, size);
  const auto decode = [&] { return OpensslDecode(certificate, in, size) != nullptr; };
  return DecodeOnce(certificate, in, size, decode) ? *certificate : nullptr;
}

const ASN1_ITEM* Item() { return g_decodes_session ? &kKnownCertificate : OpensslItem(); }

SSL_SESSION* DecodeSession(SSL_SESSION** session, const unsigned char** in, long size) {
  g_decodes_session = true;
  SSL_SESSION* decoded = OpensslDecodeSession(session, in, size);
  g_decodes_session = false;
  return decoded;
}

SSL_SESSION* DecodeSessionEx(SSL_SESSION** session, const unsigned char** in, long size, OSSL_LIB_CTX* library,
                             const char* properties) {
  g_decodes_session = true;
  SSL_SESSION* decoded = OpensslDecodeSessionEx(session, in, size, library, properties);
  g_decodes_session = false;
  return decoded;
}
