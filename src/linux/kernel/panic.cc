// SPDX-License-Identifier: GPL-2.0-only
// panic, taints, the text of WARN, and the stack protector's end.
#include "base/check.h"
#include "kapi/kapi.h"
#include "linux/include/arguments.h"
#include "linux/include/bug.h"
#include "linux/include/format.h"
#include "linux/include/kernel.h"
#include "linux/include/printk.h"
#include "module/taint.h"

namespace ring3::kernel {
namespace {

[[gnu::format(printf, 1, 0)]] void stop(const char* format, va_list arguments) {
  char reason[1024];
  format_text(reason, sizeof(reason), format, arguments);
  kernel_print(KERN_EMERG "Kernel panic - not syncing: %s\n", reason);
  if (running().dump_stack) running().dump_stack(KERN_EMERG);
  running().panic(reason);
}

KAPI_VA(panic, Real, void, (const char* format), arguments) { stop(format, arguments); }

KAPI(__stack_chk_fail, Real, void, ()) {
  char reason[256];
  format_text(reason, sizeof(reason), "stack-protector: Kernel stack is corrupted in: %pB",
              reinterpret_cast<void*>(kapi::gs_calls()->return_address()));
  kernel_print(KERN_EMERG "Kernel panic - not syncing: %s\n", reason);
  if (running().dump_stack) running().dump_stack(KERN_EMERG);
  running().panic(reason);
}

// WARN(condition, format...): its text comes before the trap that makes the report.
KAPI_VA(__warn_printk, Real, void, (const char* format), arguments) {
  kernel_print(KERN_WARNING "------------[ cut here ]------------\n");
  kernel_print_list(0, kLevelDefault, nullptr, format, arguments);
}

KAPI(test_taint, Real, int, (unsigned flag)) {
  return running().loader->registry().taints() >> flag & 1;
}
// enum lockdep_ok: whether lock debugging may go on; there is none that would stop.
KAPI(add_taint, Real, void, (unsigned flag, int lockdep)) {
  running().loader->registry().add_taint(static_cast<module::Taint>(flag));
}

KDATA(panic_timeout, Real, int);

}  // namespace

void warn_report(const char* file, int line, const char* function, const char* text) {
  kernel_print(KERN_WARNING "------------[ cut here ]------------\n");
  if (*text) kernel_print(KERN_WARNING "%s", text);
  if (running().warn) running().warn(file, line, function);
}

Running& running() {
  static Running the_kernel;
  return the_kernel;
}

}  // namespace ring3::kernel
