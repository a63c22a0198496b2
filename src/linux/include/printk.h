// SPDX-License-Identifier: GPL-2.0-only
// The kernel log for runtime code: print as Linux does, with KERN_ prefixes or a level.
#pragma once

#include <cstdarg>
#include <cstdint>

#include "machine/log.h"

// linux/kern_levels.h
#define KERN_SOH "\001"
#define KERN_EMERG KERN_SOH "0"
#define KERN_ALERT KERN_SOH "1"
#define KERN_CRIT KERN_SOH "2"
#define KERN_ERR KERN_SOH "3"
#define KERN_WARNING KERN_SOH "4"
#define KERN_NOTICE KERN_SOH "5"
#define KERN_INFO KERN_SOH "6"
#define KERN_DEBUG KERN_SOH "7"
#define KERN_DEFAULT ""
#define KERN_CONT KERN_SOH "c"

namespace ring3::target {
class Target;
}

namespace ring3::kernel {

// The machine's log. Before one is set, a small one of the process's own takes the lines.
machine::Log& kernel_log();
void set_kernel_log(machine::Log* log);

// Who a line's continuations are matched by: the task's id, as the machine sets it; by default
// the host thread.
void set_log_caller(uint64_t (*caller)());

// A level for log_text: none in the call, so a prefix in the text or the default decides.
constexpr int kLevelDefault = -1;
constexpr int kLevelScheduler = -2;  // printk_deferred

// printk. `dictionary` is what dev_printk adds ("SUBSYSTEM=...\nDEVICE=..."). Returns the length of
// the text that was stored. Conversions are the kernel's, which the compiler does not know.
int kernel_print(const char* format, ...) noexcept;
int kernel_print_list(int facility, int level, const char* dictionary, const char* format,
                      va_list arguments) noexcept;
// The text of a WARN_ONCE in runtime code.
void kernel_warning(const char* format, ...) noexcept;

// Learns what this target's records may hold; called once, when exported data is filled in.
void bind_printk(const target::Target& target);

// Levels as /proc/sys/kernel/printk names them.
struct ConsoleLevels {
  int console = 7;
  int default_message = 4;
  int minimum_console = 1;
  int default_console = 7;
};
ConsoleLevels& console_levels();

}  // namespace ring3::kernel
