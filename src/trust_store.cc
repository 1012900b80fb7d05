#include "trust_store.h"

#include <openssl/asn1.h>
#include <openssl/x509_vfy.h>

#include <climits>
#include <optional>
#include <string>
#include <unordered_map>

namespace wasm_tls {

namespace {

// One DER element at the start of `in`, header included, which is taken off. nullopt unless it is a whole one of this
// kind.
std::optional<BytesView> TakeElement(BytesView& in, int tag, int element_class) {
  if (in.empty() || in.size() > LONG_MAX) return std::nullopt;
  const unsigned char* contents = in.data();
  long length = 0;
  int found_tag = 0;
  int found_class = 0;
  const int flags = ASN1_get_object(&contents, &length, &found_tag, &found_class, static_cast<long>(in.size()));
  constexpr int kMalformed = 0x80;
  constexpr int kIndefinite = 0x01;
  if ((flags & (kMalformed | kIndefinite)) != 0 || found_tag != tag || found_class != element_class)
    return std::nullopt;
  const size_t size = static_cast<size_t>(contents - in.data()) + static_cast<size_t>(length);
  const BytesView element = in.first(size);
  in = in.subspan(size);
  return element;
}

std::optional<BytesView> TakeElement(BytesView& in, int tag) { return TakeElement(in, tag, V_ASN1_UNIVERSAL); }

// What is inside a SEQUENCE at the start of `in`.
std::optional<BytesView> EnterSequence(BytesView in) {
  const std::optional<BytesView> element = TakeElement(in, V_ASN1_SEQUENCE);
  if (!element) return std::nullopt;
  const unsigned char* contents = element->data();
  long length = 0;
  int tag = 0;
  int element_class = 0;
  ASN1_get_object(&contents, &length, &tag, &element_class, static_cast<long>(element->size()));
  return element->last(static_cast<size_t>(length));
}

// The subject of a certificate as DER (RFC 5280, section 4.1). Nothing but the way there is looked at.
std::optional<BytesView> SubjectOf(BytesView certificate) {
  const std::optional<BytesView> outer = EnterSequence(certificate);
  std::optional<BytesView> fields = outer ? EnterSequence(*outer) : std::nullopt;
  if (!fields) return std::nullopt;
  TakeElement(*fields, 0, V_ASN1_CONTEXT_SPECIFIC);  // version; absent from version 1
  // serialNumber, signature, issuer, validity
  for (const int tag : {V_ASN1_INTEGER, V_ASN1_SEQUENCE, V_ASN1_SEQUENCE, V_ASN1_SEQUENCE}) {
    if (!TakeElement(*fields, tag)) return std::nullopt;
  }
  return TakeElement(*fields, V_ASN1_SEQUENCE);
}

using X509NamePtr = OpensslPtr<X509_NAME, X509_NAME_free>;

// Names that compare equal have equal hashes, whatever their encodings.
std::optional<unsigned long> HashOf(const X509_NAME* name) {
  int ok = 0;
  const unsigned long hash = X509_NAME_hash_ex(name, nullptr, nullptr, &ok);
  return ok == 1 ? std::optional(hash) : std::nullopt;
}

std::optional<unsigned long> HashOf(BytesView der) {
  const unsigned char* next = der.data();
  const X509NamePtr name(d2i_X509_NAME(nullptr, &next, static_cast<long>(der.size())));
  return name == nullptr ? std::nullopt : HashOf(name.get());
}

}  // namespace

struct TrustStore::Index {
  struct Entry {
    Bytes der;
    X509Ptr certificate = nullptr;  // once asked for
    bool malformed = false;
  };

  std::vector<Entry> entries;
  std::unordered_multimap<unsigned long, size_t> by_subject;  // made by the first question
  bool made = false;

  Result<void> Append(const std::vector<BytesView>& certificates) {
    size_t number = 0;
    for (const BytesView der : certificates) {
      if (!SubjectOf(der)) {
        return std::unexpected(
            ArgumentError("ERR_INVALID_ARG_VALUE", "Not a certificate: number " + std::to_string(number)));
      }
      ++number;
    }
    entries.reserve(entries.size() + certificates.size());
    for (const BytesView der : certificates) entries.push_back({.der = ToBytes(der)});
    by_subject.clear();
    made = false;
    return {};
  }

  void Make() {
    if (made) return;
    made = true;
    by_subject.reserve(entries.size());
    for (size_t i = 0; i < entries.size(); ++i) {
      const std::optional<unsigned long> hash = HashOf(*SubjectOf(entries[i].der));
      if (hash) by_subject.emplace(*hash, i);
    }
  }

  X509* Parse(Entry& entry) {
    if (entry.certificate == nullptr && !entry.malformed) {
      const unsigned char* next = entry.der.data();
      entry.certificate.reset(d2i_X509(nullptr, &next, static_cast<long>(entry.der.size())));
      entry.malformed = entry.certificate == nullptr;
    }
    return entry.certificate.get();
  }

  // Adds every certificate of this subject to `store`, where OpenSSL finds it from then on. One of them, borrowed from
  // the store, or null.
  X509* AddTo(X509_STORE* store, const X509_NAME* subject) {
    const ErrorQueueMark errors;
    Make();
    const std::optional<unsigned long> hash = HashOf(subject);
    if (!hash) return nullptr;
    X509* found = nullptr;
    const auto [begin, end] = by_subject.equal_range(*hash);
    for (auto it = begin; it != end; ++it) {
      X509* certificate = Parse(entries[it->second]);
      if (certificate == nullptr || X509_NAME_cmp(X509_get_subject_name(certificate), subject) != 0) continue;
      if (X509_STORE_add_cert(store, certificate) == 1) found = certificate;
    }
    return found;
  }

  static int BySubject(X509_LOOKUP* lookup, X509_LOOKUP_TYPE type, const X509_NAME* name, X509_OBJECT* result) {
    if (type != X509_LU_X509) return 0;
    auto* index = static_cast<Index*>(X509_LOOKUP_get_method_data(lookup));
    X509* certificate = index->AddTo(X509_LOOKUP_get_store(lookup), name);
    if (certificate == nullptr || X509_OBJECT_set1_X509(result, certificate) != 1) return 0;
    // OpenSSL takes `result` for borrowed from the store and never frees it.
    X509_free(certificate);
    return 1;
  }

  static X509_LOOKUP_METHOD* Method() {
    static X509_LOOKUP_METHOD* const method = [] {
      X509_LOOKUP_METHOD* made = X509_LOOKUP_meth_new("certificates parsed on demand");
      if (made != nullptr) X509_LOOKUP_meth_set_get_by_subject(made, BySubject);
      return made;
    }();
    return method;
  }

  bool Attach(X509_STORE* store) {
    X509_LOOKUP_METHOD* method = Method();
    X509_LOOKUP* lookup = method == nullptr ? nullptr : X509_STORE_add_lookup(store, method);
    return lookup != nullptr && X509_LOOKUP_set_method_data(lookup, this) == 1;
  }
};

namespace {

bool AddAll(X509_STORE* store, const TrustStoreOptions& options) {
  for (const X509Ptr& certificate : options.certificates) {
    if (X509_STORE_add_cert(store, certificate.get()) != 1) return false;
  }
  for (const X509CrlPtr& crl : options.crls) {
    if (X509_STORE_add_crl(store, crl.get()) != 1) return false;
  }
  unsigned long flags = 0;
  if (!options.crls.empty()) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  if (options.allow_partial_chain) flags |= X509_V_FLAG_PARTIAL_CHAIN;
  return flags == 0 || X509_STORE_set_flags(store, flags) == 1;
}

// Certificates, revocation lists, and how they are to be used.
bool CopyAll(X509_STORE* to, X509_STORE* from) {
  const X509ObjectStackPtr objects(X509_STORE_get1_objects(from));
  if (objects == nullptr) return false;
  for (int i = 0; i < sk_X509_OBJECT_num(objects.get()); ++i) {
    X509_OBJECT* object = sk_X509_OBJECT_value(objects.get(), i);
    X509* certificate = X509_OBJECT_get0_X509(object);
    if (certificate != nullptr && X509_STORE_add_cert(to, certificate) != 1) return false;
    X509_CRL* crl = X509_OBJECT_get0_X509_CRL(object);
    if (crl != nullptr && X509_STORE_add_crl(to, crl) != 1) return false;
  }
  return X509_STORE_set_flags(to, X509_VERIFY_PARAM_get_flags(X509_STORE_get0_param(from))) == 1;
}

}  // namespace

TrustStore::TrustStore() : store_(X509_STORE_new()) {}

TrustStore::~TrustStore() = default;

Result<std::shared_ptr<const TrustStore>> TrustStore::Create(const TrustStoreOptions& options) {
  const ErrorQueueScope errors;
  const auto failed = [] { return std::unexpected(TakeOsslError("Unable to make a trust store")); };
  std::shared_ptr<TrustStore> trust(new TrustStore());
  X509_STORE* store = trust->get();
  if (store == nullptr || !AddAll(store, options)) return failed();
  if (options.base == nullptr) return trust;
  trust->index_ = options.base->index_;
  if (!CopyAll(store, options.base->get())) return failed();
  if (trust->index_ == nullptr) return trust;
  if (!trust->index_->Attach(store)) return failed();
  // OpenSSL asks the index only for a subject that the store does not have yet.
  for (const X509Ptr& certificate : options.certificates) {
    trust->index_->AddTo(store, X509_get_subject_name(certificate.get()));
  }
  return trust;
}

Result<std::shared_ptr<const TrustStore>> TrustStore::FromDer(const std::vector<BytesView>& certificates) {
  const ErrorQueueScope errors;
  std::shared_ptr<TrustStore> trust(new TrustStore());
  trust->index_ = std::make_shared<Index>();
  if (Result<void> appended = trust->index_->Append(certificates); !appended) {
    return std::unexpected(std::move(appended).error());
  }
  if (trust->get() == nullptr || !trust->index_->Attach(trust->get())) {
    return std::unexpected(TakeOsslError("Unable to make a trust store"));
  }
  return trust;
}

Result<void> TrustStore::Add(const std::vector<BytesView>& certificates) const { return index_->Append(certificates); }

}  // namespace wasm_tls
