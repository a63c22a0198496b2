// SPDX-License-Identifier: GPL-2.0-only
// Switching off, halting and restarting: the machine ends, never the host. Who registered for it is
// told before, and the log says it in Linux's words. What comes next lies with who made the
// machine (KernelOptions::on_end).
#include "linux/kernel/reboot.h"

#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/printk.h"
#include "linux/kernel/notifier.h"

namespace ring3::kernel {
namespace {

NotifierHead reboot_notifiers = nullptr;

// What notifiers are told (include/linux/reboot.h).
enum Event : unsigned long { kDown = 1, kHalted = 2, kOff = 3 };

void tell(Event event, const char* command) {
  call_notifiers(&reboot_notifiers, event, const_cast<char*>(command));
}

void restart(const char* command) {
  tell(kDown, command);
  if (command)
    kernel_print(KERN_EMERG "reboot: Restarting system with command '%s'\n", command);
  else
    kernel_print(KERN_EMERG "reboot: Restarting system\n");
  kernel_print(KERN_NOTICE "reboot: machine restart\n");
  running().end(MachineEnd::kRestart);
}

KAPI(register_reboot_notifier, Real, int, (k::notifier_block * block)) {
  return add_notifier(&reboot_notifiers, block, false);
}
KAPI(unregister_reboot_notifier, Real, int, (k::notifier_block * block)) {
  return remove_notifier(&reboot_notifiers, block);
}

KAPI(kernel_restart, Partial("its messages were compared with Linux by hand only"), void,
     (char* command)) {
  restart(command);
}
KAPI(kernel_halt, Partial("its messages were compared with Linux by hand only"), void, ()) {
  tell(kHalted, nullptr);
  kernel_print(KERN_EMERG "reboot: System halted\n");
  running().end(MachineEnd::kHalt);
}
KAPI(kernel_power_off, Partial("its messages were compared with Linux by hand only"), void, ()) {
  power_off();
}
// Nobody is told, and nothing is said.
KAPI(emergency_restart, Partial("its messages were compared with Linux by hand only"), void, ()) {
  running().end(MachineEnd::kRestart);
}

}  // namespace

void power_off() {
  tell(kOff, nullptr);
  kernel_print(KERN_EMERG "reboot: Power down\n");
  running().end(MachineEnd::kPowerOff);
}

void forget_reboot_notifiers() { reboot_notifiers = nullptr; }

}  // namespace ring3::kernel
