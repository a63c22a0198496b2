// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/memory.h"

#include <gtest/gtest.h>

#include "machine/memory/memory_fixture.h"

namespace ring3::machine {
namespace {

TEST_F(MemoryTest, machines_come_one_after_another) {
  for (bool guarded : {false, true, false}) {
    create(guarded);
    EXPECT_TRUE(has_memory());
    auto* value = static_cast<int*>(allocate(100, 1, true));
    ASSERT_TRUE(value);
    EXPECT_EQ(0, *value);
    *value = 1;
    EXPECT_TRUE(vmalloc_space().allocate({.size = 5000}));
    EXPECT_TRUE(percpu().allocate(8, 8, 1));
    destroy_memory();
    EXPECT_FALSE(has_memory());
  }
}

// Every kind of allocation, as call site 0x2000 or another.
void allocate_each_kind(uint64_t owner, int& succeeded) {
  succeeded = 0;
  succeeded += heap().allocate({.size = 10, .owner = owner}) != nullptr;
  succeeded += heap().allocate({.size = 20000, .owner = owner}) != nullptr;
  succeeded += heap().allocate(*heap().class_for(64, false), {.owner = owner}) != nullptr;
  succeeded += vmalloc_space().allocate({.size = 10, .owner = owner}) != 0;
  succeeded += percpu().allocate(8, 8, owner) != 0;
}

TEST_F(MemoryTest, each_allocation_of_a_module_can_be_made_to_fail) {
  for (bool guarded : {false, true}) {
    create(guarded);
    FailPoint& point = allocation_fail_point();
    point.only_from(0x2000, 0x3000);
    int succeeded;
    point.count_only();
    allocate_each_kind(0x2000, succeeded);
    EXPECT_EQ(5, succeeded);
    ASSERT_EQ(5u, point.seen());
    for (uint64_t n = 1; n <= 5; n++) {
      point.fail_nth(n);
      allocate_each_kind(0x1000, succeeded);  // others are left alone
      EXPECT_EQ(5, succeeded);
      allocate_each_kind(0x2000, succeeded);
      EXPECT_EQ(4, succeeded) << n;
      EXPECT_EQ(1u, point.failed());
    }
    point.fail_from(3);
    allocate_each_kind(0x2000, succeeded);
    EXPECT_EQ(2, succeeded);
    EXPECT_TRUE(heap().allocate({.size = 10, .may_fail = false, .owner = 0x2000}));
    point.off();
    allocate_each_kind(0x2000, succeeded);
    EXPECT_EQ(5, succeeded);
    destroy_memory();
  }
}

TEST_F(MemoryTest, lists_everything_that_a_call_site_holds) {
  create();
  int succeeded;
  allocate_each_kind(0x2000, succeeded);
  allocate_each_kind(0x4000, succeeded);
  page_allocator().allocate({.order = 1, .owner = 0x2500});
  int kinds[4] = {};
  for_each_held(0x2000, 0x3000, [&](const HeldMemory& held) {
    kinds[held.kind]++;
    EXPECT_LT(held.owner, 0x3000u);
    EXPECT_GE(held.owner, 0x2000u);
  });
  EXPECT_EQ(3, kinds[HeldMemory::kObject]);
  EXPECT_EQ(1, kinds[HeldMemory::kPages]);
  EXPECT_EQ(1, kinds[HeldMemory::kVmalloc]);
  EXPECT_EQ(1, kinds[HeldMemory::kPerCpu]);
}

}  // namespace
}  // namespace ring3::machine
