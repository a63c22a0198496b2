// SPDX-License-Identifier: GPL-2.0-only
// LENGTH: one fixture binds both targets, which is too slow to do once for each file.
// The kernel's memory functions on both targets, called as a module calls them: through the bound
// thunks, with exported data read where the binding put it.
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "host/thread.h"
#include "linux/include/memory.h"
#include "linux/include/printk.h"
#include "linux/mm/struct_page.h"
#include "target/kernel_tree.h"
#include "target/macros.h"
#include "target/test_targets.h"

namespace ring3::kernel {
namespace {

constexpr unsigned kKernel = kGfpKernel;

struct MmTest : testing::TestWithParam<const char*> {
  void SetUp() override {
    const target::Target& target = target::installed(GetParam());
    auto bound = kapi::Binding::create(target);
    ASSERT_TRUE(bound.ok()) << bound.error().text;
    binding = bound.take();
    machine::MemoryOptions options = memory_options(*binding, 2);
    options.ram.size = 64 << 20;
    options.vmalloc_size = 4ull << 30;
    options.percpu_area_size = 1 << 20;
    options.report = [this](const machine::MemoryReport& report) { reports.push_back(report); };
    auto made = machine::create_memory(options);
    ASSERT_TRUE(made.ok()) << made.error().text;
    binding->initialise_data();
    for (unsigned cpu = 0; cpu < 2; cpu++)
      binding->for_each_percpu([&](const kapi::Record& record, uint64_t offset, uint64_t) {
        if (record.data.init) record.data.init(machine::percpu().at(cpu, offset), *binding);
      });
    host::set_gs_base(machine::percpu().area(0));
    bugs = 0;
    set_bug_handler([] { bugs++; });
    set_kernel_log(&log);
  }
  void TearDown() override {
    set_kernel_log(nullptr);
    static kapi::GsArea outside{};
    host::set_gs_base(reinterpret_cast<uint64_t>(&outside));
    machine::destroy_memory();
  }

  // A function by its name here or, renamed for allocation profiling, in the other target.
  template <class F>
  F* call(const char* name, const char* otherwise = nullptr) {
    KernelAddress address = binding->address(name);
    if (!address && otherwise) address = binding->address(otherwise);
    EXPECT_TRUE(address) << name;
    return address.as<F>();
  }
  uint64_t word(const char* name) {
    KernelAddress address = binding->address(name);
    EXPECT_TRUE(address) << name;
    return address ? *address.as<uint64_t>() : 0;
  }
  std::string log_text() {
    std::string text;
    machine::Log::Cursor cursor;
    machine::LogRecord record;
    while (log.read(cursor, record)) text += record.text + "\n";
    return text;
  }

  // What module code does inline (asm/page_64.h, asm-generic/memory_model.h, linux/mm.h).
  uint64_t inlined_physical(uint64_t x) {
    constexpr uint64_t kKernelMap = 0xffffffff80000000;
    uint64_t y = x - kKernelMap;
    return y + (x > y ? word("phys_base") : kKernelMap - word("page_offset_base"));
  }
  k::page* inlined_virt_to_page(const void* x) {
    uint64_t pfn = inlined_physical(reinterpret_cast<uint64_t>(x)) >> 12;
    return reinterpret_cast<k::page*>(word("vmemmap_base") + pfn * sizeof_page());
  }
  void* inlined_page_address(k::page* page) {
    uint64_t pfn = (reinterpret_cast<uint64_t>(page) - word("vmemmap_base")) / sizeof_page();
    return reinterpret_cast<void*>(word("page_offset_base") + (pfn << 12));
  }

  void* kmalloc(size_t size, unsigned gfp = kKernel) {
    return call<void*(size_t, unsigned)>("__kmalloc", "__kmalloc_noprof")(size, gfp);
  }
  void kfree(const void* object) { call<void(const void*)>("kfree")(object); }
  k::page* alloc_pages(unsigned gfp, unsigned order) {
    return call<k::page*(unsigned, unsigned)>("alloc_pages", "alloc_pages_noprof")(gfp, order);
  }
  void free_pages(k::page* page, unsigned order) {
    call<void(k::page*, unsigned)>("__free_pages")(page, order);
  }
  uint64_t free_now() { return machine::page_allocator().free_pages(); }

  static inline int bugs;
  machine::Log log{{}};
  std::unique_ptr<kapi::Binding> binding;
  std::vector<machine::MemoryReport> reports;
};

INSTANTIATE_TEST_SUITE_P(Targets, MmTest, testing::ValuesIn(target::kReleases),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name)
                             if (!isalnum(static_cast<unsigned char>(c))) c = '_';
                           return name;
                         });

TEST_P(MmTest, every_definition_of_this_folder_fits_a_target) {
  for (auto& mismatch : binding->mismatches())
    if (std::string_view(mismatch.record->file).find("linux/mm/") != std::string_view::npos)
      ADD_FAILURE() << mismatch.text;
}

TEST_P(MmTest, inlined_address_arithmetic_holds) {
  for (size_t size : {8, 100, 5000, 100000}) {
    void* object = kmalloc(size);
    uint64_t physical = inlined_physical(reinterpret_cast<uint64_t>(object));
    EXPECT_LT(physical, machine::ram().size());
    uint64_t offset = reinterpret_cast<uint64_t>(object) % 4096;
    EXPECT_EQ(static_cast<char*>(object) - offset,
              inlined_page_address(inlined_virt_to_page(object)));
    EXPECT_TRUE(call<bool(unsigned long)>("__virt_addr_valid")(reinterpret_cast<uint64_t>(object)));
  }
  k::page* page = alloc_pages(kKernel, 0);
  EXPECT_EQ(page, inlined_virt_to_page(inlined_page_address(page)));
  EXPECT_FALSE(call<bool(unsigned long)>("__virt_addr_valid")(0x10000000));
}

TEST_P(MmTest, kmalloc_caches_holds_the_cache_that_inlined_kmalloc_picks) {
  auto rows = binding->address("kmalloc_caches").as<k::kmem_cache * [machine::kSizeClasses]>();
  auto size = call<unsigned(k::kmem_cache*)>("kmem_cache_size");
  int64_t types = *binding->target().enumerator("NR_KMALLOC_TYPES");
  EXPECT_GE(types, 4);
  for (int64_t type = 0; type < types; type++)
    for (unsigned index = 1; index < machine::kSizeClasses; index++)
      EXPECT_EQ(machine::size_of_class(index), size(rows[type][index]));
  auto trace =
      call<void*(k::kmem_cache*, unsigned, size_t)>("kmalloc_trace", "__kmalloc_cache_noprof");
  auto* object = static_cast<char*>(trace(rows[0][6], kKernel | kGfpZero, 50));
  ASSERT_TRUE(object);
  EXPECT_EQ(50u, machine::heap().find(reinterpret_cast<uint64_t>(object))->size);
  EXPECT_EQ(64u, call<size_t(const void*)>("ksize")(object));
  kfree(object);
  void* dma = trace(rows[*binding->target().enumerator("KMALLOC_DMA")][6], kKernel | kGfpDma, 50);
  EXPECT_LT(inlined_physical(reinterpret_cast<uint64_t>(dma)), 16u << 20);
}

TEST_P(MmTest, kmalloc_of_nothing_and_of_too_much) {
  EXPECT_EQ(zero_size_pointer(), kmalloc(0));
  kfree(zero_size_pointer());
  kfree(nullptr);
  EXPECT_EQ(0u, call<size_t(const void*)>("ksize")(zero_size_pointer()));
  EXPECT_FALSE(kmalloc((4 << 20) + 1));
  EXPECT_TRUE(reports.empty());
}

TEST_P(MmTest, memory_is_zero_as_the_distribution_configures_it) {
  ASSERT_EQ("y", binding->target().config("CONFIG_INIT_ON_ALLOC_DEFAULT_ON"));
  void* object = kmalloc(200);
  std::memset(object, 0xff, 256);
  kfree(object);
  auto* again = static_cast<uint8_t*>(kmalloc(200));
  EXPECT_EQ(object, again);
  EXPECT_EQ(0, again[199]);
}

TEST_P(MmTest, krealloc_grows_shrinks_and_frees) {
  auto krealloc = call<void*(const void*, size_t, unsigned)>("krealloc", "krealloc_noprof");
  auto* text = static_cast<char*>(krealloc(nullptr, 10, kKernel));
  std::strcpy(text, "nine char");
  auto* same = static_cast<char*>(krealloc(text, 16, kKernel));
  EXPECT_EQ(text, same);
  auto* larger = static_cast<char*>(krealloc(same, 20000, kKernel));
  EXPECT_STREQ("nine char", larger);
  EXPECT_EQ(zero_size_pointer(), krealloc(larger, 0, kKernel));
  EXPECT_FALSE(machine::heap().room(larger));
  EXPECT_TRUE(reports.empty());
}

TEST_P(MmTest, allocations_remember_the_call_site) {
  auto call_site = call<void*(size_t, unsigned)>("__kmalloc", "__kmalloc_noprof");
  int failed = 0;
  for (int i = 0; i < 5; i++) {  // the "module" is this line
    void* object = call_site(40, kKernel);
    failed += object == nullptr;
    if (i > 0) continue;
    uint64_t owner = machine::heap().find(reinterpret_cast<uint64_t>(object))->owner;
    EXPECT_NE(0u, owner);
    machine::allocation_fail_point().only_from(owner, owner + 1);
    machine::allocation_fail_point().fail_nth(2);
  }
  EXPECT_EQ(1u, machine::allocation_fail_point().failed());
  EXPECT_EQ(1, failed);
}

TEST_P(MmTest, caches_complain_in_linuxs_words_when_objects_remain) {
  k::kmem_cache* cache;
  if (binding->record("kmem_cache_create"))
    cache = call<k::kmem_cache*(const char*, unsigned, unsigned, unsigned, void (*)(void*))>(
        "kmem_cache_create")("widgets", 72, 0, 0, nullptr);
  else {
    uint64_t args[4] = {};
    ASSERT_EQ(sizeof(args), binding->target().size_of("kmem_cache_args"));
    cache = call<k::kmem_cache*(const char*, unsigned, k::kmem_cache_args*, unsigned)>(
        "__kmem_cache_create_args")("widgets", 72, reinterpret_cast<k::kmem_cache_args*>(args), 0);
  }
  ASSERT_TRUE(cache);
  auto alloc = call<void*(k::kmem_cache*, unsigned)>("kmem_cache_alloc", "kmem_cache_alloc_noprof");
  auto destroy = call<void(k::kmem_cache*)>("kmem_cache_destroy");
  auto free = call<void(k::kmem_cache*, void*)>("kmem_cache_free");
  void* object = alloc(cache, kKernel);
  destroy(cache);
  std::string text = log_text();
  EXPECT_NE(std::string::npos,
            text.find("Objects remaining in widgets on __kmem_cache_shutdown()"));
  EXPECT_NE(std::string::npos,
            text.find("kmem_cache_destroy widgets: Slab cache still has objects when called from"));
  free(cache, object);
  destroy(cache);
  EXPECT_FALSE(machine::heap().is_cache(reinterpret_cast<machine::Cache*>(cache)));
  destroy(nullptr);
}

TEST_P(MmTest, bulk_allocation_is_all_or_nothing) {
  auto rows = binding->address("kmalloc_caches").as<k::kmem_cache * [machine::kSizeClasses]>();
  auto bulk = call<int(k::kmem_cache*, unsigned, size_t, void**)>("kmem_cache_alloc_bulk",
                                                                  "kmem_cache_alloc_bulk_noprof");
  void* objects[8];
  EXPECT_EQ(8, bulk(rows[0][5], kKernel, 8, objects));
  call<void(k::kmem_cache*, size_t, void**)>("kmem_cache_free_bulk")(rows[0][5], 8, objects);
  auto* cache = reinterpret_cast<machine::Cache*>(rows[0][5]);
  machine::allocation_fail_point().fail_nth(5);
  EXPECT_EQ(0, bulk(rows[0][5], kKernel, 8, objects));
  EXPECT_EQ(0u, cache->live());
}

TEST_P(MmTest, strings_and_copies) {
  auto* copy = call<char*(const char*, unsigned)>("kstrdup")("hello", kKernel);
  EXPECT_STREQ("hello", copy);
  EXPECT_FALSE(call<char*(const char*, unsigned)>("kstrdup")(nullptr, kKernel));
  EXPECT_STREQ("hel", call<char*(const char*, size_t, unsigned)>("kstrndup")("hello", 3, kKernel));
  EXPECT_STREQ("he",
               call<char*(const char*, size_t, unsigned)>("kmemdup_nul")("he\0lo", 3, kKernel));
  EXPECT_EQ(0, std::memcmp("a\0b",
                           call<void*(const void*, size_t, unsigned)>("kmemdup", "kmemdup_noprof")(
                               "a\0b", 3, kKernel),
                           3));
  auto* constant = call<const char*(const char*, unsigned)>("kstrdup_const")("hello", kKernel);
  call<void(const void*)>("kfree_const")(constant);
  kfree(copy);
  EXPECT_TRUE(reports.empty());
}

TEST_P(MmTest, kvmalloc_falls_back_to_vmalloc) {
  auto kvmalloc = [&](size_t size) {
    if (binding->record("kvmalloc_node"))
      return call<void*(size_t, unsigned, int)>("kvmalloc_node")(size, kKernel, -1);
    return call<void*(size_t, void*, unsigned, int)>("__kvmalloc_node_noprof")(size, nullptr,
                                                                               kKernel, -1);
  };
  auto is_vmalloc = call<bool(const void*)>("is_vmalloc_addr");
  void* small = kvmalloc(100);
  void* large = kvmalloc(8 << 20);
  EXPECT_FALSE(is_vmalloc(small));
  EXPECT_TRUE(is_vmalloc(large));
  auto kvfree = call<void(const void*)>("kvfree");
  kvfree(small);
  kvfree(large);
  kvfree(nullptr);
  EXPECT_TRUE(reports.empty());
}

TEST_P(MmTest, vmalloc_pages_are_found_and_bad_vfrees_reported) {
  uint64_t before = free_now();
  auto* area =
      static_cast<char*>(call<void*(unsigned long)>("vmalloc", "vmalloc_noprof")(3 * 4096));
  area[2 * 4096 + 5] = 9;
  auto* page = call<k::page*(const void*)>("vmalloc_to_page")(area + 2 * 4096);
  EXPECT_EQ(9, static_cast<char*>(inlined_page_address(page))[5]);
  EXPECT_EQ(1, page_refcount(page));
  auto vfree = call<void(const void*)>("vfree");
  vfree(area + 4096);
  vfree(area + 1);
  EXPECT_NE(std::string::npos, log_text().find("Trying to vfree() nonexistent vm area"));
  EXPECT_NE(std::string::npos, log_text().find("Trying to vfree() bad address"));
  vfree(area);
  vfree(nullptr);
  EXPECT_EQ(before, free_now());
}

TEST_P(MmTest, vmap_shows_pages_side_by_side) {
  k::page* pages[] = {alloc_pages(kKernel, 0), alloc_pages(kKernel, 0)};
  static_cast<char*>(inlined_page_address(pages[1]))[0] = 4;
  auto* mapped = static_cast<char*>(
      call<void*(k::page**, unsigned, unsigned long, unsigned long)>("vmap")(pages, 2, 0, 0));
  ASSERT_TRUE(mapped);
  EXPECT_EQ(4, mapped[4096]);
  call<void(const void*)>("vunmap")(mapped);
  free_pages(pages[0], 0);
  free_pages(pages[1], 0);
  EXPECT_TRUE(reports.empty());
}

TEST_P(MmTest, a_page_lives_as_long_as_its_references) {
  uint64_t before = free_now();
  k::page* page = alloc_pages(kKernel, 2);
  EXPECT_EQ(1, page_refcount(page));
  EXPECT_EQ(-1, page_mapcount(page));
  page_refcount(page)++;  // get_page(), inlined
  free_pages(page, 2);
  EXPECT_EQ(before - 1, free_now());  // the other three are gone
  if (--page_refcount(page) == 0)     // put_page(), inlined
    call<void(k::folio*)>("__folio_put")(reinterpret_cast<k::folio*>(page));
  EXPECT_EQ(before, free_now());
  EXPECT_TRUE(reports.empty());
  free_pages(page, 0);
  EXPECT_EQ(1u, reports.size());
}

TEST_P(MmTest, compound_pages_know_their_head_and_are_freed_whole) {
  uint64_t before = free_now();
  k::page* page = alloc_pages(kKernel | kGfpCompound, 3);
  auto* last = reinterpret_cast<k::page*>(reinterpret_cast<uint64_t>(page) + 7 * sizeof_page());
  EXPECT_EQ(reinterpret_cast<uint64_t>(page) | 1, page_compound_head(last));
  EXPECT_TRUE(page_flags(page) & 1ull << *binding->target().enumerator("PG_head"));
  if (has_page_compound_order()) {
    EXPECT_EQ(3, page_compound_order(
                     reinterpret_cast<k::page*>(reinterpret_cast<uint64_t>(page) + sizeof_page())));
  } else {
    EXPECT_EQ(8u, folio__folio_nr_pages(page));
    EXPECT_EQ(3u, folio__flags_1(page) & 0xff);
  }
  page_refcount(page) = 0;
  call<void(k::folio*)>("__folio_put")(reinterpret_cast<k::folio*>(page));
  EXPECT_EQ(before, free_now());
  EXPECT_EQ(0u, page_compound_head(last));
}

TEST_P(MmTest, exact_sizes_take_exact_pages) {
  uint64_t before = free_now();
  void* exact = call<void*(size_t, unsigned)>("alloc_pages_exact", "alloc_pages_exact_noprof")(
      5 * 4096 - 10, kKernel);
  EXPECT_EQ(before - 5, free_now());
  call<void(void*, size_t)>("free_pages_exact")(exact, 5 * 4096 - 10);
  EXPECT_EQ(before, free_now());
  unsigned long page = call<unsigned long(unsigned, unsigned)>("__get_free_pages",
                                                               "get_free_pages_noprof")(kKernel, 1);
  EXPECT_EQ(0u, page % 8192);
  call<void(unsigned long, unsigned)>("free_pages")(page, 1);
  call<void(unsigned long, unsigned)>("free_pages")(0, 1);
  EXPECT_TRUE(reports.empty());
}

TEST_P(MmTest, bulk_pages_fill_arrays_and_lists) {
  auto bulk = call<unsigned long(unsigned, int, void*, int, k::list_head*, k::page**)>(
      "__alloc_pages_bulk", "alloc_pages_bulk_noprof");
  uint64_t before = free_now();
  k::page* kept = alloc_pages(kKernel, 0);
  k::page* array[4] = {nullptr, kept, nullptr, nullptr};
  EXPECT_EQ(4u, bulk(kKernel, 0, nullptr, 4, nullptr, array));
  EXPECT_EQ(kept, array[1]);
  for (k::page* page : array) free_pages(page, 0);
  struct Node {
    Node *next, *previous;
  } head{&head, &head};
  auto* list = reinterpret_cast<k::list_head*>(&head);
  EXPECT_EQ(3u, bulk(kKernel, 0, nullptr, 3, list, nullptr));
  EXPECT_EQ(before - 3, free_now());
  call<void(k::list_head*)>("put_pages_list")(list);
  EXPECT_EQ(before, free_now());
  EXPECT_EQ(&head, head.next);
}

TEST_P(MmTest, fragments_share_blocks_and_give_them_back) {
  uint64_t before = free_now();
  uint64_t cache_words[3] = {};
  auto* cache = reinterpret_cast<k::page_frag_cache*>(cache_words);
  auto cut = call<void*(k::page_frag_cache*, unsigned, unsigned, unsigned)>(
      "page_frag_alloc_align", "__page_frag_alloc_align");
  auto give = call<void(void*)>("page_frag_free");
  std::vector<void*> pieces;
  std::set<uint64_t> seen;
  for (int i = 0; i < 60; i++) {
    void* piece = cut(cache, 1500, kKernel, ~63u);
    ASSERT_TRUE(piece);
    EXPECT_EQ(0u, reinterpret_cast<uint64_t>(piece) % 64);
    EXPECT_TRUE(seen.insert(reinterpret_cast<uint64_t>(piece)).second);
    std::memset(piece, i, 1500);
    pieces.push_back(piece);
  }
  EXPECT_EQ(before - 24, free_now());  // 21 pieces of 1536 bytes in each block of 8 pages
  for (void* piece : pieces) give(piece);
  if (binding->record("page_frag_cache_drain"))
    call<void(k::page_frag_cache*)>("page_frag_cache_drain")(cache);
  else
    call<void(k::page*, unsigned)>("__page_frag_cache_drain")(
        inlined_virt_to_page(reinterpret_cast<void*>(cache_words[0])),
        static_cast<unsigned>(cache_words[1] >> 32));
  EXPECT_EQ(before, free_now());
  EXPECT_TRUE(reports.empty());
}

TEST_P(MmTest, percpu_pointers_reach_each_copy) {
  void* pointer =
      binding->record("__alloc_percpu")
          ? call<void*(size_t, size_t)>("__alloc_percpu")(16, 8)
          : call<void*(size_t, size_t, bool, unsigned)>("pcpu_alloc_noprof")(16, 8, false, kKernel);
  ASSERT_TRUE(pointer);
  auto* offsets = binding->address("__per_cpu_offset").as<unsigned long>();
  for (unsigned cpu = 0; cpu < 2; cpu++)
    *reinterpret_cast<unsigned*>(offsets[cpu] + reinterpret_cast<uint64_t>(pointer)) = cpu + 5;
  unsigned mine;  // this_cpu_read(), inlined
  asm("movl %%gs:(%1), %0" : "=r"(mine) : "r"(pointer));
  EXPECT_EQ(5u, mine);
  uint64_t this_cpu_off = binding->lookup("this_cpu_off").address.value;
  EXPECT_EQ(offsets[1], *static_cast<uint64_t*>(machine::percpu().at(1, this_cpu_off)));
  call<void(void*)>("free_percpu")(pointer);
  call<void(void*)>("free_percpu")(nullptr);
  EXPECT_TRUE(reports.empty());
  EXPECT_FALSE(binding->record("__alloc_percpu")
                   ? call<void*(size_t, size_t)>("__alloc_percpu")(16, 3)
                   : call<void*(size_t, size_t, bool, unsigned)>("pcpu_alloc_noprof")(16, 3, false,
                                                                                      kKernel));
  EXPECT_NE(std::string::npos,
            log_text().find("illegal size (16) or align (3) for percpu allocation"));
}

TEST_P(MmTest, hardened_usercopy_stops_what_leaves_an_object) {
  auto check = call<void(const void*, unsigned long, bool)>("__check_object_size");
  auto* object = static_cast<char*>(kmalloc(60));
  check(object, 64, true);
  check(object + 60, 4, false);
  check(object + 60, 0, false);
  EXPECT_EQ(0, bugs);
  check(object + 60, 5, true);
  EXPECT_EQ(1, bugs);
  EXPECT_NE(std::string::npos,
            log_text().find("usercopy: Kernel memory exposure attempt detected from SLUB object "
                            "'kmalloc-64' (offset 60, size 5)!"));
  auto* large = static_cast<char*>(kmalloc(20000));
  check(large, 32768, false);
  EXPECT_EQ(1, bugs);
  check(large, 32769, false);
  auto* area = static_cast<char*>(call<void*(unsigned long)>("vmalloc", "vmalloc_noprof")(100));
  check(area, 4096, true);
  EXPECT_EQ(2, bugs);
  check(area, 4097, true);
  check(reinterpret_cast<void*>(~0ull), 2, true);
  check(nullptr, 2, true);
  EXPECT_EQ(5, bugs);
}

TEST_P(MmTest, mempools_keep_their_reserve) {
  std::vector<uint64_t> words(*binding->target().size_of("mempool_s") / 8);
  auto* pool = reinterpret_cast<k::mempool_s*>(words.data());
  using Alloc = void*(unsigned, void*);
  using Free = void(void*, void*);
  auto init =
      call<int(k::mempool_s*, int, Alloc*, Free*, void*)>("mempool_init", "mempool_init_noprof");
  auto alloc = call<void*(k::mempool_s*, unsigned)>("mempool_alloc", "mempool_alloc_noprof");
  auto free = call<void(void*, k::mempool_s*)>("mempool_free");
  ASSERT_EQ(0, init(pool, 3, call<Alloc>("mempool_kmalloc"), call<Free>("mempool_kfree"),
                    reinterpret_cast<void*>(100)));
  machine::allocation_fail_point().fail_from(1);
  void* elements[3];
  for (void*& element : elements) EXPECT_TRUE((element = alloc(pool, kGfpAtomic)));
  EXPECT_FALSE(alloc(pool, kGfpAtomic));
  free(elements[0], pool);
  EXPECT_EQ(elements[0], alloc(pool, kKernel));
  machine::allocation_fail_point().off();
  for (void* element : elements) free(element, pool);
  EXPECT_EQ(0, call<int(k::mempool_s*, int)>("mempool_resize")(pool, 5));
  EXPECT_EQ(0, call<int(k::mempool_s*, int)>("mempool_resize")(pool, 1));
  call<void(k::mempool_s*)>("mempool_exit")(pool);
  machine::heap().for_each_object(0, ~0ull, [](auto&) { ADD_FAILURE() << "an element is left"; });
  EXPECT_TRUE(reports.empty());
}

TEST_P(MmTest, failing_pools_leave_nothing_behind) {
  std::vector<uint64_t> words(*binding->target().size_of("mempool_s") / 8);
  auto* pool = reinterpret_cast<k::mempool_s*>(words.data());
  auto init = call<int(k::mempool_s*, int, void*(unsigned, void*), void(void*, void*), void*)>(
      "mempool_init", "mempool_init_noprof");
  for (uint64_t n = 1; n <= 4; n++) {
    machine::allocation_fail_point().fail_nth(n);
    EXPECT_EQ(-ENOMEM,
              init(pool, 3, call<void*(unsigned, void*)>("mempool_kmalloc"),
                   call<void(void*, void*)>("mempool_kfree"), reinterpret_cast<void*>(100)));
    machine::heap().for_each_object(0, ~0ull, [](auto&) { ADD_FAILURE() << "left"; });
  }
}

// Where the bits are enumerators, BTF has them; elsewhere only the header has.
TEST_P(MmTest, gfp_values_are_the_targets) {
  const target::Target& target = binding->target();
  auto tree = target::KernelTree::open(target::host_places(), std::string(target.kdir()),
                                       std::string(target.release()));
  ASSERT_TRUE(tree.ok()) << tree.error().text;
  target::Config config("");
  target::Macros macros(config, [&](std::string_view name) { return tree->read_header(name); });
  ASSERT_TRUE(macros.include("linux/gfp_types.h"));
  auto value = [&](const std::string& name) {
    if (auto bit = target.enumerator(name + "_BIT")) return 1u << *bit;
    auto macro = macros.all().find(name);
    EXPECT_NE(macro, macros.all().end()) << name;
    return macro == macros.all().end()
               ? 0u
               : static_cast<unsigned>(std::strtoul(macro->second.body.c_str(), nullptr, 0));
  };
  EXPECT_EQ(unsigned{kGfpDma}, value("___GFP_DMA"));
  EXPECT_EQ(unsigned{kGfpZero}, value("___GFP_ZERO"));
  EXPECT_EQ(unsigned{kGfpDirectReclaim}, value("___GFP_DIRECT_RECLAIM"));
  EXPECT_EQ(unsigned{kGfpNoWarn}, value("___GFP_NOWARN"));
  EXPECT_EQ(unsigned{kGfpNoFail}, value("___GFP_NOFAIL"));
  EXPECT_EQ(unsigned{kGfpCompound}, value("___GFP_COMP"));
}

TEST_P(MmTest, meminfo_counts_pages) {
  std::vector<uint64_t> info(*binding->target().size_of("sysinfo") / 8);
  call<void(k::sysinfo*)>("si_meminfo")(reinterpret_cast<k::sysinfo*>(info.data()));
  EXPECT_EQ(machine::page_allocator().total_pages(), info[4]);
  EXPECT_EQ(word("_totalram_pages"), info[4]);
  EXPECT_LE(info[5], info[4]);
}

}  // namespace
}  // namespace ring3::kernel
