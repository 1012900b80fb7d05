// Events as plain objects, told apart by their `type`.
#pragma once

#include "bindings/convert.h"
#include "src/event.h"

namespace wasm_tls {

WASM_TLS_VALUE(EventValue)

EventValue ToEventValue(const Event& event);

}  // namespace wasm_tls
