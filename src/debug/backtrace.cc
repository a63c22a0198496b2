// SPDX-License-Identifier: GPL-2.0-only
#include "debug/backtrace.h"

#include "link/module_space.h"
#include "machine/machine.h"

namespace ring3::debug {
namespace {

constexpr size_t kMostFrames = 64;  // a recursion that overflowed would fill the log

FrameState outer_of(const kapi::CallRecord& call) {
  return {.ip = call.return_address(), .sp = call.cfa, .bp = call.rbp, .exact_ip = false};
}

}  // namespace

std::vector<TraceEntry> Backtrace::of_current(const host::Registers* registers) const {
  machine::Cpu& cpu = *machine::Cpu::current();
  const machine::Stack& stack = machine::Scheduler::current()->stack();
  const machine::Stack& trap_stack = cpu.trap_stack();
  bool any_stack = stack.top == 0;  // the idle task runs on its host thread's
  ReadStack read = [&](uint64_t address) -> std::optional<uint64_t> {
    bool inside = any_stack || stack.contains(address) || trap_stack.contains(address);
    if (!inside || address % 8) return std::nullopt;
    return *reinterpret_cast<const uint64_t*>(address);
  };

  std::vector<TraceEntry> trace;
  const kapi::CallRecord* call = kapi::gs_calls();
  FrameState frame;
  bool in_module = registers && link::ModuleSpace::contains(registers->ip);
  if (in_module || (registers && !call)) {
    frame = {.ip = registers->ip,
             .sp = registers->sp,
             .bp = registers->bp,
             .exact_ip = true,
             .r10 = registers->r10,
             .r13 = registers->r13,
             .dx = registers->dx,
             .di = registers->di};
  } else {
    if (!call) return trace;
    if (call->function) trace.push_back({0, true, call->function});
    frame = outer_of(*call);
    call = call->outer;
  }
  // A call through a bad pointer: the return address is on top of the stack.
  if (registers && !registry_.containing(frame.ip) && frame.exact_ip) {
    trace.push_back({frame.ip, true, nullptr});
    auto ip = read(frame.sp);
    if (!ip) return trace;
    frame.ip = *ip;
    frame.sp += 8;
    frame.exact_ip = false;
  }
  while (trace.size() < kMostFrames) {
    module::Module* module = registry_.containing(frame.exact_ip ? frame.ip : frame.ip - 1);
    if (module) {
      trace.push_back({frame.ip, frame.exact_ip, nullptr});
      auto caller = unwind_module_frame(*module, frame, read);
      if (!caller || caller->sp <= frame.sp) return trace;
      frame = *caller;
      continue;
    }
    // The runtime called the module: go on at the call from module code that led there.
    while (call && call->cfa <= frame.sp) call = call->outer;
    if (!call) return trace;
    if (call->function) trace.push_back({0, true, call->function});
    frame = outer_of(*call);
    call = call->outer;
  }
  return trace;
}

}  // namespace ring3::debug
