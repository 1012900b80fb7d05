// src/server_identity.h
#include "bindings/convert.h"
#include "src/server_identity.h"

namespace wasm_tls {
namespace {

MaybeText Check(const std::string& hostname, const std::string& ascii_name, const MaybeText& subject_alt_name,
                const Texts& common_names, bool has_subject) {
  IdentityClaims claims;
  if (!IsNull(subject_alt_name)) claims.subject_alt_name = ToString(subject_alt_name);
  claims.common_names = CopyInEach(common_names, ToString);
  claims.has_subject = has_subject;
  return ToMaybeText(CheckServerIdentity(hostname, ascii_name, claims));
}

}  // namespace
}  // namespace wasm_tls

EMSCRIPTEN_BINDINGS(server_identity) { emscripten::function("checkServerIdentity", &wasm_tls::Check); }
