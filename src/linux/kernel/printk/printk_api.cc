// SPDX-License-Identifier: GPL-2.0-only
// The rest of kernel/printk/printk.c that modules see: va_list forms, the lock that
// keeps one CPU's lines together, consoles (there is none: the log has one sink).
#include <atomic>
#include <string>

#include "host/thread.h"
#include "kapi/kapi.h"
#include "linux/include/arguments.h"
#include "linux/include/format.h"
#include "linux/include/printk.h"
#include "linux/include/tags.h"

namespace ring3::kernel {
namespace {

KAPI(vprintk, Real, int, (const char* format, VaList arguments)) {
  return kernel_print_list(0, kLevelDefault, nullptr, format, list_of(arguments));
}
KAPI(vprintk_default, Real, int, (const char* format, VaList arguments)) {
  return kernel_print_list(0, kLevelDefault, nullptr, format, list_of(arguments));
}
struct DeviceInfo {  // struct dev_printk_info
  char subsystem[16];
  char device[48];
};
KAPI(vprintk_emit, Real, int,
     (int facility, int level, const k::dev_printk_info* info, const char* format,
      VaList arguments)) {
  auto device = reinterpret_cast<const DeviceInfo*>(info);
  char dictionary[sizeof(DeviceInfo) + 24];
  if (device) {
    format_text(dictionary, sizeof(dictionary), "%s%.16s%s%.48s",
                device->subsystem[0] ? "SUBSYSTEM=" : "", device->subsystem,
                device->device[0] ? "\nDEVICE=" : "", device->device);
  }
  return kernel_print_list(facility, level, device ? dictionary : nullptr, format,
                           list_of(arguments));
}

// One holder at a time, who may take it again: so that the lines of a dump stay together.
std::atomic<uint64_t> print_owner = 0;
int print_depth = 0;  // written by the owner only
uint64_t me() { return reinterpret_cast<uint64_t>(kapi::gs_cpu()) | 1; }

KAPI(__printk_cpu_sync_try_get, Real, int, ()) {
  uint64_t expected = 0;
  if (!print_owner.compare_exchange_strong(expected, me()) && expected != me()) return 0;
  print_depth++;
  return 1;
}
KAPI(__printk_cpu_sync_put, Real, void, ()) {
  if (--print_depth == 0) print_owner.store(0, std::memory_order_release);
}
KAPI(__printk_cpu_sync_wait, Real, void, ()) {
  while (print_owner.load(std::memory_order_acquire)) __builtin_ia32_pause();
}

// int console_printk[4], as /proc/sys/kernel/printk.
KDATA_INIT(console_printk, Real, nullptr, 4 * sizeof(int))
{
  int* levels = static_cast<int*>(at);
  levels[0] = console_levels().console;
  levels[1] = console_levels().default_message;
  levels[2] = console_levels().minimum_console;
  levels[3] = console_levels().default_console;
}
KDATA(console_set_on_cmdline, Real, int);
KDATA_INIT(console_suspend_enabled, Real, nullptr, 1)
{ *static_cast<bool*>(at) = true; }
KDATA_INIT(ignore_console_lock_warning, Real, "atomic_t", 0)
{}
KDATA(oops_in_progress, Real, int);

constexpr char kNoConsole[] = "the log is streamed by its sink; there is no console to hold back";
KAPI(console_lock, Stub(kNoConsole), void, ()) {}
KAPI(console_unlock, Stub(kNoConsole), void, ()) {}
KAPI(console_trylock, Stub(kNoConsole), int, ()) { return 1; }
KAPI(is_console_locked, Stub(kNoConsole), int, ()) { return 0; }
KAPI(console_conditional_schedule, Stub(kNoConsole), void, ()) {}
KAPI(console_list_lock, Stub(kNoConsole), void, ()) {}
KAPI(console_list_unlock, Stub(kNoConsole), void, ()) {}
KAPI(console_srcu_read_lock, Stub(kNoConsole), int, ()) { return 0; }
KAPI(console_srcu_read_unlock, Stub(kNoConsole), void, (int cookie)) {}
KAPI(console_verbose, Real, void, ()) {
  console_levels().console = 15;  // CONSOLE_LOGLEVEL_MOTORMOUTH
  if (kdata_console_printk()) *static_cast<int*>(kdata_console_printk()) = 15;
}

// __warn_printk is src/debug's: it stops at the caller.

}  // namespace
}  // namespace ring3::kernel
