// SPDX-License-Identifier: GPL-2.0-only
// jiffies: the machine's time in ticks, as a word that modules read inline. It is computed, not
// counted: whoever needs it in the runtime asks jiffies(), and the exported word is brought up to
// date by the tick's signal handler (also while module code spins with interrupts off), when a CPU
// leaves idling, and by every look at it from the runtime. It starts five minutes before it wraps
// at 32 bits, as Linux's does.
#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/time.h"
#include "linux/kernel/sched/sched.h"

namespace ring3::kernel {
namespace {

std::atomic<unsigned> ticks_a_second{250};
std::atomic<uint64_t*> exported[2] = {};  // jiffies_64, jiffies

uint64_t first_jiffies() { return static_cast<uint32_t>(-300 * static_cast<int>(hz())); }

// Async-signal-safe.
void time_passed(machine::Machine& machine) {
  uint64_t now = first_jiffies() + machine.clock().now_ns() / tick_ns();
  for (auto& place : exported) {
    uint64_t* at = place.load(std::memory_order_relaxed);
    if (!at) continue;
    std::atomic_ref<uint64_t> value(*at);
    uint64_t old = value.load(std::memory_order_relaxed);
    while (old < now && !value.compare_exchange_weak(old, now)) {
    }
  }
}

KDATA(jiffies_64, Real, unsigned long);
KDATA_ALIAS(jiffies, jiffies_64, Real, unsigned long);
// Loops of __delay() a tick; a delay is measured by the clock here, so this is a plausible number.
KDATA_INIT(loops_per_jiffy, Partial("a constant: delays are measured, not counted"), nullptr,
           sizeof(unsigned long))
{ *static_cast<unsigned long*>(at) = 4'000'000; }

}  // namespace

unsigned ticks_per_second(const target::Target& target) {
  unsigned value = 0;
  for (char digit : target.config("CONFIG_HZ").value_or("250")) value = value * 10 + digit - '0';
  return value ? value : 250;
}

unsigned hz() { return ticks_a_second.load(std::memory_order_relaxed); }
uint64_t tick_ns() { return kSecondNs / hz(); }

uint64_t jiffies() {
  time_passed(machine_());
  return first_jiffies() + machine_().clock().now_ns() / tick_ns();
}

uint64_t time_of_jiffies(uint64_t value) {
  int64_t ticks = static_cast<int64_t>(value - first_jiffies());
  return ticks <= 0 ? 0 : static_cast<uint64_t>(ticks) * tick_ns();
}

void time_init(machine::Machine& machine, const kapi::Binding& binding) {
  ticks_a_second = ticks_per_second(binding.target());
  exported[0] = binding.address("jiffies_64").as<uint64_t>();
  exported[1] = binding.address("jiffies").as<uint64_t>();
  for (auto& place : exported)
    if (uint64_t* at = place.load()) *at = first_jiffies();
  machine.hooks.time_passed = time_passed;
  time_passed(machine);
}

void time_exit() {
  for (auto& place : exported) place = nullptr;
}

}  // namespace ring3::kernel
