// Files and streams for evp_test, which libcrypto lacks where it is built for wasm. Read before each of its sources.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

BIO* VectorsFromFile(const char* name, const char* mode);
BIO* VectorsToStream(FILE* stream, int flags);
void VectorsPrintErrors(FILE* stream);

#ifdef __cplusplus
}
#endif

#define BIO_new_file VectorsFromFile
#define BIO_new_fp VectorsToStream
#define ERR_print_errors_fp VectorsPrintErrors
