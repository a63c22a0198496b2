// SPDX-License-Identifier: GPL-2.0-only
#include "machine/cpu.h"

#include "base/sanitizers.h"
#include "machine/interrupts.h"
#include "machine/machine.h"

namespace ring3::machine {

Cpu::Cpu(Machine& machine, unsigned number, uint64_t area)
    : machine_(machine), number_(number), area_(area), trap_stack_(machine.stacks().take()) {
  gs() = {};
  gs().cpu = this;
  // One value for all CPUs: a task may enter a function on one and leave it on another.
  gs().canary = 0x5d1ec0de00000000ull;
  idle_task_.reset(
      new Task(machine.scheduler(), 0, "swapper/" + std::to_string(number), {}, nullptr));
  gs().task = idle_task_.get();
  preempt_count() = kPreemptIdle;
}

Cpu::~Cpu() { machine_.stacks().give_back(trap_stack_); }

std::atomic<unsigned>& Cpu::preempt_count() {
  return *reinterpret_cast<std::atomic<unsigned>*>(area_ + machine_.options().preempt_count_offset);
}

void Cpu::set_kernel_task(uint64_t kernel_task) {
  *reinterpret_cast<uint64_t*>(area_ + machine_.options().current_task_offset) = kernel_task;
}

void Cpu::raise(Interrupt interrupt) {
  pending_.fetch_or(interrupt, std::memory_order_acq_rel);
  std::atomic_ref(gs().interrupt_pending).store(1, std::memory_order_release);
  wake_up();
  host::ThreadId thread = thread_id_.load(std::memory_order_acquire);
  if (thread && thread != host::current_thread()) host::kick(thread);
}

RING3_UNINSTRUMENTED void Cpu::note_tick() {
  auto* gs = reinterpret_cast<kapi::GsArea*>(area_);
  pending_.fetch_or(kTick, std::memory_order_acq_rel);
  __atomic_store_n(&gs->interrupt_pending, 1, __ATOMIC_RELEASE);
  idle_word_.fetch_add(1, std::memory_order_release);
}

uint32_t Cpu::take_pending() {
  std::atomic_ref(gs().interrupt_pending).store(0, std::memory_order_release);
  return pending_.exchange(0, std::memory_order_acq_rel);
}

void Cpu::start() {
  thread_ = std::thread([this] {
    host::set_gs_base(area_);
    attach_thread(this);
    tick_ = std::make_unique<host::KickTimer>();
    thread_id_.store(host::current_thread(), std::memory_order_release);
    machine_.scheduler().run_cpu(*this);
    thread_id_.store(0, std::memory_order_release);
    tick_.reset();
    attach_thread(nullptr);
    host::set_gs_base(0);
  });
}

void Cpu::join() {
  if (thread_.joinable()) thread_.join();
}

// The word changes before parked_ is read here, and parked_ is set before the word is compared in
// idle(): one of the two sees the other. A CPU that does not wait costs no system call.
void Cpu::wake_up() {
  idle_word_.fetch_add(1, std::memory_order_seq_cst);
  if (parked_.load(std::memory_order_seq_cst)) host::wake(idle_word_);
}

void Cpu::arm_tick(uint64_t first_ns) {
  tick_armed_ = true;
  tick_->arm(first_ns, machine_.options().tick_ns);
}

// One round: whoever wakes us changes idle_word_ first, so a change between reading it and waiting
// is noticed by the wait itself.
void Cpu::idle() {
  uint32_t word = idle_word_.load(std::memory_order_acquire);
  if (machine_.stopping()) return;
  if (kapi::gs_interrupt_pending()) return deliver_pending();
  Clock& clock = machine_.clock();
  uint64_t deadline = machine_.timers().next_deadline();
  if (deadline != ~0ull && clock.kind() == ClockKind::kVirtual && machine_.scheduler().all_idle())
    clock.skip_to(deadline);
  if (deadline <= clock.now_ns()) {
    note_tick();
    return deliver_pending();
  }
  if (tick_armed_) {
    tick_armed_ = false;
    tick_->disarm();
  }
  if (machine_.scheduler().work_for(*this)) return;
  parked_.store(true, std::memory_order_seq_cst);
  host::wait_on(idle_word_, word, deadline == ~0ull ? 0 : clock.to_host(deadline));
  parked_.store(false, std::memory_order_relaxed);
}

}  // namespace ring3::machine
