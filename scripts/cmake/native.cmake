# What is built natively: the tests (or, in their own preset, the fuzzers) and the benchmark.

if(WASM_TLS_FUZZ)
  wasm_tls_sources(fuzz_sources "test/fuzz/*.cc")
  foreach(source ${fuzz_sources})
    get_filename_component(name "${source}" NAME_WE)
    add_executable(fuzz_${name} "${source}")
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
  add_executable(engine_tests ${test_sources} ${test_support_sources})
  # The tests of tables read OpenSSL's headers, so that a constant of a newer release is not forgotten.
  target_compile_definitions(
    engine_tests PRIVATE WASM_TLS_OPENSSL_INCLUDE="${WASM_TLS_OPENSSL}/include")
  target_link_libraries(engine_tests PRIVATE tls_engine GTest::gmock GTest::gtest_main)
endif()

wasm_tls_sources(bench_sources "bench/engine/*.cc")
if(bench_sources)
  add_executable(engine_bench ${bench_sources})
  target_link_libraries(engine_bench PRIVATE tls_engine)
endif()

include("${CMAKE_SOURCE_DIR}/scripts/cmake/vectors.cmake")
