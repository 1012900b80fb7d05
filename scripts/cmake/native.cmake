# What is built natively: the tests (or, in their own preset, the fuzzers) and the benchmark.

# OpenSSL's curve25519.c beside ours, for comparison: its object with other names for what it defines.
find_program(WASM_TLS_OBJCOPY NAMES llvm-objcopy-19 llvm-objcopy-20 llvm-objcopy-21 llvm-objcopy objcopy REQUIRED)
set(openssl_curve25519 "${CMAKE_BINARY_DIR}/openssl_curve25519.o")
set(renamed)
foreach(function x25519 x25519_public_from_private ed25519_public_from_private ed25519_sign ed25519_verify
                 ed25519_pubkey_verify)
  list(APPEND renamed --redefine-sym "ossl_${function}=openssls_ossl_${function}")
endforeach()
add_custom_command(
  OUTPUT "${openssl_curve25519}"
  COMMAND ${CMAKE_AR} p "${WASM_TLS_OPENSSL}/lib/libcrypto.a" libcrypto-lib-curve25519.o > "${openssl_curve25519}"
  COMMAND ${WASM_TLS_OBJCOPY} ${renamed} "${openssl_curve25519}"
  DEPENDS "${WASM_TLS_OPENSSL}/lib/libcrypto.a")
set_source_files_properties("${openssl_curve25519}" PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)

if(WASM_TLS_FUZZ)
  wasm_tls_sources(fuzz_sources "test/fuzz/*.cc")
  foreach(source ${fuzz_sources})
    get_filename_component(name "${source}" NAME_WE)
    add_executable(fuzz_${name} "${source}")
    if(name MATCHES "25519")
      target_sources(fuzz_${name} PRIVATE "${openssl_curve25519}")
    endif()
    target_link_libraries(fuzz_${name} PRIVATE tls_engine)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  endforeach()
  return()
endif()

if(WASM_TLS_VALGRIND_HEADERS)
  wasm_tls_sources(constant_time_sources "test/constant_time/*.cc")
  add_executable(constant_time ${constant_time_sources})
  target_include_directories(constant_time SYSTEM PRIVATE "${WASM_TLS_VALGRIND_HEADERS}")
  target_link_libraries(constant_time PRIVATE tls_engine)
  # Lines for its reports, in the form that it reads.
  target_compile_options(constant_time PRIVATE -gdwarf-4)
  # It runs under the machine's valgrind, where the C library may be older than the compiler's.
  target_link_options(constant_time PRIVATE -static)
  return()
endif()

wasm_tls_sources(test_sources "test/engine/*.cc" "test/engine/support/*.cc" "test/kernels/*.cc")
wasm_tls_sources(test_support_sources "test/engine/support/*.cc")
if(test_sources)
  find_package(GTest REQUIRED)
  add_executable(engine_tests ${test_sources} ${test_support_sources} "${openssl_curve25519}")
  # The tests of tables read OpenSSL's headers, so that a constant of a newer release is not forgotten.
  target_compile_definitions(
    engine_tests PRIVATE WASM_TLS_OPENSSL_INCLUDE="${WASM_TLS_OPENSSL}/include")
  target_link_libraries(engine_tests PRIVATE tls_engine GTest::gmock GTest::gtest_main)
  # Tables that the engine computes, as OpenSSL has them: what tests of src/stand_ins compare with.
  foreach(name curve448_tables bn_dh)
    set(member libcrypto-lib-${name}.o)
    set(tables "${CMAKE_CURRENT_BINARY_DIR}/openssl_${name}.o")
    add_custom_command(
      OUTPUT "${tables}"
      COMMAND "${CMAKE_AR}" x "${WASM_TLS_OPENSSL}/lib/libcrypto.a" ${member}
      COMMAND "${CMAKE_OBJCOPY}" --prefix-symbols=openssl_ ${member} "${tables}"
      DEPENDS "${WASM_TLS_OPENSSL}/lib/libcrypto.a"
      VERBATIM)
    set_source_files_properties("${tables}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
    target_sources(engine_tests PRIVATE "${tables}")
  endforeach()
endif()

wasm_tls_sources(bench_sources "bench/engine/*.cc")
if(bench_sources)
  add_executable(engine_bench ${bench_sources})
  target_link_libraries(engine_bench PRIVATE tls_engine)
endif()

include("${CMAKE_SOURCE_DIR}/scripts/cmake/vectors.cmake")
