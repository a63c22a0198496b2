// SPDX-License-Identifier: GPL-2.0-only
#include "host/signals.h"

#include <linux/audit.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstring>

#include "base/check.h"
#include "base/sanitizers.h"
#include "host/thread.h"

namespace ring3::host {
namespace {

constexpr int kFaultSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
// Room for a signal frame with every vector register (11 KiB) and for instrumented handlers.
constexpr size_t kAlternateStackSize = 128 * 1024;

FaultHandler fault_handler;
KickNote kick_note;
KickHandler kick_handler;
struct sigaction previous[NSIG];

// The two layouts are tied member by member: glibc's gregs are in another order than pt_regs.
// Left as it is: clang-format moves this macro about at every run.
// clang-format off
#define RING3_EACH_REGISTER(X)                                                          \
  X(r15, REG_R15) X(r14, REG_R14) X(r13, REG_R13) X(r12, REG_R12) X(bp, REG_RBP)        \
  X(bx, REG_RBX) X(r11, REG_R11) X(r10, REG_R10) X(r9, REG_R9) X(r8, REG_R8)            \
  X(ax, REG_RAX) X(cx, REG_RCX) X(dx, REG_RDX) X(si, REG_RSI) X(di, REG_RDI)            \
  X(ip, REG_RIP) X(flags, REG_EFL) X(sp, REG_RSP)
// clang-format on

Registers registers_of(const ucontext_t& context) {
  Registers registers{};
#define X(name, index) registers.name = static_cast<uint64_t>(context.uc_mcontext.gregs[index]);
  RING3_EACH_REGISTER(X)
#undef X
  uint64_t segments = static_cast<uint64_t>(context.uc_mcontext.gregs[REG_CSGSFS]);
  registers.cs = segments & 0xffff;
  registers.ss = segments >> 48;
  return registers;
}

void set_registers(ucontext_t& context, const Registers& registers) {
#define X(name, index) context.uc_mcontext.gregs[index] = static_cast<greg_t>(registers.name);
  RING3_EACH_REGISTER(X)
#undef X
}

Fault fault_of(int signal, const siginfo_t& info, const ucontext_t& context) {
  Fault fault{};
  fault.kind = signal == SIGILL    ? Fault::kIllegal
               : signal == SIGFPE  ? Fault::kArithmetic
               : signal == SIGTRAP ? Fault::kBreakpoint
                                   : Fault::kMemory;
  if (signal == SIGSYS) {
    fault.kind = Fault::kSystemCall;
    fault.trap = kSystemCallTrap;
    fault.error_code = static_cast<uint64_t>(info.si_syscall);
    fault.foreign = info.si_arch != AUDIT_ARCH_X86_64;
    return fault;
  }
  fault.trap = static_cast<uint64_t>(context.uc_mcontext.gregs[REG_TRAPNO]);
  fault.error_code = static_cast<uint64_t>(context.uc_mcontext.gregs[REG_ERR]);
  // A general protection fault has no address; cr2 is left from some earlier page fault.
  fault.address = fault.trap == 14 ? reinterpret_cast<uint64_t>(info.si_addr) : 0;
  return fault;
}

void pass_on(int signal, siginfo_t* info, void* context) {
  const struct sigaction& old = previous[signal];
  if (old.sa_flags & SA_SIGINFO) return old.sa_sigaction(signal, info, context);
  if (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN) return old.sa_handler(signal);
  ::signal(signal, SIG_DFL);  // the instruction runs again, and this time the default acts
}

void on_fault(int signal, siginfo_t* info, void* context) {
  ucontext_t& user = *static_cast<ucontext_t*>(context);
  Registers registers = registers_of(user);
  // si_code <= 0: sent by somebody with kill(), not raised by an instruction.
  if (info->si_code > 0 && fault_handler && fault_handler(registers, fault_of(signal, *info, user)))
    return set_registers(user, registers);
  pass_on(signal, info, context);
}

void redirect(ucontext_t& user) {
  Registers registers = registers_of(user);
  int saved_errno = errno;
  kick_handler(registers);
  errno = saved_errno;
  set_registers(user, registers);
}

RING3_UNINSTRUMENTED void on_kick(int, siginfo_t* info, void* context) {
  ucontext_t& user = *static_cast<ucontext_t*>(context);
  auto ip = static_cast<uint64_t>(user.uc_mcontext.gregs[REG_RIP]);
  if (kick_note && kick_note(ip, info->si_code == SI_TIMER)) redirect(user);
}

// The kernel's struct sigaction.
struct KernelAction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  uint64_t mask;
};

// ThreadSanitizer's sigaction() puts a handler of its own in front, which holds an asynchronous
// signal back until the thread calls something it intercepts: module code in a loop never does. So
// the system call puts ours in its place, beside the restorer that libc chose.
void put_handler_itself(int signal, void (*handler)(int, siginfo_t*, void*)) {
  KernelAction action{};
  CHECK(syscall(SYS_rt_sigaction, signal, nullptr, &action, sizeof(action.mask)) == 0);
  action.handler = handler;
  CHECK(syscall(SYS_rt_sigaction, signal, &action, nullptr, sizeof(action.mask)) == 0);
}

}  // namespace

void install_signal_handlers(FaultHandler fault, KickNote note, KickHandler kick) {
  bool installed = fault_handler != nullptr;
  fault_handler = fault;
  kick_note = note;
  kick_handler = kick;
  if (installed) return;
  struct sigaction action {};
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, kick_signal());  // a kick never interrupts a handler
  action.sa_sigaction = on_fault;
  for (int signal : kFaultSignals) sigaction(signal, &action, &previous[signal]);
  action.sa_sigaction = on_kick;
  sigaction(kick_signal(), &action, nullptr);
  put_handler_itself(kick_signal(), on_kick);
}

void use_alternate_signal_stack() {
  char* memory =
      static_cast<char*>(mmap(nullptr, kAlternateStackSize + 4096, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  CHECK(memory != MAP_FAILED, "no memory for a signal stack");
  mprotect(memory, 4096, PROT_NONE);
  stack_t stack{};
  stack.ss_sp = memory + 4096;
  stack.ss_size = kAlternateStackSize;
  sigaltstack(&stack, nullptr);
}

void drop_alternate_signal_stack() {
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  stack_t old{};
  sigaltstack(&none, &old);
  if (old.ss_size == kAlternateStackSize && !(old.ss_flags & SS_DISABLE))
    munmap(static_cast<char*>(old.ss_sp) - 4096, kAlternateStackSize + 4096);
}

}  // namespace ring3::host
