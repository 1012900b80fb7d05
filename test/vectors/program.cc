// Makes OpenSSL's evp_test, which comes out of its tarball, a program that tests the engine's provider: what it would
// take from the default provider in a library context of its own, it gets from the one that InitLibrary() loads.
//
//   evp_vectors FILE       runs the vectors of a file
//   evp_vectors --offered  prints what the provider offers: a line for each algorithm, its kind and all its names
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "src/library.h"
#include "test/vectors/streams.h"

extern "C" {
#include <testutil.h>
#include <testutil/output.h>
#include <testutil/tu_local.h>

// --- What testutil would take from the library context that it makes.

int test_get_libctx(OSSL_LIB_CTX** context, OSSL_PROVIDER** null_provider, const char* /*configuration*/,
                    OSSL_PROVIDER** provider, const char* /*name*/) {
  *context = nullptr;
  *null_provider = nullptr;
  *provider = nullptr;
  return 1;
}

// There is no FIPS provider, and then all of these are true.
int fips_provider_version_eq(OSSL_LIB_CTX* /*context*/, int /*major*/, int /*minor*/, int /*patch*/) { return 1; }
int fips_provider_version_ge(OSSL_LIB_CTX* /*context*/, int /*major*/, int /*minor*/, int /*patch*/) { return 1; }
int fips_provider_version_gt(OSSL_LIB_CTX* /*context*/, int /*major*/, int /*minor*/, int /*patch*/) { return 1; }
int fips_provider_version_match(OSSL_LIB_CTX* /*context*/, const char* /*versions*/) { return 1; }

// --- And from libcrypto.

BIO* VectorsFromFile(const char* name, const char* /*mode*/) {
  std::FILE* file = std::fopen(name, "rb");
  if (file == nullptr) return nullptr;
  BIO* text = BIO_new(BIO_s_mem());
  char piece[4096];
  for (size_t size = 0; (size = std::fread(piece, 1, sizeof(piece), file)) > 0;) {
    BIO_write(text, piece, static_cast<int>(size));
  }
  std::fclose(file);
  BIO_set_mem_eof_return(text, 0);
  return text;
}

BIO* VectorsToStream(std::FILE* stream, int /*flags*/) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "stream");
    BIO_meth_set_write(made, [](BIO* bio, const char* text, int size) {
      return static_cast<int>(
          std::fwrite(text, 1, static_cast<size_t>(size), static_cast<std::FILE*>(BIO_get_data(bio))));
    });
    BIO_meth_set_ctrl(made, [](BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1L : 0L; });
    return made;
  }();
  BIO* bio = BIO_new(method);
  BIO_set_data(bio, stream);
  BIO_set_init(bio, 1);
  return bio;
}

void VectorsPrintErrors(std::FILE* stream) {
  const auto print = [](const char* text, size_t size, void* to) {
    return static_cast<int>(std::fwrite(text, 1, size, static_cast<std::FILE*>(to)));
  };
  ERR_print_errors_cb(print, stream);
}
}

namespace wasm_tls {
namespace {

bool FillRandom(uint8_t* out, size_t size) {
  constexpr size_t kMost = 256;  // that getentropy() gives at once
  for (size_t done = 0; done < size; done += kMost) {
    if (getentropy(out + done, std::min(kMost, size - done)) != 0) return false;
  }
  return true;
}

template <auto kNames, class T>
void PrintNames(T* algorithm, void* kind) {
  std::fputs(static_cast<const char*>(kind), stdout);
  const auto print = [](const char* name, void* /*unused*/) { std::printf(" %s", name); };
  kNames(algorithm, print, nullptr);
  std::fputs("\n", stdout);
}

void PrintOffered() {
  const auto kind = [](const char* name) { return const_cast<char*>(name); };
  EVP_CIPHER_do_all_provided(nullptr, PrintNames<EVP_CIPHER_names_do_all, EVP_CIPHER>, kind("Cipher"));
  EVP_MD_do_all_provided(nullptr, PrintNames<EVP_MD_names_do_all, EVP_MD>, kind("Digest"));
  EVP_MAC_do_all_provided(nullptr, PrintNames<EVP_MAC_names_do_all, EVP_MAC>, kind("MAC"));
  EVP_KDF_do_all_provided(nullptr, PrintNames<EVP_KDF_names_do_all, EVP_KDF>, kind("KDF"));
  EVP_KEM_do_all_provided(nullptr, PrintNames<EVP_KEM_names_do_all, EVP_KEM>, kind("KEM"));
  EVP_KEYMGMT_do_all_provided(nullptr, PrintNames<EVP_KEYMGMT_names_do_all, EVP_KEYMGMT>, kind("Key"));
  EVP_SIGNATURE_do_all_provided(nullptr, PrintNames<EVP_SIGNATURE_names_do_all, EVP_SIGNATURE>, kind("Signature"));
}

int RunVectors(int argc, char** argv) {
  int result = 1;
  if (setup_test_framework(argc, argv) != 0 && setup_tests() > 0) {
    result = run_tests(argv[0]);
    cleanup_tests();
  }
  return pulldown_test_framework(result);
}

int Main(int argc, char** argv) {
  if (!InitLibrary({.fill_random = FillRandom}).has_value()) return 1;
  if (argc == 2 && std::strcmp(argv[1], "--offered") == 0) {
    PrintOffered();
    return 0;
  }
  test_open_streams();
  const int result = RunVectors(argc, argv);
  test_close_streams();
  return result;
}

}  // namespace
}  // namespace wasm_tls

int main(int argc, char** argv) { return wasm_tls::Main(argc, argv); }
