// SPDX-License-Identifier: GPL-2.0-only
// The engines without any module: tasks, wake-ups, timers, the virtual interrupt, traps. "Module
// code" here is a loop in assembly, in a range that is declared as such.
#include "machine/machine.h"

#include <gtest/gtest.h>

#include <utility>

#include "kapi/crossing.h"
#include "machine/interrupts.h"
#include "machine/parking.h"

extern "C" {
void ring3_test_spin(const std::atomic<int>* until_nonzero);
extern const char ring3_test_spin_end[];
void ring3_test_store(int* where);
extern const char ring3_test_store_end[];
// Calls function(argument) with `bytes` (a multiple of 16) of stack in use.
void ring3_test_deep(uint64_t bytes, void (*function)(void*), void* argument);
extern const char ring3_test_deep_end[];
}
asm(R"(
        .text
ring3_test_spin:
1:      cmpl $0, (%rdi)
        je 1b
        ret
ring3_test_spin_end:
ring3_test_store:
        movl $7, (%rdi)
        ret
ring3_test_store_end:
ring3_test_deep:
        push %rbp
        mov %rsp, %rbp
        sub %rdi, %rsp
        mov %rdx, %rdi
        call *%rsi
        leave
        ret
ring3_test_deep_end:
)");

namespace ring3::machine {
namespace {

using namespace std::chrono_literals;

struct MachineTest : testing::Test {
  static void SetUpTestSuite() {
    static bool declared = false;  // the suite may be repeated
    if (std::exchange(declared, true)) return;
    add_module_code(reinterpret_cast<const void*>(&ring3_test_spin), ring3_test_spin_end);
    add_module_code(reinterpret_cast<const void*>(&ring3_test_store), ring3_test_store_end);
    add_module_code(reinterpret_cast<const void*>(&ring3_test_deep), ring3_test_deep_end);
  }
  void boot(unsigned cpus = 2, ClockKind clock = ClockKind::kReal) {
    machine = std::make_unique<Machine>(MachineOptions{.cpus = cpus, .clock = clock});
    machine->start();
  }
  std::unique_ptr<Machine> machine;
};

TEST_F(MachineTest, runs_a_task_to_its_end) {
  boot();
  int ran = 0;
  EXPECT_TRUE(machine->scheduler().run("one", [&] { ran++; }));
  EXPECT_EQ(1, ran);
}

TEST_F(MachineTest, sleepers_of_an_ended_machine_are_forgotten) {
  static const char key = 0;
  boot();
  Task* sleeper = machine->scheduler().create(
      "sleeper", [] { Parking::park({.key = &key}, [] { return true; }); });
  EXPECT_TRUE(machine->scheduler().run("waker", [&] {
    machine->scheduler().wake(sleeper);
    while (!Parking::waiters(&key)) machine->scheduler().schedule();
  }));
  machine.reset();
  EXPECT_EQ(0u, Parking::waiters(&key));
}

TEST_F(MachineTest, many_tasks_yield_to_each_other) {
  boot();
  std::atomic<int> steps{0};
  auto& scheduler = machine->scheduler();
  EXPECT_TRUE(scheduler.run("parent", [&] {
    std::vector<Task*> children;
    for (int i = 0; i < 20; i++) {
      children.push_back(scheduler.create("child", [&] {
        for (int n = 0; n < 100; n++) {
          steps++;
          scheduler.schedule();
        }
      }));
      scheduler.wake(children.back());
    }
    for (Task* child : children) {
      scheduler.join(child);
      scheduler.destroy(child);
    }
  }));
  EXPECT_EQ(2000, steps.load());
}

TEST_F(MachineTest, a_wake_up_between_setting_the_state_and_sleeping_is_not_lost) {
  boot();
  auto& scheduler = machine->scheduler();
  EXPECT_TRUE(scheduler.run("sleeper", [&] {
    Task* self = Scheduler::current();
    for (int i = 0; i < 2000; i++) {
      std::atomic<bool> condition{false};
      Task* waker = scheduler.create("waker", [&] {
        condition = true;
        scheduler.wake(self);
      });
      self->state->store(kUninterruptible);
      scheduler.wake(waker);
      while (!condition) {
        scheduler.schedule();
        if (!condition) self->state->store(kUninterruptible);
      }
      self->state->store(kRunning);
      scheduler.join(waker);
      scheduler.destroy(waker);
    }
  }));
}

// A timer whose function notes whether it ran in interrupt context and sets a word.
struct NotingTimer : Timer {
  NotingTimer() {
    function = [](Timer* timer) {
      auto& self = *static_cast<NotingTimer*>(timer);
      self.count_seen = Cpu::current()->preempt_count().load();
      self.fired = 1;
    };
  }
  std::atomic<int> fired{0};
  unsigned count_seen = 0;
};

TEST_F(MachineTest, a_task_that_spins_in_module_code_is_interrupted_by_a_timer) {
  boot(1);
  NotingTimer timer;
  EXPECT_TRUE(machine->scheduler().run("spinner", [&] {
    machine->timers().add(&timer, machine->clock().now_ns() + 1'000'000);
    ring3_test_spin(&timer.fired);  // ends only if the timer runs while this CPU is in the loop
  }));
  EXPECT_EQ(1, timer.fired.load());
  EXPECT_EQ(kHardirqOffset, timer.count_seen & kHardirqMask);
}

// The loops below end only when the tick's signal has come: it found runtime code, and was noted.
TEST_F(MachineTest, runtime_code_is_not_interrupted_and_takes_the_interrupt_when_it_is_left) {
  boot(1);
  NotingTimer timer;
  int fired_inside = -1, fired_after = -1;
  EXPECT_TRUE(machine->scheduler().run("runtime", [&] {
    machine->timers().add(&timer, machine->clock().now_ns());
    {
      kapi::Crossing inside(nullptr);
      while (!kapi::gs_interrupt_pending()) {
      }
      fired_inside = timer.fired;
    }
    fired_after = timer.fired;
  }));
  EXPECT_EQ(0, fired_inside);
  EXPECT_EQ(1, fired_after);
  EXPECT_EQ(kHardirqOffset, timer.count_seen & kHardirqMask);
}

TEST_F(MachineTest, interrupts_that_are_off_wait_until_they_are_on) {
  boot(1);
  NotingTimer timer;
  int fired_off = -1;
  EXPECT_TRUE(machine->scheduler().run("cli", [&] {
    disable_interrupts();
    machine->timers().add(&timer, machine->clock().now_ns());
    while (!kapi::gs_interrupt_pending()) kapi::Crossing nothing(nullptr);
    { kapi::Crossing nothing(nullptr); }
    fired_off = timer.fired;
    enable_interrupts();
  }));
  EXPECT_EQ(0, fired_off);
  EXPECT_EQ(1, timer.fired.load());
}

void call_the_kernel(void*) { kapi::Crossing inside(nullptr); }

TEST_F(MachineTest, calls_from_deeper_than_linuxs_stack_reach_the_hook) {
  machine = std::make_unique<Machine>(MachineOptions{.cpus = 1});
  int calls = 0;
  machine->hooks.stack_is_deep = [&](Cpu&, const host::Registers* registers) {
    EXPECT_EQ(nullptr, registers);
    calls++;
  };
  machine->start();
  int calls_shallow = -1;
  EXPECT_TRUE(machine->scheduler().run("deep", [&] {
    ring3_test_deep(4096, &call_the_kernel, nullptr);
    calls_shallow = calls;
    ring3_test_deep(kLinuxStackSize, &call_the_kernel, nullptr);
  }));
  EXPECT_EQ(0, calls_shallow);
  EXPECT_EQ(1, calls);
}

TEST_F(MachineTest, an_interrupt_finds_module_code_too_deep) {
  machine = std::make_unique<Machine>(MachineOptions{.cpus = 1});
  std::atomic<int> calls{0};
  uint64_t ip = 0;
  machine->hooks.stack_is_deep = [&](Cpu&, const host::Registers* registers) {
    ip = registers ? registers->ip : 0;
    calls++;
  };
  machine->start();
  EXPECT_TRUE(machine->scheduler().run("deep", [&] {
    ring3_test_deep(kLinuxStackSize, reinterpret_cast<void (*)(void*)>(&ring3_test_spin), &calls);
  }));
  EXPECT_GE(ip, reinterpret_cast<uint64_t>(&ring3_test_spin));
  EXPECT_LT(ip, reinterpret_cast<uint64_t>(ring3_test_spin_end));
}

TEST_F(MachineTest, an_interrupt_has_a_stack_of_its_own) {
  machine = std::make_unique<Machine>(MachineOptions{.cpus = 1});
  std::atomic<int> calls{0};
  machine->hooks.stack_is_deep = [&](Cpu&, const host::Registers*) { calls++; };
  machine->start();
  NotingTimer timer;
  timer.function = [](Timer* fired) {
    ring3_test_deep(4096, &call_the_kernel, nullptr);
    static_cast<NotingTimer*>(fired)->fired = 1;
  };
  int calls_after = -1;
  EXPECT_TRUE(machine->scheduler().run("interrupted", [&] {
    machine->timers().add(&timer, machine->clock().now_ns());
    // Not too deep for itself, but both together would be.
    ring3_test_deep(kLinuxStackSize - 4096, reinterpret_cast<void (*)(void*)>(&ring3_test_spin),
                    &timer.fired);
    calls_after = calls;
    ring3_test_deep(kLinuxStackSize, &call_the_kernel, nullptr);  // the limit is the task's again
  }));
  EXPECT_EQ(0, calls_after);
  EXPECT_EQ(1, calls.load());
}

TEST_F(MachineTest, spinning_tasks_share_one_cpu_by_slices) {
  boot(1);
  auto& scheduler = machine->scheduler();
  std::atomic<int> first{0};
  EXPECT_TRUE(scheduler.run("spinner", [&] {
    Task* other = scheduler.create("other", [&] { first = 1; });
    scheduler.wake(other);
    ring3_test_spin(&first);  // only `other` can end it, on the same CPU
    scheduler.join(other);
    scheduler.destroy(other);
  }));
}

TEST_F(MachineTest, virtual_time_skips_sleeps) {
  boot(2, ClockKind::kVirtual);
  uint64_t host_before = host::host_now_ns();
  uint64_t slept = 0;
  EXPECT_TRUE(machine->scheduler().run("sleeper", [&] {
    struct Wake : Timer {
      Task* task;
    } timer;
    timer.task = Scheduler::current();
    timer.function = [](Timer* t) {
      Machine::instance()->scheduler().wake(static_cast<Wake*>(t)->task);
    };
    uint64_t before = machine->clock().now_ns();
    timer.task->state->store(kUninterruptible);
    machine->timers().add(&timer, before + 3'600'000'000'000);
    machine->scheduler().schedule();
    slept = machine->clock().now_ns() - before;
  }));
  EXPECT_GE(slept, 3'600'000'000'000u);
  EXPECT_LT(host::host_now_ns() - host_before, 60'000'000'000u);
}

TEST_F(MachineTest, a_fault_in_module_code_reaches_the_trap_hook_and_kills_the_task) {
  machine = std::make_unique<Machine>(MachineOptions{.cpus = 1});
  uint64_t fault_address = 0, fault_ip = 0;
  machine->hooks.trap = [&](Cpu& cpu, host::Registers& registers, const host::Fault& fault) {
    fault_address = fault.address;
    fault_ip = registers.ip;
    cpu.machine().scheduler().exit_current(true);
  };
  machine->start();
  EXPECT_FALSE(
      machine->scheduler().run("crash", [] { ring3_test_store(reinterpret_cast<int*>(0x10)); }));
  EXPECT_EQ(0x10u, fault_address);
  EXPECT_EQ(reinterpret_cast<uint64_t>(&ring3_test_store), fault_ip);
  EXPECT_TRUE(machine->scheduler().run("after", [] {}));  // the machine lives
}

TEST_F(MachineTest, a_trap_hook_that_returns_continues_with_its_registers) {
  machine = std::make_unique<Machine>(MachineOptions{.cpus = 1});
  int fixed = 0;
  machine->hooks.trap = [&](Cpu&, host::Registers& registers, const host::Fault&) {
    registers.di = reinterpret_cast<uint64_t>(&fixed);
  };
  machine->start();
  EXPECT_TRUE(machine->scheduler().run("fixup", [] { ring3_test_store(nullptr); }));
  EXPECT_EQ(7, fixed);
}

TEST_F(MachineTest, machines_follow_each_other) {
  for (int i = 0; i < 5; i++) {
    boot();
    EXPECT_TRUE(machine->scheduler().run("task", [] {}));
    machine.reset();
  }
}

}  // namespace
}  // namespace ring3::machine
