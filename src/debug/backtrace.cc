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

void Backtrace::walk(const host::Registers* registers, const Visit& visit) const {
  machine::Cpu& cpu = *machine::Cpu::current();
  const machine::Stack& stack = machine::Scheduler::current()->stack();
  const machine::Stack& trap_stack = cpu.trap_stack();
  bool any_stack = stack.top == 0;  // the idle task runs on its host thread's
  ReadStack read = [&](uint64_t address) -> std::optional<uint64_t> {
    bool inside = any_stack || stack.contains(address) || trap_stack.contains(address);
    if (!inside || address % 8) return std::nullopt;
    return *reinterpret_cast<const uint64_t*>(address);
  };

  const kapi::CallRecord* call = kapi::gs_calls();
  FrameState frame;
  // The next call from module code into the runtime; false when there is none, or enough was seen.
  auto enter_call = [&] {
    if (!call || (call->function && !visit({0, true, call->function}, 0, 0))) return false;
    frame = outer_of(*call);
    call = call->outer;
    return true;
  };
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
  } else if (!enter_call()) {
    return;
  }
  // A call through a bad pointer: the return address is on top of the stack.
  if (registers && !registry_.containing(frame.ip) && frame.exact_ip) {
    if (!visit({frame.ip, true, nullptr}, 0, 0)) return;
    auto ip = read(frame.sp);
    if (!ip) return;
    frame.ip = *ip;
    frame.sp += 8;
    frame.exact_ip = false;
  }
  while (true) {
    module::Module* module = registry_.containing(frame.exact_ip ? frame.ip : frame.ip - 1);
    if (module) {
      auto caller = unwind_module_frame(*module, frame, read);
      bool more = caller && caller->sp > frame.sp;
      TraceEntry entry{frame.ip, frame.exact_ip, nullptr};
      if (!visit(entry, more ? frame.sp : 0, more ? caller->sp : 0) || !more) return;
      frame = *caller;
      continue;
    }
    // The runtime called the module: go on at the call from module code that led there.
    while (call && call->cfa <= frame.sp) call = call->outer;
    if (!enter_call()) return;
  }
}

std::vector<TraceEntry> Backtrace::of_current(const host::Registers* registers) const {
  std::vector<TraceEntry> trace;
  walk(registers, [&](const TraceEntry& entry, uint64_t, uint64_t) {
    trace.push_back(entry);
    return trace.size() < kMostFrames;
  });
  return trace;
}

ModuleFrames Backtrace::module_frames(const host::Registers* registers, uint64_t base) const {
  ModuleFrames frames;
  walk(registers, [&](const TraceEntry& entry, uint64_t from, uint64_t to) {
    if (from >= base) return false;
    if (!frames.innermost && !entry.function) {
      frames.innermost = entry.address;
      frames.exact = entry.exact;
    }
    frames.bytes += to - from;
    return true;
  });
  return frames;
}

}  // namespace ring3::debug
