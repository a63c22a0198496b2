// SPDX-License-Identifier: GPL-2.0-only
#include "host/sandbox.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <iterator>

#include "base/sanitizers.h"

namespace ring3::host {
namespace {

Error failed(const char* what, int code) {
  return Error{
      code, fmt::format("cannot {}: {}; it is what --sandbox asks for, --no-sandbox goes without",
                        what, std::strerror(code))};
}

bool set_no_new_privileges() { return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0; }

}  // namespace

// libseccomp has no condition on the address of the calling code, so this filter is written out:
// the low and the high half of the address are compared one after the other, since BPF has 32 bits.
Result<void> forbid_system_calls_of(uint64_t begin, uint64_t end) {
  constexpr unsigned kArch = offsetof(seccomp_data, arch);
  constexpr unsigned kLow = offsetof(seccomp_data, instruction_pointer), kHigh = kLow + 4;
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kArch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 6),  // else trap
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kHigh),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(begin >> 32), 0, 3),  // else allow
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kLow),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, static_cast<uint32_t>(begin), 0, 1),  // else allow
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, static_cast<uint32_t>(end), 0, 1),    // at most end: trap
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
  };
  sock_fprog program{static_cast<unsigned short>(std::size(code)), code};
  if (!set_no_new_privileges()) return failed("set no_new_privs", errno);
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    return failed("filter the system calls of modules", errno);
  return {};
}

namespace {

// Landlock's ABI by number, since the headers of the build host may be older than the host that it
// runs on (uapi/linux/landlock.h).
constexpr long kCreateRuleset = 444, kRestrictSelf = 446;
constexpr unsigned kAskVersion = 1;
struct Ruleset {
  uint64_t files, network, scopes;
};
// Rights by the version that brought them, as bits from 0 up.
struct LandlockVersion {
  int first;
  unsigned file_rights, network_rights, scopes;
};
constexpr LandlockVersion kVersions[] = {
    {1, 13, 0, 0}, {2, 14, 0, 0}, {3, 15, 0, 0}, {4, 15, 2, 0}, {5, 16, 2, 0}, {6, 16, 2, 2},
};

constexpr uint64_t bits(unsigned count) { return (1ull << count) - 1; }

}  // namespace

int give_up_files() {
  long version = ::syscall(kCreateRuleset, nullptr, 0, kAskVersion);
  if (version <= 0 || !set_no_new_privileges()) return 0;
  Ruleset rules{};
  for (const LandlockVersion& row : kVersions)
    if (version >= row.first)
      rules = {bits(row.file_rights), bits(row.network_rights), bits(row.scopes)};
  // Older hosts accept a longer struct whose tail is zero.
  long ruleset = ::syscall(kCreateRuleset, &rules, sizeof(rules), 0);
  if (ruleset < 0) return 0;
  long error = ::syscall(kRestrictSelf, ruleset, 0);
  ::close(static_cast<int>(ruleset));
  return error ? 0 : static_cast<int>(version);
}

#if defined(RING3_ASAN) || defined(RING3_TSAN)
Result<void> keep_only_needed_system_calls() { return {}; }
#else

namespace {

constexpr int kNeeded[] = {
    // memory
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(brk),
    SCMP_SYS(memfd_create),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate),
    // threads, time, signals of this process
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(timer_create),
    SCMP_SYS(timer_settime),
    SCMP_SYS(timer_delete),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(getrandom),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(pause),
    SCMP_SYS(membarrier),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(uname),
    SCMP_SYS(geteuid),
    SCMP_SYS(sysinfo),
    // descriptors that are open, and those that arrive
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(accept4),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockopt),
};

// A call with a condition on one argument: its value under the mask.
struct Conditional {
  int call;
  unsigned argument;
  uint64_t mask, value;
};

}  // namespace

Result<void> keep_only_needed_system_calls() {
  const auto self = static_cast<uint64_t>(::getpid());
  constexpr uint64_t kInt = 0xffff'ffff;
  const Conditional conditional[] = {
      {SCMP_SYS(clone), 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM},  // threads only
      {SCMP_SYS(tgkill), 0, kInt, self},
      {SCMP_SYS(process_vm_readv), 0, kInt, self},
      {SCMP_SYS(socketpair), 0, kInt, AF_UNIX},
      {SCMP_SYS(newfstatat), 3, kInt, AT_EMPTY_PATH},  // fstat()
      // Not F_SETOWN, which would let another process be signalled.
      {SCMP_SYS(fcntl), 1, kInt, F_GETFL},
      {SCMP_SYS(fcntl), 1, kInt, F_GETFD},
      {SCMP_SYS(fcntl), 1, kInt, F_SETLEASE},
      {SCMP_SYS(fcntl), 1, kInt, F_DUPFD_CLOEXEC},
  };
  scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (!filter) return failed("make a filter of system calls", ENOMEM);
  int error = ::seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
  // Of two filters the harsher answer counts, and the library's own one for other architectures
  // (int 0x80) ends the thread without a word: a CPU would be gone and its callers wait for ever.
  if (!error) error = ::seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_TRAP);
  // A tree instead of a list: every call of the machine goes through it.
  if (!error) error = ::seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
  for (int call : kNeeded)
    if (!error) error = ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
  for (const Conditional& one : conditional) {
    if (error) break;
    error = ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, one.call, 1,
                               SCMP_CMP(one.argument, SCMP_CMP_MASKED_EQ, one.mask, one.value));
  }
  // Its flags lie in memory, where a filter cannot look; libc takes clone() when there is none.
  if (!error) error = ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  if (!error) error = ::seccomp_load(filter);
  ::seccomp_release(filter);
  if (error) return failed("filter the system calls of the machine", -error);
  return {};
}
#endif

std::string system_call_name(int number) {
  char* name = ::seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, number);
  std::string text = name ? name : fmt::format("system call {}", number);
  ::free(name);
  return text;
}

}  // namespace ring3::host
