// SPDX-License-Identifier: GPL-2.0-only
#include "machine/memory/fast_heap.h"

#include <cstring>
#include <set>
#include <thread>

#include "machine/memory/memory_fixture.h"

namespace ring3::machine {
namespace {

struct FastHeapTest : MemoryTest {
  void SetUp() override { create(); }
  Cache* cache(size_t size, void (*construct)(void*) = nullptr, bool type_stable = false) {
    return heap().create_cache(
        {.name = "test", .size = size, .construct = construct, .type_stable = type_stable});
  }
};

TEST(SizeClasses, are_linuxs) {
  for (auto [size, room] : {std::pair{1, 8},
                            {8, 8},
                            {9, 16},
                            {64, 64},
                            {65, 96},
                            {96, 96},
                            {97, 128},
                            {129, 192},
                            {193, 256},
                            {4097, 8192},
                            {8193, 16384},
                            {20481, 32768}})
    EXPECT_EQ(static_cast<size_t>(room), round_up_to_class(static_cast<size_t>(size))) << size;
  EXPECT_EQ(0u, round_up_to_class(0));
  for (size_t size = 1; size <= kLargestClass; size++) {
    ASSERT_GE(size_of_class(size_class(size)), size);
    for (unsigned index = 1; index < kSizeClasses; index++) {  // and there is no better one
      size_t other = size_of_class(index);
      if (other >= size) {
        ASSERT_LE(size_of_class(size_class(size)), other);
      }
    }
  }
}

TEST_F(FastHeapTest, objects_are_apart_and_naturally_aligned) {
  std::set<uint64_t> ends;
  for (size_t size : {1, 8, 13, 24, 96, 100, 192, 200, 512, 4096, 8192, 10000, 100000}) {
    for (int i = 0; i < 100; i++) {
      auto* object = static_cast<uint8_t*>(allocate(size));
      ASSERT_TRUE(object);
      EXPECT_EQ(0u, number(object) % natural_alignment(size)) << size;
      EXPECT_GE(heap().room(object), size);
      std::memset(object, 0x5a, heap().room(object));
      auto after = ends.upper_bound(number(object));  // ends of others inside this one?
      EXPECT_TRUE(after == ends.end() || *after > number(object) + size);
      ends.insert(number(object) + size);
      if (size > 10000 && i > 10) break;
    }
  }
}

TEST_F(FastHeapTest, zeroed_on_request) {
  void* dirty = allocate(100);
  std::memset(dirty, 0xff, 128);
  heap().free(dirty, 1);
  auto* clean = static_cast<uint8_t*>(allocate(100, 0x1000, true));
  EXPECT_EQ(dirty, clean);
  for (int i = 0; i < 128; i++) EXPECT_EQ(0, clean[i]);
}

TEST_F(FastHeapTest, too_large_is_null_and_the_largest_is_not) {
  EXPECT_TRUE(allocate(kLargestObject));
  EXPECT_FALSE(allocate(kLargestObject + 1));
}

TEST_F(FastHeapTest, knows_what_is_at_an_address) {
  for (size_t size : {100, 100000}) {
    void* object = allocate(size, 0xabc);
    auto found = heap().find(number(object) + 50);
    ASSERT_TRUE(found);
    EXPECT_EQ(number(object), found->address);
    EXPECT_EQ(size, found->size);
    EXPECT_EQ(0xabcu, found->owner);
    EXPECT_TRUE(found->live);
    EXPECT_TRUE(heap().resize(object, size - 1));
    EXPECT_EQ(size - 1, heap().find(number(object))->size);
  }
  EXPECT_FALSE(heap().find(number(this)));
}

TEST_F(FastHeapTest, a_double_free_names_both_frees) {
  void* object = allocate(40, 0xa110c);
  EXPECT_TRUE(heap().free(object, 0xf1));
  EXPECT_FALSE(heap().free(object, 0xf2));
  ASSERT_EQ(1u, reports.size());
  EXPECT_EQ(MemoryReport::kDoubleFree, reports[0].kind);
  EXPECT_EQ(0xf1u, reports[0].object.freed_by);
  EXPECT_EQ(0xf2u, reports[0].caller);
  EXPECT_NE(allocate(40), allocate(40));  // and the slot is not given out twice
}

TEST_F(FastHeapTest, bad_frees_are_refused_and_reported) {
  auto* object = static_cast<char*>(allocate(200, 0xa110c));
  auto* large = static_cast<char*>(allocate(20000, 0xa110c));
  int on_stack;
  for (void* bad : {static_cast<void*>(object + 8), static_cast<void*>(large + 4096),
                    static_cast<void*>(&on_stack), reinterpret_cast<void*>(ram().direct_map()),
                    reinterpret_cast<void*>(0x10)})
    EXPECT_FALSE(heap().free(bad, 0xf1));
  ASSERT_EQ(5u, reports.size());
  EXPECT_EQ(number(object), reports[0].object.address);
  EXPECT_EQ(number(large), reports[1].object.address);
  EXPECT_NE(std::string::npos, describe(reports[0]).find("8 bytes inside object"));
  EXPECT_TRUE(heap().free(object, 1));
  EXPECT_TRUE(heap().free(large, 1));
  EXPECT_FALSE(heap().free(large, 1));
}

TEST_F(FastHeapTest, writing_to_freed_memory_does_not_confuse_the_heap) {
  std::vector<void*> objects;
  for (int i = 0; i < 64; i++) objects.push_back(allocate(64));
  for (void* object : objects) heap().free(object, 1);
  for (void* object : objects) std::memset(object, 0xff, 64);
  std::set<void*> again;
  for (int i = 0; i < 64; i++) EXPECT_TRUE(again.insert(allocate(64)).second);
  EXPECT_TRUE(reports.empty());
}

int constructed;
void construct(void* object) {
  constructed++;
  *static_cast<int*>(object) = 77;
}

TEST_F(FastHeapTest, a_constructor_runs_once_a_slot_and_its_work_survives_a_free) {
  constructed = 0;
  Cache* with = cache(48, construct);
  auto* object = static_cast<int*>(heap().allocate(*with, {.zero = true}));
  EXPECT_EQ(77, *object);
  int after_first = constructed;
  EXPECT_GT(after_first, 1);  // the whole slab
  *object = 78;
  heap().free(object, 1, with);
  EXPECT_EQ(object, heap().allocate(*with, {}));
  EXPECT_EQ(78, *object);
  EXPECT_EQ(after_first, constructed);
}

TEST_F(FastHeapTest, a_cache_with_objects_stays) {
  Cache* mine = cache(100);
  EXPECT_TRUE(heap().is_cache(mine));
  void* object = heap().allocate(*mine, {});
  EXPECT_EQ(1u, heap().destroy_cache(mine));
  EXPECT_TRUE(heap().is_cache(mine));
  EXPECT_TRUE(heap().free(object, 1, mine));
  uint64_t before = page_allocator().free_pages();
  EXPECT_EQ(0u, heap().destroy_cache(mine));
  EXPECT_FALSE(heap().is_cache(mine));
  EXPECT_GT(page_allocator().free_pages(), before);
  EXPECT_FALSE(heap().free(object, 1));
}

TEST_F(FastHeapTest, a_free_into_another_cache_is_reported_and_done) {
  Cache* one = cache(100);
  Cache* two = cache(100);
  void* object = heap().allocate(*one, {});
  EXPECT_TRUE(heap().free(object, 1, two));
  ASSERT_EQ(1u, reports.size());
  EXPECT_EQ(MemoryReport::kWrongCache, reports[0].kind);
  EXPECT_EQ(0u, one->live());
}

TEST_F(FastHeapTest, lists_what_a_range_of_call_sites_holds) {
  std::set<uint64_t> mine;
  for (size_t size : {16, 5000, 50000}) {
    mine.insert(number(allocate(size, 0x2000)));
    allocate(size, 0x3000);
    heap().free(allocate(size, 0x2000), 0x2000);
  }
  std::set<uint64_t> listed;
  heap().for_each_object(0x2000, 0x3000,
                         [&](const HeapObject& object) { listed.insert(object.address); });
  EXPECT_EQ(mine, listed);
}

TEST_F(FastHeapTest, all_memory_comes_back) {
  std::vector<void*> objects;
  while (void* object = allocate(1024)) objects.push_back(object);
  EXPECT_GT(objects.size(), 60u << 10 >> 1);
  for (void* object : objects) heap().free(object, 1);
  heap().shrink(*heap().class_for(1024, false));
  EXPECT_EQ(page_allocator().total_pages(), page_allocator().free_pages());
}

TEST_F(FastHeapTest, dma_objects_lie_below_16_mib) {
  for (size_t size : {64, 20000}) {
    void* object = heap().allocate({.size = size, .dma = true});
    EXPECT_LT(number(object) - ram().direct_map(), 16u << 20);
  }
}

// Objects change hands: what one thread allocates another frees.
TEST_F(FastHeapTest, serves_threads_at_once) {
  constexpr int kThreads = 4, kSlots = 64;
  std::atomic<uint64_t*> slots[kSlots]{};
  std::atomic<int> clashes{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; t++)
    threads.emplace_back([&, t] {
      unsigned random = static_cast<unsigned>(t) + 1;
      for (int i = 0; i < 5000; i++) {
        random = random * 1103515245 + 12345;
        size_t size = 8 + (random >> 8) % 300;
        auto* object = static_cast<uint64_t*>(allocate(size));
        *object = number(object);
        object = slots[(random >> 4) % kSlots].exchange(object);
        if (!object) continue;
        clashes += *object != number(object);
        clashes += !heap().free(object, 1);
      }
    });
  for (auto& thread : threads) thread.join();
  for (auto& slot : slots)
    if (slot) heap().free(slot, 1);
  EXPECT_EQ(0, clashes.load());
  EXPECT_TRUE(reports.empty());
  heap().for_each_object(0, ~0ull, [](const HeapObject&) { ADD_FAILURE() << "left over"; });
}

}  // namespace
}  // namespace ring3::machine
