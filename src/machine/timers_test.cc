// SPDX-License-Identifier: GPL-2.0-only
#include "machine/timers.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace ring3::machine {
namespace {

struct Recorder : Timer {
  Recorder() {
    function = [](Timer* timer) { static_cast<Recorder*>(timer)->runs++; };
  }
  int runs = 0;
};

TEST(Timers, run_what_is_due_and_nothing_else) {
  Timers timers;
  Recorder soon, late;
  EXPECT_FALSE(timers.add(&soon, 1'000'000));
  EXPECT_FALSE(timers.add(&late, 3'600'000'000'000));
  EXPECT_EQ(1'000'000u, timers.next_deadline());
  timers.run(999'999);
  EXPECT_EQ(0, soon.runs);
  timers.run(1'000'000);
  EXPECT_EQ(1, soon.runs);
  EXPECT_EQ(0, late.runs);
  timers.run(3'600'000'000'000);
  EXPECT_EQ(1, late.runs);
  EXPECT_EQ(~0ull, timers.next_deadline());
}

TEST(Timers, a_pending_timer_moves_and_a_cancelled_one_does_not_run) {
  Timers timers;
  Recorder timer;
  timers.add(&timer, 5'000'000);
  EXPECT_TRUE(timers.add(&timer, 50'000'000));
  timers.run(10'000'000);
  EXPECT_EQ(0, timer.runs);
  EXPECT_TRUE(timers.cancel(&timer));
  EXPECT_FALSE(timers.cancel(&timer));
  timers.run(100'000'000);
  EXPECT_EQ(0, timer.runs);
}

TEST(Timers, a_deadline_in_the_past_runs_at_once) {
  Timers timers;
  Recorder timer;
  timers.run(1'000'000'000);
  timers.add(&timer, 5);
  timers.run(1'000'000'000);
  EXPECT_EQ(1, timer.runs);
}

// Against the obvious model: whatever the steps, each timer runs in the first step not before its
// deadline, and next_deadline is never late.
TEST(Timers, random_deadlines_and_steps_agree_with_a_sorted_list) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 50; round++) {
    Timers timers;
    uint64_t now = random() % 1'000'000'000'000;
    timers.run(now);
    std::vector<Recorder> all(200);
    for (Recorder& timer : all) timers.add(&timer, now + (random() >> (random() % 50 + 8)));
    for (int step = 0; step < 100; step++) {
      uint64_t earliest = ~0ull;
      for (Recorder& timer : all)
        if (!timer.runs && timer.deadline_ns < earliest) earliest = timer.deadline_ns;
      EXPECT_LE(timers.next_deadline(), earliest);
      now += random() >> (random() % 50 + 8);
      timers.run(now);
      for (Recorder& timer : all) EXPECT_EQ(timer.deadline_ns <= now ? 1 : 0, timer.runs);
    }
  }
}

}  // namespace
}  // namespace ring3::machine
