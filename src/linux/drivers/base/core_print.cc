// SPDX-License-Identifier: GPL-2.0-only
// The messages of drivers/base/core.c: dev_err() and its family. A line is "driver device: text".
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/arguments.h"
#include "linux/include/device_fields.h"
#include "linux/include/device_text.h"
#include "linux/include/format.h"
#include "linux/include/printk.h"

namespace ring3::kernel {
namespace {

const void* bus_of(const k::device* device) {
  return *static_cast<void**>(device_bus_place(device));
}
const void* class_of(const k::device* device) {
  return *static_cast<void**>(device_class_place(device));
}

// "SUBSYSTEM=block\nDEVICE=b8:1": by number when it has one, else by name. Empty for a device that
// belongs nowhere.
void describe(char* out, size_t size, const k::device* device) {
  out[0] = 0;
  const char* subsystem = nullptr;
  if (class_of(device))
    subsystem = class_name(class_of(device));
  else if (bus_of(device))
    subsystem = bus_type_name(bus_of(device));
  if (!subsystem) return;
  uint32_t number = device_devt(device);
  unsigned major = number >> 20, minor = number & 0xfffff;
  if (major)
    format_text(out, size, "SUBSYSTEM=%s\nDEVICE=%c%u:%u", subsystem,
                std::strcmp(subsystem, "block") ? 'c' : 'b', major, minor);
  else
    format_text(out, size, "SUBSYSTEM=%s\nDEVICE=+%s:%s", subsystem, subsystem,
                device_name(device));
}

}  // namespace

const char* device_name(const k::device* device) {
  if (const char* name = device_init_name(device)) return name;
  return device_kobject_name(device);
}

const char* device_driver_string(const k::device* device) {
  if (const void* driver = device_driver(device)) return device_driver_name(driver);
  if (bus_of(device)) return bus_type_name(bus_of(device));
  if (class_of(device)) return class_name(class_of(device));
  return "";
}

int device_print_list(int level, const k::device* device, const char* format, va_list arguments) {
  char dictionary[128];
  describe(dictionary, sizeof(dictionary), device);
  return kernel_print_list(0, level, dictionary, format, arguments);
}

int device_print(int level, const k::device* device, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = device_print_list(level, device, format, arguments);
  va_end(arguments);
  return length;
}

namespace {

struct Format {  // struct va_format
  const char* format;
  va_list* arguments;
};

// `level` is a KERN_ prefix.
void print(const char* level, const k::device* device, const char* format, va_list& arguments) {
  va_list copy;
  va_copy(copy, arguments);
  Format inner{format, &copy};
  if (device)
    device_print(level[1] - '0', device, "%s %s: %pV", device_driver_string(device),
                 device_name(device), &inner);
  else
    kernel_print("%s(NULL device *): %pV", level, &inner);
  va_end(copy);
}

KAPI_VA(_dev_printk, Real, void, (const char* level, const k::device* device, const char* format),
        arguments) {
  print(level, device, format, list_of(reinterpret_cast<VaList>(arguments)));
}
#define RING3_DEV(name, level)                                                          \
  KAPI_VA(name, Real, void, (const k::device* device, const char* format), arguments) { \
    print(level, device, format, list_of(reinterpret_cast<VaList>(arguments)));         \
  }
RING3_DEV(_dev_emerg, KERN_EMERG)
RING3_DEV(_dev_alert, KERN_ALERT)
RING3_DEV(_dev_crit, KERN_CRIT)
RING3_DEV(_dev_err, KERN_ERR)
RING3_DEV(_dev_warn, KERN_WARNING)
RING3_DEV(_dev_notice, KERN_NOTICE)
RING3_DEV(_dev_info, KERN_INFO)
#undef RING3_DEV

KAPI(dev_vprintk_emit, Real, int,
     (int level, const k::device* device, const char* format, VaList arguments)) {
  return device_print_list(level, device, format, list_of(arguments));
}
KAPI_VA(dev_printk_emit, Real, int, (int level, const k::device* device, const char* format),
        arguments) {
  return device_print_list(level, device, format, arguments);
}

}  // namespace
}  // namespace ring3::kernel
