// SPDX-License-Identifier: GPL-2.0-only
// The sprintf family as modules call it.
#include <climits>

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/arguments.h"
#include "linux/include/format.h"
#include "linux/include/format_flags.h"

namespace ring3::kernel {
namespace {

// What fits: the length without what was cut off.
int fitting(int length, size_t size) {
  if (!size) return 0;
  return static_cast<size_t>(length) < size ? length : static_cast<int>(size - 1);
}

KAPI(vsnprintf, Real, int, (char* buffer, size_t size, const char* format, VaList arguments)) {
  return format_text(buffer, size, format, list_of(arguments));
}
KAPI(vscnprintf, Real, int, (char* buffer, size_t size, const char* format, VaList arguments)) {
  if (!size) return 0;
  return fitting(format_text(buffer, size, format, list_of(arguments)), size);
}
KAPI(vsprintf, Real, int, (char* buffer, const char* format, VaList arguments)) {
  return format_text(buffer, INT_MAX, format, list_of(arguments));
}
KAPI_VA(snprintf, Real, int, (char* buffer, size_t size, const char* format), arguments) {
  return format_text(buffer, size, format, arguments);
}
KAPI_VA(scnprintf, Real, int, (char* buffer, size_t size, const char* format), arguments) {
  if (!size) return 0;
  return fitting(format_text(buffer, size, format, arguments), size);
}
KAPI_VA(sprintf, Real, int, (char* buffer, const char* format), arguments) {
  return format_text(buffer, INT_MAX, format, arguments);
}

KDATA_INIT(no_hash_pointers, Real, nullptr, 1) {
  *static_cast<bool*>(at) = false;
  format::bind_flag_names(binding.target());
}

}  // namespace
}  // namespace ring3::kernel
