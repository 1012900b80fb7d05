#include "tls13_kdf.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/proverr.h>

#include <optional>
#include <string_view>

#include "../../bytes.h"
#include "../dispatch.h"
#include "hmac.h"

namespace wasm_tls {
namespace {

enum class HashName { kNone, kSha256, kSha384 };

// RFC 8446 §7.1: struct { uint16 length; opaque label<7..255>; opaque context<0..255>; } HkdfLabel.
constexpr size_t kMaxHkdfLabel = 2 + 1 + 255 + 1 + 255;

// What a derivation is made of. It borrows: what OpenSSL sets for one call need not be copied.
struct Inputs {
  int mode = EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND;
  HashName hash = HashName::kNone;
  std::optional<BytesView> key;   // none: as many zeros as the hash has bytes
  std::optional<BytesView> salt;  // none: the same
  BytesView prefix;
  BytesView label;
  BytesView data;
};

std::string_view Text(const OSSL_PARAM& parameter) {
  return {static_cast<const char*>(parameter.data), parameter.data_size};
}

BytesView Octets(const OSSL_PARAM& parameter) {
  return {static_cast<const uint8_t*>(parameter.data), parameter.data_size};
}

bool ReadMode(const OSSL_PARAM& parameter, int* mode) {
  if (parameter.data_type == OSSL_PARAM_UTF8_STRING) {
    const std::string_view name = Text(parameter);
    if (name == "EXTRACT_ONLY") *mode = EVP_KDF_HKDF_MODE_EXTRACT_ONLY;
    if (name == "EXPAND_ONLY") *mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    if (name == "EXTRACT_ONLY" || name == "EXPAND_ONLY") return true;
  } else if (OSSL_PARAM_get_int(&parameter, mode) == 1 &&
             (*mode == EVP_KDF_HKDF_MODE_EXTRACT_ONLY || *mode == EVP_KDF_HKDF_MODE_EXPAND_ONLY)) {
    return true;
  }
  ERR_raise(ERR_LIB_PROV, PROV_R_INVALID_MODE);
  return false;
}

// By any of the names that OpenSSL gives them.
bool ReadHash(const OSSL_PARAM& parameter, HashName* hash) {
  for (const auto& [name, found] : {std::pair{"SHA2-256", HashName::kSha256},
                                    {"SHA2-384", HashName::kSha384},
                                    {"SHA256", HashName::kSha256},
                                    {"SHA384", HashName::kSha384},
                                    {"SHA-256", HashName::kSha256},
                                    {"SHA-384", HashName::kSha384}}) {
    if (OPENSSL_strncasecmp(name, static_cast<const char*>(parameter.data), std::string_view(name).size() + 1) == 0) {
      *hash = found;
      return true;
    }
  }
  ERR_raise(ERR_LIB_PROV, PROV_R_INVALID_DIGEST);
  return false;
}

bool ReadParameters(const OSSL_PARAM* parameters, Inputs* inputs) {
  if (parameters == nullptr) return true;
  for (const OSSL_PARAM* parameter = parameters; parameter->key != nullptr; ++parameter) {
    const std::string_view name = parameter->key;
    if (name == OSSL_KDF_PARAM_MODE) {
      if (!ReadMode(*parameter, &inputs->mode)) return false;
    } else if (name == OSSL_KDF_PARAM_DIGEST) {
      if (parameter->data_type != OSSL_PARAM_UTF8_STRING || !ReadHash(*parameter, &inputs->hash)) return false;
    } else if (parameter->data_type != OSSL_PARAM_OCTET_STRING) {
      continue;  // Properties of a fetch: there is none.
    } else if (name == OSSL_KDF_PARAM_KEY) {
      inputs->key = Octets(*parameter);
    } else if (name == OSSL_KDF_PARAM_SALT) {
      inputs->salt = Octets(*parameter);
    } else if (name == OSSL_KDF_PARAM_PREFIX) {
      inputs->prefix = Octets(*parameter);
    } else if (name == OSSL_KDF_PARAM_LABEL) {
      inputs->label = Octets(*parameter);
    } else if (name == OSSL_KDF_PARAM_DATA) {
      inputs->data = Octets(*parameter);
    }
  }
  return true;
}

template <class Hash>
bool ExpandLabel(BytesView secret, const Inputs& inputs, BytesView data, std::span<uint8_t> out) {
  const size_t label_size = inputs.prefix.size() + inputs.label.size();
  if (label_size > 255 || data.size() > 255 || out.size() > 0xffff) return false;
  std::array<uint8_t, kMaxHkdfLabel> info;
  uint8_t* end = info.data();
  *end++ = static_cast<uint8_t>(out.size() >> 8);
  *end++ = static_cast<uint8_t>(out.size());
  *end++ = static_cast<uint8_t>(label_size);
  end = std::ranges::copy(inputs.prefix, end).out;
  end = std::ranges::copy(inputs.label, end).out;
  *end++ = static_cast<uint8_t>(data.size());
  end = std::ranges::copy(data, end).out;
  return HkdfExpand<Hash>(secret, {info.data(), end}, out);
}

template <class Hash>
bool Extract(const Inputs& inputs, std::span<uint8_t> out) {
  static constexpr std::array<uint8_t, Hash::kSize> kZeros{};
  if (out.size() != Hash::kSize) return false;
  const std::span<uint8_t, Hash::kSize> digest(out);
  const BytesView key = inputs.key.value_or(kZeros);
  if (!inputs.salt.has_value()) {
    HkdfExtract<Hash>(kZeros, key, digest);
    return true;
  }
  // The secret before this one is first made into a salt: Derive-Secret(., "derived", "").
  static const Digest<Hash> no_messages = HashOf<Hash>({});
  Digest<Hash> salt;
  const bool derived = ExpandLabel<Hash>(*inputs.salt, inputs, no_messages, salt);
  if (derived) HkdfExtract<Hash>(salt, key, digest);
  OPENSSL_cleanse(salt.data(), salt.size());
  return derived;
}

template <class Hash>
bool Derive(const Inputs& inputs, std::span<uint8_t> out) {
  if (inputs.mode == EVP_KDF_HKDF_MODE_EXTRACT_ONLY) return Extract<Hash>(inputs, out);
  if (inputs.mode != EVP_KDF_HKDF_MODE_EXPAND_ONLY) return false;
  return ExpandLabel<Hash>(inputs.key.value_or(BytesView()), inputs, inputs.data, out);
}

// The context: what was set before the call that derives. libssl gives everything with that call.
class Tls13Kdf {
 public:
  bool Set(const OSSL_PARAM* parameters) {
    Inputs changed = inputs_;
    if (!ReadParameters(parameters, &changed)) return false;
    Keep(changed);
    return true;
  }

  bool DeriveWith(const OSSL_PARAM* parameters, std::span<uint8_t> out) const {
    Inputs inputs = inputs_;
    if (!ReadParameters(parameters, &inputs)) return false;
    switch (inputs.hash) {
      case HashName::kSha256:
        return Derive<Sha256>(inputs, out);
      case HashName::kSha384:
        return Derive<Sha384>(inputs, out);
      case HashName::kNone:
        break;
    }
    ERR_raise(ERR_LIB_PROV, PROV_R_MISSING_MESSAGE_DIGEST);
    return false;
  }

  void Reset() { Keep({}); }

  // Of the output: as much as one asks for, unless a secret is extracted.
  size_t size() const {
    if (inputs_.mode != EVP_KDF_HKDF_MODE_EXTRACT_ONLY) return SIZE_MAX;
    switch (inputs_.hash) {
      case HashName::kSha256:
        return Sha256::kSize;
      case HashName::kSha384:
        return Sha384::kSize;
      case HashName::kNone:
        break;
    }
    ERR_raise(ERR_LIB_PROV, PROV_R_MISSING_MESSAGE_DIGEST);
    return 0;
  }

  Tls13Kdf() = default;
  Tls13Kdf(const Tls13Kdf& other) { Keep(other.inputs_); }
  Tls13Kdf& operator=(const Tls13Kdf&) = delete;

 private:
  // All bytes that `inputs` borrows, which may be these, in one block.
  void Keep(Inputs inputs) {
    SecretBytes bytes;
    const auto size = [](const std::optional<BytesView>& view) { return view.value_or(BytesView()).size(); };
    bytes.reserve(size(inputs.key) + size(inputs.salt) + inputs.prefix.size() + inputs.label.size() +
                  inputs.data.size());
    const auto keep = [&bytes](BytesView* view) {
      const size_t start = bytes.size();
      bytes.insert(bytes.end(), view->begin(), view->end());
      *view = BytesView(bytes).subspan(start);
    };
    if (inputs.key.has_value()) keep(&*inputs.key);
    if (inputs.salt.has_value()) keep(&*inputs.salt);
    keep(&inputs.prefix);
    keep(&inputs.label);
    keep(&inputs.data);
    bytes_.swap(bytes);
    inputs_ = inputs;
  }

  SecretBytes bytes_;
  Inputs inputs_;  // borrows from `bytes_`
};

// --- The functions that the core calls -------------------------------------------------------------------------------

Tls13Kdf* Context(void* context) { return static_cast<Tls13Kdf*>(context); }

void* New(void* /*provider*/) { return new Tls13Kdf(); }
void* Duplicate(void* context) { return new Tls13Kdf(*Context(context)); }
void Free(void* context) { delete Context(context); }
void Reset(void* context) { Context(context)->Reset(); }

int SetParameters(void* context, const OSSL_PARAM* parameters) { return Context(context)->Set(parameters) ? 1 : 0; }

int Derive(void* context, unsigned char* key, size_t size, const OSSL_PARAM* parameters) {
  return Context(context)->DeriveWith(parameters, {key, size}) ? 1 : 0;
}

int GetParameters(void* context, OSSL_PARAM* parameters) {
  OSSL_PARAM* parameter = parameters == nullptr ? nullptr : OSSL_PARAM_locate(parameters, OSSL_KDF_PARAM_SIZE);
  if (parameter == nullptr) return 1;
  const size_t size = Context(context)->size();
  return size != 0 && OSSL_PARAM_set_size_t(parameter, size) == 1 ? 1 : 0;
}

const OSSL_PARAM* SettableParameters(void* /*context*/, void* /*provider*/) {
  static constexpr OSSL_PARAM kParameters[] = {
      OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_MODE, nullptr, 0),
      OSSL_PARAM_int(OSSL_KDF_PARAM_MODE, nullptr),
      OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_PROPERTIES, nullptr, 0),
      OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_KDF_PARAM_KEY, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_KDF_PARAM_SALT, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_KDF_PARAM_PREFIX, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_KDF_PARAM_LABEL, nullptr, 0),
      OSSL_PARAM_octet_string(OSSL_KDF_PARAM_DATA, nullptr, 0),
      OSSL_PARAM_END,
  };
  return kParameters;
}

const OSSL_PARAM* GettableParameters(void* /*context*/, void* /*provider*/) {
  static constexpr OSSL_PARAM kParameters[] = {OSSL_PARAM_size_t(OSSL_KDF_PARAM_SIZE, nullptr), OSSL_PARAM_END};
  return kParameters;
}

}  // namespace

const OSSL_DISPATCH kTls13KdfFunctions[] = {
    Entry<OSSL_FUNC_kdf_newctx_fn>(OSSL_FUNC_KDF_NEWCTX, New),
    Entry<OSSL_FUNC_kdf_dupctx_fn>(OSSL_FUNC_KDF_DUPCTX, Duplicate),
    Entry<OSSL_FUNC_kdf_freectx_fn>(OSSL_FUNC_KDF_FREECTX, Free),
    Entry<OSSL_FUNC_kdf_reset_fn>(OSSL_FUNC_KDF_RESET, Reset),
    Entry<OSSL_FUNC_kdf_derive_fn>(OSSL_FUNC_KDF_DERIVE, Derive),
    Entry<OSSL_FUNC_kdf_settable_ctx_params_fn>(OSSL_FUNC_KDF_SETTABLE_CTX_PARAMS, SettableParameters),
    Entry<OSSL_FUNC_kdf_set_ctx_params_fn>(OSSL_FUNC_KDF_SET_CTX_PARAMS, SetParameters),
    Entry<OSSL_FUNC_kdf_gettable_ctx_params_fn>(OSSL_FUNC_KDF_GETTABLE_CTX_PARAMS, GettableParameters),
    Entry<OSSL_FUNC_kdf_get_ctx_params_fn>(OSSL_FUNC_KDF_GET_CTX_PARAMS, GetParameters),
    OSSL_DISPATCH_END,
};

}  // namespace wasm_tls
