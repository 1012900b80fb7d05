# The CMake toolchain of whichever emcc comes first on PATH: an emsdk's, or that of the toolchain
# root. Emscripten keeps its own toolchain file beside the real emcc.
find_program(WASM_TLS_EMCC emcc REQUIRED)
file(REAL_PATH "${WASM_TLS_EMCC}" emcc_file)
get_filename_component(emscripten_directory "${emcc_file}" DIRECTORY)
include("${emscripten_directory}/cmake/Modules/Platform/Emscripten.cmake")
