// SPDX-License-Identifier: GPL-2.0-only
// request_module(): runs modprobe for a name. Fifty at once; who comes later waits, five seconds at
// most.
#include "linux/kernel/kmod.h"

#include <cerrno>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/api_function.h"
#include "linux/include/format.h"
#include "linux/include/printk.h"
#include "linux/include/sched.h"
#include "machine/parking.h"
#include "module/dialect.h"

namespace ring3::kernel {
namespace {

using Parking = machine::Parking;

constexpr size_t kNameSize = 56;   // MODULE_NAME_LEN
constexpr size_t kPathSize = 256;  // KMOD_PATH_LEN
constexpr unsigned kConcurrent = 50;
constexpr uint64_t kPatienceSeconds = 5;

struct State {
  machine::SpinLock lock;
  char path[kPathSize] = "/sbin/modprobe";
  std::atomic<unsigned> free{kConcurrent};
};
State state;

bool take_place() {
  unsigned free = state.free.load();
  while (free)
    if (state.free.compare_exchange_weak(free, free - 1)) return true;
  return false;
}

void give_place() {
  Parking::unpark(
      &state, [](uintptr_t) { return Parking::Decision::kWakeAndStop; },
      [](unsigned) { state.free++; });
}

// One of the places, or a negative errno.
int wait_for_place(const char* name) {
  if (take_place()) return 0;
  // Since v6.5 nothing is said before the wait was in vain.
  if (!module::speaks_as_6_12(running().binding->target()))
    kernel_print(KERN_WARNING
                 "request_module: kmod_concurrent_max (%u) close to 0 (max_modprobes: %u), for "
                 "module %s, throttling...",
                 state.free.load(), kConcurrent, name);
  uint64_t deadline = machine_().clock().now_ns() + kPatienceSeconds * 1'000'000'000;
  while (true) {
    bool taken = false;
    auto parked = Parking::park({.key = &state, .state = kTaskKillable, .deadline_ns = deadline},
                                [&] { return !(taken = take_place()); });
    if (taken || take_place()) return 0;
    if (parked == machine::Parked::kSignal) return -kErrorRestart;
    if (parked == machine::Parked::kTimeout) break;
  }
  kernel_print(KERN_WARNING
               "request_module: modprobe %s cannot be processed, kmod busy with %d threads for "
               "more than %d seconds now",
               name, static_cast<int>(kConcurrent), static_cast<int>(kPatienceSeconds));
  return -ETIME;
}

char quiet[] = "-q", end_of_options[] = "--";
char home[] = "HOME=/", terminal[] = "TERM=linux", search[] = "PATH=/sbin:/usr/sbin:/bin:/usr/bin";

// Both kinds of waiting last until the program is started, so all of this may be on the stack.
int call_modprobe(const char* name, int wait) {
  char path[kPathSize];
  {
    machine::SpinGuard guard(state.lock);
    std::memcpy(path, state.path, kPathSize);
  }
  char* argv[] = {path, quiet, end_of_options, const_cast<char*>(name), nullptr};
  char* envp[] = {home, terminal, search, nullptr};
  return api_function<int(const char*, char**, char**, int)>("call_usermodehelper")(path, argv,
                                                                                    envp, wait);
}

KAPI_VA(__request_module, Real, int, (bool wait, const char* format), arguments) {
  if (modprobe_path().empty()) return -ENOENT;
  char name[kNameSize];
  if (format_text(name, sizeof(name), format, arguments) >= static_cast<int>(sizeof(name)))
    return -ENAMETOOLONG;
  return request_module(wait, name);
}

}  // namespace

int request_module(bool wait, const char* name) {
  constexpr int kWaitExec = 1, kWaitExit = 2;
  if (modprobe_path().empty()) return -ENOENT;
  if (int error = wait_for_place(name)) return error;
  int result = call_modprobe(name, wait ? kWaitExit : kWaitExec);
  give_place();
  return result;
}

std::string modprobe_path() {
  machine::SpinGuard guard(state.lock);
  return state.path;
}

void set_modprobe_path(std::string_view path) {
  machine::SpinGuard guard(state.lock);
  size_t length = std::min(path.size(), kPathSize - 1);
  std::memcpy(state.path, path.data(), length);
  state.path[length] = 0;
}

}  // namespace ring3::kernel
