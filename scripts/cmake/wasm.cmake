# What is built for wasm: the module that is shipped, and the engine's benchmark as a Node program.

# The stack: Emscripten's default of 64 KiB is too small for OpenSSL (ML-KEM alone keeps tens of KiB
# there). Memory starts small and grows: a module that serves one connection should not cost 16 MiB.
# dlmalloc: emmalloc walks its lists where many connections are alive, mimalloc adds 23 KB; no handshake
# or bulk rate told them apart.
set(memory_options
    -sSTACK_SIZE=512KB
    -sINITIAL_MEMORY=4MB
    -sALLOW_MEMORY_GROWTH
    -sMALLOC=dlmalloc)

# Every Node and browser that the package supports has these, so no fallback is needed for them.
set(platform_options
    -sMIN_NODE_VERSION=180000
    -sMIN_CHROME_VERSION=95
    -sMIN_FIREFOX_VERSION=100
    -sMIN_SAFARI_VERSION=160400
    -sWASM_BIGINT
    -sTEXTDECODER=2)
set(feature_options -mbulk-memory -mnontrapping-fptoint)
target_compile_options(tls_engine PRIVATE ${feature_options})
target_compile_options(stand_ins PRIVATE ${feature_options})
list(APPEND platform_options ${feature_options})

# How the linker's output is optimised: by -O3; with -Oz resumed handshakes would be a tenth slower, for 4 KB. Two habits of
# Emscripten's are for the size of the file as it is and make it larger where it counts, compressed. -O3 at its own place
# would let it sort the functions by how often they are called: neighbours no longer resemble each other (24 KB). And data
# are cut into pieces wherever there are some zeros: these compress better than the heads of the pieces (8 KB).
set(release_options -O2 -sBINARYEN_EXTRA_PASSES=-O3,--skip-pass=memory-packing -sASSERTIONS=0)

# Emscripten's checks for the debug module: assertions, a guarded stack, and SAFE_HEAP for null,
# misaligned and out-of-bounds accesses.
set(checked "$<CONFIG:Debug>")
set(check_options
    "$<${checked}:-sASSERTIONS=2;-sSTACK_OVERFLOW_CHECK=2;-sSAFE_HEAP=1;-O1;-g2>"
    "$<$<NOT:${checked}>:${release_options}>")

wasm_tls_sources(binding_sources "bindings/*.cc")
if(binding_sources)
  add_executable(tls_wasm ${binding_sources})
  set_target_properties(tls_wasm PROPERTIES OUTPUT_NAME wasm-tls)
  target_link_libraries(tls_wasm PRIVATE tls_engine)
  # Bindings convert and call; see tls_engine for the reason.
  target_compile_options(tls_wasm PRIVATE "$<$<NOT:${checked}>:-Oz>")
  # RTTI stays on here: Embind takes the names of types, for the .d.ts and its messages, from it.

  set(module_options
      -lembind
      # A function that makes instances; several live side by side (createTls).
      -sMODULARIZE
      -sEXPORT_NAME=createEngineModule
      # The loader compiles once and instantiates synchronously through instantiateWasm, so the
      # factory can return the module itself and require() stays synchronous.
      -sWASM_ASYNC_COMPILATION=0
      -sINCOMING_MODULE_JS_API=instantiateWasm,print,printErr
      -sENVIRONMENT=node,web,worker
      -sFILESYSTEM=0
      # A page's Content-Security-Policy need not allow unsafe-eval. Embind's invokers are generated
      # at link time instead.
      -sDYNAMIC_EXECUTION=0
      -sEMBIND_AOT
      -sEXPORTED_RUNTIME_METHODS=HEAPU8
      --no-entry
      # A library must not touch the process it lives in.
      -sEXIT_RUNTIME=0
      -sNODEJS_CATCH_EXIT=0
      -sNODEJS_CATCH_REJECTION=0
      -sSUPPORT_LONGJMP=0
      # Minified by Emscripten's own passes, not by the Closure compiler: that needs Java and saves
      # a few KB of a file that compresses well.
      ${memory_options}
      ${platform_options}
      ${check_options})
  # Function types are the same with checks and without: generated once, by the shipped build.
  list(APPEND module_options "$<$<NOT:${checked}>:SHELL:--emit-tsd wasm-tls.d.ts>")

  set(host_functions "${CMAKE_SOURCE_DIR}/bindings/host_functions.js")
  if(EXISTS "${host_functions}")
    list(APPEND module_options "SHELL:--js-library \"${host_functions}\"")
    set_property(TARGET tls_wasm APPEND PROPERTY LINK_DEPENDS "${host_functions}")
  endif()
  # For scripts/size.mjs.
  list(APPEND module_options -Wl,-Map=wasm-tls.map)
  target_link_options(tls_wasm PRIVATE ${module_options})
endif()

wasm_tls_sources(bench_sources "bench/engine/*.cc")
if(bench_sources)
  add_executable(engine_bench ${bench_sources})
  target_link_libraries(engine_bench PRIVATE tls_engine)
  target_link_options(
    engine_bench
    PRIVATE
    ${memory_options}
    ${platform_options}
    ${check_options}
    -sENVIRONMENT=node
    -sFILESYSTEM=0
    -sEXIT_RUNTIME=1)
endif()

include("${CMAKE_SOURCE_DIR}/scripts/cmake/vectors.cmake")
