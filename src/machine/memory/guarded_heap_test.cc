// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/guarded_heap.h"

#include <unistd.h>

#include <cstring>
#include <thread>

#include "machine/memory/memory_fixture.h"

namespace ring3::machine {
namespace {

// The host's kernel reads the byte for us: an error, not a signal, where it is unreadable.
bool readable(const void* address) {
  int ends[2];
  EXPECT_EQ(0, pipe(ends));
  bool good = write(ends[1], address, 1) == 1;
  close(ends[0]);
  close(ends[1]);
  return good;
}

struct GuardedHeapTest : MemoryTest {
  void SetUp() override { create(true); }
  GuardedHeap& guarded() { return static_cast<GuardedHeap&>(heap()); }
  char* take(size_t size, uint64_t owner = 0xa110c) {
    return static_cast<char*>(allocate(size, owner));
  }
};

TEST_F(GuardedHeapTest, the_byte_behind_an_object_cannot_be_touched) {
  for (size_t size : {8, 64, 96, 100, 1000, 4096, 8192, 12288}) {
    char* object = take(size);
    ASSERT_TRUE(object);
    EXPECT_EQ(0u, number(object) % natural_alignment(size)) << size;
    std::memset(object, 1, size);
    EXPECT_TRUE(readable(object + size - 1));
    size_t slack = size % 8 ? 8 - size % 8 : 0;
    EXPECT_FALSE(readable(object + size + slack)) << size;
  }
}

TEST_F(GuardedHeapTest, freed_memory_is_unreadable_and_not_given_out_again_soon) {
  char* object = take(100);
  EXPECT_TRUE(heap().free(object, 0xf1));
  EXPECT_FALSE(readable(object));
  for (int i = 0; i < 1000; i++) {
    char* other = take(100);
    EXPECT_NE(object, other);
    heap().free(other, 1);
  }
  auto found = heap().find(number(object));
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->live);
  EXPECT_EQ(0xa110cu, found->owner);
  EXPECT_EQ(0xf1u, found->freed_by);
}

TEST_F(GuardedHeapTest, tells_which_object_a_touched_guard_belongs_to) {
  char* object = take(64);
  auto found = heap().find(number(object + 64));
  ASSERT_TRUE(found);
  EXPECT_EQ(number(object), found->address);
  EXPECT_EQ(64u, found->size);
}

TEST_F(GuardedHeapTest, small_overruns_and_underruns_are_seen_at_free) {
  char* over = take(101);
  over[101] = 0;
  EXPECT_TRUE(heap().free(over, 0xf1));
  char* under = take(64);
  under[-1] = 0;
  EXPECT_TRUE(heap().free(under, 0xf2));
  ASSERT_EQ(2u, reports.size());
  EXPECT_EQ(MemoryReport::kOverrun, reports[0].kind);
  EXPECT_EQ(number(over) + 101, reports[0].address);
  EXPECT_EQ(number(under) - 1, reports[1].address);
}

TEST_F(GuardedHeapTest, double_and_bad_frees_are_reported) {
  char* object = take(64);
  EXPECT_FALSE(heap().free(object + 8, 0xf0));
  EXPECT_TRUE(heap().free(object, 0xf1));
  EXPECT_FALSE(heap().free(object, 0xf2));
  ASSERT_EQ(2u, reports.size());
  EXPECT_EQ(MemoryReport::kBadFree, reports[0].kind);
  EXPECT_EQ(MemoryReport::kDoubleFree, reports[1].kind);
  EXPECT_EQ(0xf1u, reports[1].object.freed_by);
}

TEST_F(GuardedHeapTest, short_memory_ends_the_quarantine_first) {
  // 64 MiB hold 8192 blocks of two pages; take many times that.
  for (int i = 0; i < 20000; i++) {
    char* object = take(64);
    ASSERT_TRUE(object);
    ASSERT_TRUE(heap().free(object, 1));
  }
  EXPECT_EQ(0u, guarded().statistics().unguarded);
  EXPECT_EQ(0u, guarded().statistics().live);
}

TEST_F(GuardedHeapTest, what_does_not_fit_any_more_is_served_unguarded) {
  destroy_memory();
  create(true, {.most_objects = 100});
  std::vector<char*> objects;
  for (int i = 0; i < 1000; i++) {
    objects.push_back(take(64));
    ASSERT_TRUE(objects.back());
  }
  EXPECT_EQ(900u, guarded().statistics().unguarded);
  for (char* object : objects) EXPECT_TRUE(heap().free(object, 1));
  EXPECT_EQ(0u, heap().class_for(64, false)->live());
  heap().for_each_object(0, ~0ull, [](const HeapObject&) { ADD_FAILURE(); });
}

TEST_F(GuardedHeapTest, caches_construct_each_object_and_count_it) {
  static int constructed;
  constructed = 0;
  Cache* cache = heap().create_cache({.name = "made", .size = 40, .construct = [](void* at) {
                                        std::memset(at, ++constructed, 40);
                                      }});
  auto* object = static_cast<char*>(heap().allocate(*cache, {}));
  EXPECT_EQ(1, object[39]);
  EXPECT_EQ(1u, heap().destroy_cache(cache));
  EXPECT_TRUE(heap().free(object, 1, cache));
  EXPECT_EQ(0u, heap().destroy_cache(cache));
}

TEST_F(GuardedHeapTest, type_stable_objects_stay_readable) {
  Cache* cache = heap().create_cache({.name = "rcu", .size = 40, .type_stable = true});
  void* object = heap().allocate(*cache, {});
  EXPECT_TRUE(heap().free(object, 1, cache));
  EXPECT_TRUE(readable(object));
}

TEST_F(GuardedHeapTest, lists_what_a_range_of_call_sites_holds) {
  char* mine = take(64, 0x2000);
  take(64, 0x3000);
  heap().free(take(64, 0x2000), 1);
  int count = 0;
  heap().for_each_object(0x2000, 0x3000, [&](const HeapObject& object) {
    count++;
    EXPECT_EQ(number(mine), object.address);
  });
  EXPECT_EQ(1, count);
}

TEST_F(GuardedHeapTest, serves_threads_at_once) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 3; t++)
    threads.emplace_back([&, t] {
      std::vector<char*> mine;
      for (int i = 0; i < 1000; i++) {
        char* object = take(16 + static_cast<size_t>(i) % 200);
        std::memset(object, t, 16);
        mine.push_back(object);
        if (mine.size() < 20) continue;
        char* old = mine[static_cast<size_t>(i) % 20];
        wrong += old[15] != t;
        wrong += !heap().free(old, 1);
        mine[static_cast<size_t>(i) % 20] = mine.back();
        mine.pop_back();
      }
      for (char* object : mine) wrong += !heap().free(object, 1);
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(0, wrong.load());
  EXPECT_TRUE(reports.empty());
}

}  // namespace
}  // namespace ring3::machine
