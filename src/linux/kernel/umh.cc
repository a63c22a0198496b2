// SPDX-License-Identifier: GPL-2.0-only
// call_usermodehelper() and its parts. A program is started from a kernel thread of its own, where
// the module's init function runs first; cleanup runs when nobody needs the description any more.
#include <cerrno>
#include <memory>

#include "kapi/kapi.h"
#include "linux/include/api_function.h"
#include "linux/include/slab.h"
#include "linux/kernel/kthread.h"
#include "linux/kernel/workqueue.h"
#include "machine/parking.h"

namespace ring3::k {
struct subprocess_info;
struct cred;
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

using Info = k::subprocess_info;
using Parking = machine::Parking;

KSIZE(subprocess_info);
KFIELD(subprocess_info, path, const char*);
KFIELD(subprocess_info, argv, char**);
KFIELD(subprocess_info, envp, char**);
KFIELD(subprocess_info, wait, int);
KFIELD(subprocess_info, retval, int);
KFIELD(subprocess_info, init, int (*)(Info*, k::cred*));
KFIELD(subprocess_info, cleanup, void (*)(Info*));
KFIELD(subprocess_info, data, void*);

// include/linux/umh.h
constexpr int kWaitExec = 1, kWaitExit = 2, kKillable = 4;

std::vector<std::string> texts(char* const* list) {
  std::vector<std::string> out;
  for (; list && *list; list++) out.emplace_back(*list);
  return out;
}

void free_info(Info* info) {
  if (subprocess_info_cleanup(info)) subprocess_info_cleanup(info)(info);
  kernel_free(info);
}

// init may change the credentials that the program gets, and the arguments; an errno of it is the
// result.
int run_init(Info* info) {
  auto init = subprocess_info_init(info);
  if (!init) return 0;
  auto* cred = api_function<k::cred*(k::task_struct*)>("prepare_kernel_cred")(current());
  if (!cred) return -ENOMEM;
  int error = init(info, cred);
  api_function<void(k::cred*)>("abort_creds")(cred);
  return error;
}

int start(Info* info, HelperWait wait) {
  if (int error = run_init(info)) return error;
  if (!running().user_mode_helper) return -ENOENT;
  UserProgram program{subprocess_info_path(info), texts(subprocess_info_argv(info)),
                      texts(subprocess_info_envp(info))};
  return running().user_mode_helper(program, wait);
}

// Shared by who waits and the thread that starts the program: a killable wait may end first.
struct Call {
  std::atomic<uint32_t> state{kRunning};
  enum : uint32_t { kRunning, kDone, kLeft };
};

void run(Info* info, int wait, const std::shared_ptr<Call>& call) {
  subprocess_info_retval(info) =
      start(info, wait & kWaitExit ? HelperWait::kExit : HelperWait::kExec);
  if (!call) return free_info(info);
  bool left = false;
  Parking::unpark(
      call.get(), [](uintptr_t) { return Parking::Decision::kWake; },
      [&](unsigned) { left = call->state.exchange(Call::kDone) == Call::kLeft; });
  if (left) free_info(info);
}

KAPI(call_usermodehelper_setup, Real, Info*,
     (const char* path, char** argv, char** envp, unsigned gfp, int (*init)(Info*, k::cred*),
      void (*cleanup)(Info*), void* data)) {
  auto* info = static_cast<Info*>(kernel_allocate(sizeof_subprocess_info(), gfp | kGfpZero));
  if (!info) return nullptr;
  subprocess_info_path(info) = path;
  subprocess_info_argv(info) = argv;
  subprocess_info_envp(info) = envp;
  subprocess_info_init(info) = init;
  subprocess_info_cleanup(info) = cleanup;
  subprocess_info_data(info) = data;
  return info;
}

KAPI(call_usermodehelper_exec, Real, int, (Info * info, int wait)) {
  const char* path = subprocess_info_path(info);
  if (!path || !*path) {  // an empty path is a helper that was configured away
    free_info(info);
    return path ? 0 : -EINVAL;
  }
  subprocess_info_wait(info) = wait;
  auto call = wait & (kWaitExec | kWaitExit) ? std::make_shared<Call>() : nullptr;
  start_kernel_thread("kworker/u:umh", ~0ull, [=] { run(info, wait, call); });
  if (!call) return 0;
  auto running_still = [&] { return call->state.load() == Call::kRunning; };
  while (running_still()) {
    auto parked = Parking::park(
        {.key = call.get(), .state = wait & kKillable ? kTaskKillable : kTaskUninterruptible},
        running_still);
    uint32_t expected = Call::kRunning;
    if (parked == machine::Parked::kSignal &&
        call->state.compare_exchange_strong(expected, Call::kLeft))
      return -EINTR;
  }
  int result = subprocess_info_retval(info);
  free_info(info);
  return result;
}

KAPI(call_usermodehelper, Real, int, (const char* path, char** argv, char** envp, int wait)) {
  Info* info =
      kapi_body_call_usermodehelper_setup(path, argv, envp, kGfpKernel, nullptr, nullptr, nullptr);
  return info ? kapi_body_call_usermodehelper_exec(info, wait) : -ENOMEM;
}

// Helpers are switched off while a system sleeps, which this machine does not do.
KAPI(usermodehelper_read_trylock, Stub("helpers are never switched off"), int, ()) { return 0; }
KAPI(usermodehelper_read_lock_wait, Stub("helpers are never switched off"), long, (long timeout)) {
  return timeout < 0 ? -EINVAL : timeout;
}
KAPI(usermodehelper_read_unlock, Stub("helpers are never switched off"), void, ()) {}

}  // namespace
}  // namespace ring3::kernel
