// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/percpu.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

namespace ring3::machine {
namespace {

struct PerCpuTest : testing::Test {
  void SetUp() override {
    ASSERT_TRUE(percpu
                    .create({.cpus = 3,
                             .area_size = 1 << 20,
                             .static_size = 100,
                             .report = [this](const MemoryReport&) { reports++; }})
                    .ok());
  }
  int reports = 0;
  PerCpu percpu;
};

TEST_F(PerCpuTest, a_place_is_the_same_in_every_area_and_zero) {
  uint64_t place = percpu.allocate(40, 8, 1);
  ASSERT_GE(place, 128u);  // behind the static part
  for (unsigned cpu = 0; cpu < 3; cpu++) {
    auto* value = static_cast<uint64_t*>(percpu.at(cpu, place));
    EXPECT_EQ(0u, *value);
    *value = cpu;
  }
  for (unsigned cpu = 0; cpu < 3; cpu++)
    EXPECT_EQ(cpu, *reinterpret_cast<uint64_t*>(percpu.area(cpu) + place));
  percpu.free(place, 1);
  EXPECT_EQ(place, percpu.allocate(40, 8, 1));
  EXPECT_EQ(0u, *static_cast<uint64_t*>(percpu.at(2, place)));
}

TEST_F(PerCpuTest, an_offset_that_is_no_place_leads_to_unreadable_memory_and_is_found_again) {
  for (unsigned cpu = 0; cpu < 3; cpu++) {
    EXPECT_FALSE(percpu.place_behind(percpu.area(cpu) + (1 << 20) - 1));
    for (uint64_t offset : {1u << 20, 0x10000000u, 0x7fffffffu}) {
      EXPECT_EQ(offset, percpu.place_behind(percpu.area(cpu) + offset));
      EXPECT_FALSE(percpu.find(percpu.area(cpu) + offset));
    }
  }
  auto read_behind_the_last = [this] {
    signal(SIGSEGV, SIG_DFL);
    (void)*reinterpret_cast<volatile char*>(percpu.area(2) + 0x7fffffff);
  };
  EXPECT_EXIT(read_behind_the_last(), testing::KilledBySignal(SIGSEGV), "");
}

TEST_F(PerCpuTest, keeps_alignment_and_fills_gaps) {
  uint64_t small = percpu.allocate(1, 1, 1);
  uint64_t page = percpu.allocate(10, 4096, 1);
  EXPECT_EQ(0u, page % 4096);
  uint64_t gap = percpu.allocate(64, 64, 1);
  EXPECT_GT(gap, small);
  EXPECT_LT(gap, page);
  EXPECT_FALSE(percpu.allocate(8, 3, 1));
  EXPECT_FALSE(percpu.allocate(8, 8192, 1));
  EXPECT_FALSE(percpu.allocate(2 << 20, 8, 1));
}

TEST_F(PerCpuTest, all_room_comes_back) {
  for (int round = 0; round < 3; round++) {
    std::vector<uint64_t> places;
    for (uint64_t place; (place = percpu.allocate(1000, 8, 1));) places.push_back(place);
    EXPECT_GT(places.size(), 1000u);
    for (size_t i = 0; i < places.size(); i++)
      EXPECT_TRUE(percpu.free(places[i * 7919 % places.size()], 1));
    EXPECT_EQ(0u, percpu.bytes_in_use());
    uint64_t all = percpu.allocate((1 << 20) - 128, 8, 1);
    EXPECT_EQ(128u, all);
    percpu.free(all, 1);
  }
}

TEST_F(PerCpuTest, the_static_part_grows_only_before_the_first_allocation) {
  EXPECT_TRUE(percpu.reserve_static(1000));
  uint64_t place = percpu.allocate(8, 8, 1);
  EXPECT_GE(place, 1128u);
  EXPECT_FALSE(percpu.reserve_static(8));
}

TEST_F(PerCpuTest, finds_the_cpu_of_an_address) {
  auto position = percpu.find(percpu.area(2) + 500);
  ASSERT_TRUE(position);
  EXPECT_EQ(2u, position->cpu);
  EXPECT_EQ(500u, position->place);
  EXPECT_FALSE(percpu.find(percpu.area(0) - 1));
  EXPECT_FALSE(percpu.find(percpu.area(0) + (1 << 20)));
}

TEST_F(PerCpuTest, wrong_frees_are_reported) {
  uint64_t place = percpu.allocate(8, 8, 1);
  EXPECT_FALSE(percpu.free(place + 4, 1));
  EXPECT_TRUE(percpu.free(place, 1));
  EXPECT_FALSE(percpu.free(place, 1));
  EXPECT_EQ(2, reports);
}

TEST_F(PerCpuTest, serves_threads_at_once) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; t++)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; i++) {
        uint64_t place = percpu.allocate(static_cast<uint64_t>(8 + i % 100), 8, 1);
        std::memset(percpu.at(1, place), t, 8);
        EXPECT_TRUE(percpu.free(place, 1));
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(0u, percpu.bytes_in_use());
}

}  // namespace
}  // namespace ring3::machine
