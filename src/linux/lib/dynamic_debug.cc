// SPDX-License-Identifier: GPL-2.0-only
// lib/dynamic_debug.c: pr_debug, dev_dbg and netdev_dbg. The call sites' descriptors lie in the
// module and say whether they print and with which prefix; jump labels normally keep silent ones
// from calling.
#include "linux/include/dynamic_debug.h"

#include <cstring>
#include <string_view>

#include "kapi/field.h"
#include "kapi/kapi.h"
#include "linux/include/arguments.h"
#include "linux/include/device_text.h"
#include "linux/include/format.h"
#include "linux/include/printk.h"
#include "linux/include/tags.h"
#include "linux/lib/dynamic_debug_site.h"
#include "machine/task.h"
#include "module/dialect.h"
#include "target/target.h"

namespace ring3::kernel {

KFIELD(net_device, name, char[16]);
KFIELD_PATH(net_device, dev.parent, parent, k::device*);
KPLACE_MAYBE(ib_device, dev, dev);
KFIELD_PATH_MAYBE(ib_device, dev.parent, parent, k::device*);

namespace {

SiteFields fields;

void prefix(char* out, size_t size, const k::_ddebug* site, unsigned flags) {
  format::Output text(out, size);
  char piece[160];
  size_t used = 0;
  auto add = [&](int length) { text.put(std::string_view(piece, length)); };
  if (flags & kSiteTask) {
    machine::Task* task = kapi::gs_task();
    add(format_text(piece, sizeof(piece), "[%d] ", task ? task->id() : 0));
    used = text.used();
  }
  if (flags & kSiteModule) add(format_text(piece, sizeof(piece), "%.150s:", _ddebug_modname(site)));
  if (flags & kSiteFunction)
    add(format_text(piece, sizeof(piece), "%.150s:", _ddebug_function(site)));
  if (flags & kSiteSource)
    add(format_text(piece, sizeof(piece), "%.150s:", _ddebug_filename(site)));
  if (flags & kSiteLine) add(format_text(piece, sizeof(piece), "%u:", fields.line.get(site)));
  if (text.used() != used) text.put(' ');
  text.terminate();
}

struct Format {  // struct va_format
  const char* format;
  va_list* arguments;
};

KAPI_VA(__dynamic_pr_debug, Real, void, (k::_ddebug * site, const char* format), arguments) {
  unsigned flags = fields.flags.get(site);
  if (!(flags & kSitePrint)) return;
  char begin[200];
  prefix(begin, sizeof(begin), site, flags);
  Format inner{format, &list_of(reinterpret_cast<VaList>(arguments))};
  kernel_print(KERN_DEBUG "%s%pV", begin, &inner);
}

KAPI_VA(__dynamic_dev_dbg, Real, void,
        (k::_ddebug * site, const k::device* device, const char* format), arguments) {
  unsigned flags = fields.flags.get(site);
  if (!(flags & kSitePrint)) return;
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

const char* network_name(const k::net_device* device) {
  const char* name = net_device_name(device);
  return *name && !std::strchr(name, '%') ? name : "(unnamed net_device)";
}

// enum netreg_state, as netdev_printk() and its like say it.
const char* network_state(const k::net_device* device) {
  static constexpr const char* kStates[] = {
      " (uninitialized)", "", " (unregistering)", " (unregistered)", " (released)", " (dummy)"};
  auto state = reinterpret_cast<const uint8_t*>(device)[fields.network_state];
  return state < std::size(kStates) ? kStates[state] : " (unknown)";
}

KAPI_VA(__dynamic_netdev_dbg, Real, void,
        (k::_ddebug * site, const k::net_device* device, const char* format), arguments) {
  unsigned flags = fields.flags.get(site);
  if (!(flags & kSitePrint)) return;
  Format inner{format, &list_of(reinterpret_cast<VaList>(arguments))};
  if (!device) {
    kernel_print(KERN_DEBUG "(NULL net_device): %pV", &inner);
    return;
  }
  const char *name = network_name(device), *state = network_state(device);
  const k::device* parent = net_device_parent(device);
  if (!parent) {
    kernel_print(KERN_DEBUG "%s%s: %pV", name, state, &inner);
    return;
  }
  char begin[200];
  prefix(begin, sizeof(begin), site, flags);
  device_print(machine::kLogDebug, parent, "%s%s %s %s%s: %pV", begin, device_driver_string(parent),
               device_name(parent), name, state, &inner);
}

KAPI_VA(__dynamic_ibdev_dbg, Real, void,
        (k::_ddebug * site, const k::ib_device* device, const char* format), arguments) {
  unsigned flags = fields.flags.get(site);
  if (!(flags & kSitePrint)) return;
  Format inner{format, &list_of(reinterpret_cast<VaList>(arguments))};
  if (!device) {
    kernel_print(KERN_DEBUG "(NULL ib_device): %pV", &inner);
    return;
  }
  const char* name = device_name(static_cast<const k::device*>(ib_device_dev(device)));
  const k::device* parent = ib_device_parent(device);
  if (!parent) {
    kernel_print(KERN_DEBUG "%s: %pV", name, &inner);
    return;
  }
  char begin[200];
  prefix(begin, sizeof(begin), site, flags);
  device_print(machine::kLogDebug, parent, "%s%s %s %s: %pV", begin, device_driver_string(parent),
               device_name(parent), name, &inner);
}

SiteField bind(const target::Target& target, const char* name) {
  auto field = target.field("_ddebug", name);
  if (!field) return {};
  return {field->offset + field->bit_offset / 32 * 4, field->bit_offset % 32, field->bit_size};
}

}  // namespace

const SiteFields& site_fields() { return fields; }

void bind_dynamic_debug(const target::Target& target) {
  auto state = target.field("net_device", "reg_state");
  fields = {.flags = bind(target, "flags"),
            .line = bind(target, "lineno"),
            .class_id = bind(target, "class_id"),
            .network_state = state ? state->offset + state->bit_offset / 8 : 0,
            .source = module::speaks_as_6_12(target)};
}

}  // namespace ring3::kernel
