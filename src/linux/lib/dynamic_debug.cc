// SPDX-License-Identifier: GPL-2.0-only
// lib/dynamic_debug.c: pr_debug and dev_dbg. The call sites' descriptors lie in the module and say
// whether they print and with which prefix; jump labels normally keep silent ones from calling.
#include "linux/include/dynamic_debug.h"

#include <string_view>

#include "kapi/field.h"
#include "kapi/kapi.h"
#include "linux/include/arguments.h"
#include "linux/include/device_text.h"
#include "linux/include/format.h"
#include "linux/include/printk.h"
#include "linux/include/tags.h"
#include "machine/task.h"
#include "target/target.h"

namespace ring3::kernel {

KFIELD(_ddebug, modname, const char*);
KFIELD(_ddebug, function, const char*);
KFIELD(_ddebug, filename, const char*);

namespace {

// Two bit fields: the word that holds them and where in it.
struct BitField {
  uint64_t offset = 0;
  unsigned shift = 0;
  unsigned bits = 0;

  unsigned get(const void* object) const {
    if (!bits) return 0;
    uint32_t word;
    __builtin_memcpy(&word, static_cast<const char*>(object) + offset, sizeof(word));
    return word >> shift & (bits < 32 ? (1u << bits) - 1 : ~0u);
  }
};
BitField flags_field, line_field;

// linux/dynamic_debug.h
enum : unsigned { kPrint = 1, kModule = 2, kFunction = 4, kLine = 8, kTask = 16, kSource = 32 };

void prefix(char* out, size_t size, const k::_ddebug* site, unsigned flags) {
  format::Output text(out, size);
  char piece[160];
  size_t used = 0;
  auto add = [&](int length) { text.put(std::string_view(piece, length)); };
  if (flags & kTask) {
    machine::Task* task = kapi::gs_task();
    add(format_text(piece, sizeof(piece), "[%d] ", task ? task->id() : 0));
    used = text.used();
  }
  if (flags & kModule) add(format_text(piece, sizeof(piece), "%.150s:", _ddebug_modname(site)));
  if (flags & kFunction) add(format_text(piece, sizeof(piece), "%.150s:", _ddebug_function(site)));
  if (flags & kSource) add(format_text(piece, sizeof(piece), "%.150s:", _ddebug_filename(site)));
  if (flags & kLine) add(format_text(piece, sizeof(piece), "%u:", line_field.get(site)));
  if (text.used() != used) text.put(' ');
  text.terminate();
}

struct Format {  // struct va_format
  const char* format;
  va_list* arguments;
};

KAPI_VA(__dynamic_pr_debug, Real, void, (k::_ddebug * site, const char* format), arguments) {
  unsigned flags = flags_field.get(site);
  if (!(flags & kPrint)) return;
  char begin[200];
  prefix(begin, sizeof(begin), site, flags);
  Format inner{format, &list_of(reinterpret_cast<VaList>(arguments))};
  kernel_print(KERN_DEBUG "%s%pV", begin, &inner);
}

KAPI_VA(__dynamic_dev_dbg, Real, void,
        (k::_ddebug * site, const k::device* device, const char* format), arguments) {
  unsigned flags = flags_field.get(site);
  if (!(flags & kPrint)) return;
  Format inner{format, &list_of(reinterpret_cast<VaList>(arguments))};
  if (!device) {
    kernel_print(KERN_DEBUG "(NULL device *): %pV", &inner);
    return;
  }
  char begin[200];
  prefix(begin, sizeof(begin), site, flags);
  device_print(machine::kLogDebug, device, "%s%s %s: %pV", begin, device_driver_string(device),
               device_name(device), &inner);
}

BitField bind(const target::Target& target, const char* name) {
  auto field = target.field("_ddebug", name);
  if (!field) return {};
  return {field->offset + field->bit_offset / 32 * 4, field->bit_offset % 32, field->bit_size};
}

}  // namespace

void bind_dynamic_debug(const target::Target& target) {
  flags_field = bind(target, "flags");
  line_field = bind(target, "lineno");
}

}  // namespace ring3::kernel
