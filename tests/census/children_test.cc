// SPDX-License-Identifier: GPL-2.0-only
// A census goes on whatever a module does to its child.
#include "ring3/children.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

namespace ring3::tools {
namespace {

using Fate = Answer::Fate;
constexpr std::chrono::minutes kLong{1};

TEST(Children, answers_come_in_the_order_of_the_items) {
  auto answers = in_children(100, {3, 7, kLong}, [](size_t i) { return std::to_string(i * i); });
  ASSERT_EQ(100u, answers.size());
  for (size_t i = 0; i < answers.size(); i++) {
    EXPECT_EQ(Fate::kAnswered, answers[i].fate);
    EXPECT_EQ(std::to_string(i * i), answers[i].text);
  }
}

TEST(Children, answers_may_be_empty_or_larger_than_a_pipe) {
  auto answers =
      in_children(4, {2, 4, kLong}, [](size_t i) { return std::string(i * 1'000'000, 'x'); });
  for (size_t i = 0; i < answers.size(); i++) EXPECT_EQ(i * 1'000'000, answers[i].text.size());
}

TEST(Children, who_dies_is_blamed_and_the_rest_is_done) {
  auto answers = in_children(10, {2, 10, kLong}, [](size_t i) -> std::string {
    if (i == 3) kill(getpid(), SIGKILL);
    if (i == 4) _exit(1);
    return "done";
  });
  for (size_t i = 0; i < answers.size(); i++)
    EXPECT_EQ(i == 3 || i == 4 ? Fate::kDied : Fate::kAnswered, answers[i].fate) << i;
  EXPECT_EQ(SIGKILL, answers[3].signal);
  EXPECT_EQ(0, answers[4].signal);
}

TEST(Children, who_hangs_is_ended_with_its_threads) {
  auto answers =
      in_children(4, {1, 4, std::chrono::milliseconds(300)}, [](size_t i) -> std::string {
        if (i == 1) std::thread([] { pause(); }).join();
        return "done";
      });
  EXPECT_EQ(Fate::kAnswered, answers[0].fate);
  EXPECT_EQ(Fate::kLate, answers[1].fate);
  EXPECT_EQ(Fate::kAnswered, answers[2].fate);
  EXPECT_EQ("done", answers[3].text);
}

TEST(Children, no_items) {
  EXPECT_TRUE(in_children(0, {2, 1, kLong}, [](size_t) { return ""; }).empty());
}

}  // namespace
}  // namespace ring3::tools
