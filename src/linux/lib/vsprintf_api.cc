// SPDX-License-Identifier: GPL-2.0-only
// The sprintf family as modules call it.
#include <climits>

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/arguments.h"
#include "linux/include/dynamic_debug.h"
#include "linux/include/format.h"
#include "linux/include/format_flags.h"
#include "linux/include/printk.h"
#include "linux/include/slab.h"
#include "linux/include/string_helpers.h"

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

char* allocated_text(unsigned gfp, const char* format, va_list arguments) {
  int length = format_text(nullptr, 0, format, arguments);
  char* text = static_cast<char*>(allocate_if_possible(length + 1, gfp));
  if (text) format_text(text, length + 1, format, arguments);
  return text;
}

KAPI(kvasprintf, Real, char*, (unsigned gfp, const char* format, VaList arguments)) {
  return allocated_text(gfp, format, list_of(arguments));
}
KAPI_VA(kasprintf, Real, char*, (unsigned gfp, const char* format), arguments) {
  return allocated_text(gfp, format, arguments);
}
KAPI(kvasprintf_const,
     Partial("always copies: constant text of the kernel's own is not told apart"), const char*,
     (unsigned gfp, const char* format, VaList arguments)) {
  return allocated_text(gfp, format, list_of(arguments));
}

KDATA_INIT(no_hash_pointers, Real, nullptr, 1)
{
  *static_cast<bool*>(at) = false;
  format::bind_flag_names(binding.target());
  bind_string_helpers(binding.target());
  bind_dynamic_debug(binding.target());
  bind_printk(binding.target());
}

}  // namespace
}  // namespace ring3::kernel
