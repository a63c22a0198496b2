// SPDX-License-Identifier: GPL-2.0-only
// Parking without any kernel struct: a lock and a gate made of one word each, several CPUs.
#include "machine/parking.h"

#include <gtest/gtest.h>

#include "machine/machine.h"

namespace ring3::machine {
namespace {

struct ParkingTest : testing::Test {
  Machine machine{MachineOptions{.cpus = 2}};
  Scheduler& scheduler = machine.scheduler();

  // Runs `count` tasks with `body` to their end.
  void run_tasks(int count, const std::function<void()>& body) {
    EXPECT_TRUE(scheduler.run("parent", [&] {
      std::vector<Task*> tasks;
      for (int i = 0; i < count; i++) tasks.push_back(scheduler.create("child", body));
      for (Task* task : tasks) scheduler.wake(task);
      for (Task* task : tasks) {
        scheduler.join(task);
        scheduler.destroy(task);
      }
    }));
  }
};

TEST_F(ParkingTest, a_lock_of_one_word_excludes) {
  machine.start();
  std::atomic<bool> locked{false};
  long counted = 0;  // not atomic: the lock is what orders it
  run_tasks(6, [&] {
    for (int i = 0; i < 300; i++) {
      while (locked.exchange(true)) Parking::park({.key = &locked}, [&] { return locked.load(); });
      long before = counted;
      if (i % 16 == 0) scheduler.schedule();
      counted = before + 1;
      Parking::unpark(
          &locked, [](uintptr_t) { return Parking::Decision::kWakeAndStop; },
          [&](unsigned) { locked = false; });
    }
  });
  EXPECT_EQ(6 * 300, counted);
  EXPECT_EQ(0u, Parking::waiters(&locked));
}

TEST_F(ParkingTest, a_deadline_ends_the_sleep_of_whom_nobody_wakes) {
  machine.start();
  std::atomic<int> timeouts{0};
  int key = 0;
  run_tasks(4, [&] {
    uint64_t deadline = machine.clock().now_ns() + 1'000'000;
    if (Parking::park({.key = &key, .deadline_ns = deadline}, [] { return true; }) ==
            Parked::kTimeout &&
        machine.clock().now_ns() >= deadline)
      timeouts++;
  });
  EXPECT_EQ(4, timeouts.load());
  EXPECT_EQ(0u, Parking::waiters(&key));
}

TEST_F(ParkingTest, wake_ups_and_deadlines_that_meet_end_each_sleep_once) {
  machine.start();
  std::atomic<int> woken{0}, timeouts{0}, unparked{0};
  int key = 0;
  run_tasks(4, [&] {
    for (int i = 0; i < 100; i++) {
      uint64_t deadline = machine.clock().now_ns() + 50'000;
      Parked how = Parking::park({.key = &key, .deadline_ns = deadline}, [] { return true; });
      (how == Parked::kWoken ? woken : timeouts)++;
      unparked += static_cast<int>(Parking::unpark_all(&key));
    }
  });
  EXPECT_EQ(400, woken + timeouts);
  EXPECT_EQ(unparked.load(), woken.load());
}

TEST_F(ParkingTest, waiters_are_asked_in_their_order_and_the_first_place_is_the_first) {
  machine.start();
  int key = 0;
  std::vector<uintptr_t> asked;
  EXPECT_TRUE(scheduler.run("parent", [&] {
    std::vector<Task*> tasks;
    for (uintptr_t tag : {1, 2, 3}) {
      tasks.push_back(scheduler.create("child", [&key, tag] {
        Parking::park(
            {.key = &key, .tag = tag}, [] { return true; }, tag == 3);
      }));
      scheduler.wake(tasks.back());
      while (Parking::waiters(&key) < tag) scheduler.schedule();
    }
    auto note = [&](uintptr_t tag) {
      asked.push_back(tag);
      return Parking::Decision::kWake;
    };
    EXPECT_EQ(3u, Parking::unpark(&key, note, [](unsigned left) { EXPECT_EQ(0u, left); }));
    for (Task* task : tasks) {
      scheduler.join(task);
      scheduler.destroy(task);
    }
  }));
  EXPECT_EQ((std::vector<uintptr_t>{3, 1, 2}), asked);
}

}  // namespace
}  // namespace ring3::machine
