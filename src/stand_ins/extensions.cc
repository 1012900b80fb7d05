// For the files crypto/x509/v3_*.c that read the extensions of attribute certificates, and some that no peer of TLS
// looks into. A trace shows the bytes of such an extension, as of any that OpenSSL does not know.
#include <openssl/asn1t.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

namespace {

constexpr X509V3_EXT_METHOD Unread(int number, ASN1_ITEM_EXP* item = ASN1_ITEM_ref(ASN1_ANY)) {
  return {.ext_nid = number,
          .ext_flags = 0,
          .it = item,
          .ext_new = nullptr,
          .ext_free = nullptr,
          .d2i = nullptr,
          .i2d = nullptr,
          .i2s = nullptr,
          .s2i = nullptr,
          .i2v = nullptr,
          .v2i = nullptr,
          .i2r = nullptr,
          .r2i = nullptr,
          .usr_data = nullptr};
}

}  // namespace

extern "C" {

#define WASM_TLS_UNREAD(name, number)  \
  extern const X509V3_EXT_METHOD name; \
  constinit const X509V3_EXT_METHOD name = Unread(number);

WASM_TLS_UNREAD(ossl_v3_allowed_attribute_assignments, NID_allowed_attribute_assignments)
WASM_TLS_UNREAD(ossl_v3_associated_info, NID_associated_information)
WASM_TLS_UNREAD(ossl_v3_attribute_descriptor, NID_attribute_descriptor)
WASM_TLS_UNREAD(ossl_v3_attribute_mappings, NID_attribute_mappings)
WASM_TLS_UNREAD(ossl_v3_audit_identity, NID_ac_auditIdentity)
WASM_TLS_UNREAD(ossl_v3_authority_attribute_identifier, NID_authority_attribute_identifier)
WASM_TLS_UNREAD(ossl_v3_battcons, NID_basic_att_constraints)
WASM_TLS_UNREAD(ossl_v3_ext_admission, NID_x509ExtAdmission)
WASM_TLS_UNREAD(ossl_v3_group_ac, NID_group_ac)
WASM_TLS_UNREAD(ossl_v3_indirect_issuer, NID_indirect_issuer)
WASM_TLS_UNREAD(ossl_v3_issued_on_behalf_of, NID_issued_on_behalf_of)
WASM_TLS_UNREAD(ossl_v3_issuer_sign_tool, NID_issuerSignTool)
WASM_TLS_UNREAD(ossl_v3_no_assertion, NID_no_assertion)
WASM_TLS_UNREAD(ossl_v3_no_rev_avail, NID_no_rev_avail)
WASM_TLS_UNREAD(ossl_v3_role_spec_cert_identifier, NID_role_spec_cert_identifier)
WASM_TLS_UNREAD(ossl_v3_single_use, NID_single_use)
WASM_TLS_UNREAD(ossl_v3_soa_identifier, NID_soa_identifier)
WASM_TLS_UNREAD(ossl_v3_subj_dir_attrs, NID_subject_directory_attributes)
WASM_TLS_UNREAD(ossl_v3_sxnet, NID_sxnet)
WASM_TLS_UNREAD(ossl_v3_targeting_information, NID_target_information)
WASM_TLS_UNREAD(ossl_v3_time_specification, NID_time_specification)
WASM_TLS_UNREAD(ossl_v3_user_notice, NID_user_notice)

// Verification does look into this one.
extern const X509V3_EXT_METHOD ossl_v3_pci;
constinit const X509V3_EXT_METHOD ossl_v3_pci = Unread(NID_proxyCertInfo, ASN1_ITEM_ref(PROXY_CERT_INFO_EXTENSION));

}  // extern "C"
