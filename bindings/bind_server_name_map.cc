// src/server_name_map.h
#include "bindings/convert.h"
#include "bindings/handles.h"

EMSCRIPTEN_BINDINGS(server_name_map) {
  using namespace emscripten;
  using namespace wasm_tls;
  class_<ServerNameMapHandle>("ServerNameMap")
      .constructor<>()
      .function("add", &ServerNameMapHandle::Add)
      .function("find", &ServerNameMapHandle::Find);
}
