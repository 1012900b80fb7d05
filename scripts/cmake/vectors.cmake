# evp_vectors: OpenSSL's program for its test vectors, against the engine's provider. Its sources and the vectors come out of
# OpenSSL's tarball when the tests that need them ask for them (scripts/lib/openssl-tests.mjs).
set(openssl_tests "${CMAKE_SOURCE_DIR}/build/openssl-tests")
if(NOT EXISTS "${openssl_tests}/test/evp_test.c")
  return()
endif()
enable_language(C)

file(GLOB evp_test_sources "${openssl_tests}/test/testutil/*.c")
# program.cc has a main() and a library context of its own; the rest is not used by vectors.
list(FILTER evp_test_sources EXCLUDE REGEX "/(compare|fake_random|load|main|provider)\\.c$")
# A library beside the program: it defines what a program may leave out.
add_library(testutil STATIC ${evp_test_sources} "${openssl_tests}/apps/lib/opt.c")
add_library(evp_test OBJECT "${openssl_tests}/test/evp_test.c")
foreach(target testutil evp_test)
  target_include_directories(${target} SYSTEM PUBLIC "${openssl_tests}/test" "${openssl_tests}/apps/include")
  target_link_libraries(${target} PUBLIC openssl_ssl)
  # Its warnings are not ours to mend. OpenSSL's C for wasm has no files.
  target_compile_options(${target} PRIVATE -w "SHELL:-include \"${CMAKE_SOURCE_DIR}/test/vectors/streams.h\"")
endforeach()

# The vectors set parameters of keys by controls, which nothing else does: the stand-in for these stays away.
add_executable(evp_vectors test/vectors/program.cc
                           $<FILTER:$<TARGET_OBJECTS:stand_ins>,EXCLUDE,/key_controls>)
target_link_libraries(evp_vectors PRIVATE evp_test testutil $<TARGET_FILE:tls_engine>
                                          $<TARGET_NAME_IF_EXISTS:kernels> openssl_ssl)
add_dependencies(evp_vectors tls_engine)
target_include_directories(evp_vectors PRIVATE "${CMAKE_SOURCE_DIR}")
target_link_libraries(evp_vectors PRIVATE wasm_tls_options)
# Some kernels stand in for functions by name.
target_link_options(evp_vectors PRIVATE $<TARGET_PROPERTY:tls_engine,INTERFACE_LINK_OPTIONS>)
if(EMSCRIPTEN)
  target_link_options(
    evp_vectors
    PRIVATE
    ${memory_options}
    ${platform_options}
    ${check_options}
    -sMODULARIZE
    -sEXPORT_NAME=createVectors
    -sENVIRONMENT=node,web,worker
    -sINVOKE_RUN=0
    -sFORCE_FILESYSTEM
    -sEXIT_RUNTIME=1
    -sEXPORTED_RUNTIME_METHODS=callMain,FS
    -sINCOMING_MODULE_JS_API=print,printErr,locateFile)
endif()
