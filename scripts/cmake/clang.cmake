# Natively the compiler is clang, as for wasm: the same warnings, the same language, and libFuzzer.
# Debian installs it with its version in the name only.
find_program(WASM_TLS_CLANG NAMES clang++-19 clang++-20 clang++-21 clang++ REQUIRED)
set(CMAKE_CXX_COMPILER "${WASM_TLS_CLANG}")
# For OpenSSL's program that reads its vectors.
find_program(WASM_TLS_CLANG_C NAMES clang-19 clang-20 clang-21 clang REQUIRED)
set(CMAKE_C_COMPILER "${WASM_TLS_CLANG_C}")
