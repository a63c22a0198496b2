// SPDX-License-Identifier: GPL-2.0-only
// sprint_symbol() and its family: the name of an address, as %pS prints it; a number where it has
// no name. What knows the names is set by who knows the modules (set_symbolise).
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/format.h"

namespace ring3::kernel {
namespace {

constexpr size_t kRoom = 700;  // KSYM_SYMBOL_LEN at least, whatever the target's names may be

int print(char* buffer, uint64_t address, SymbolStyle style) {
  size_t length = symbolise() ? symbolise()(buffer, kRoom, address, style) : 0;
  if (length) return static_cast<int>(length);
  return format_text(buffer, kRoom, "0x%lx", address);
}

KAPI(sprint_symbol, Real, int, (char* buffer, unsigned long address)) {
  return print(buffer, address, {});
}
KAPI(sprint_symbol_build_id, Real, int, (char* buffer, unsigned long address)) {
  return print(buffer, address, {.build_id = true});
}
KAPI(sprint_symbol_no_offset, Real, int, (char* buffer, unsigned long address)) {
  return print(buffer, address, {.offset = false});
}

}  // namespace
}  // namespace ring3::kernel
