// SPDX-License-Identifier: GPL-2.0-only
// kmalloc() and the caches, as an engine. One interface, two implementations (DESIGN section 5):
// fast_heap.h packs objects into slabs, guarded_heap.h gives each object its own pages with an
// unreadable one behind it and keeps freed ones unreadable. Both hand out memory of the direct map,
// keep what they know about objects where a module cannot overwrite it, remember each object's
// call site, and answer a wrong free with a report, not with damage.
//
// Not taken from interrupt context in the middle of themselves: runtime code is never interrupted
// (DESIGN section 6), so the spin locks inside suffice.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "machine/memory/page_allocator.h"
#include "machine/memory/report.h"

namespace ring3::machine {

// Linux's kmalloc_caches: index n >= 3 holds sizes to 2^n, index 1 to 96, index 2 to 192.
inline constexpr unsigned kSizeClasses = 14;
inline constexpr size_t kLargestClass = 8192;
inline constexpr size_t kLargestObject = kPageBytes << kMaxOrder;
inline constexpr size_t kLeastAlignment = 8;

unsigned size_class(size_t size);       // of 1..kLargestClass
size_t size_of_class(unsigned index);   // 0 for index 0
size_t natural_alignment(size_t size);  // what kmalloc guarantees for this size
size_t round_up_to_class(size_t size);  // kmalloc_size_roundup()

// What a heap notes at a page's tag (page_allocator.h): a slab's descriptor as it is; these bits
// tell the others apart.
inline constexpr uint64_t kLargeTag = 1;                 // a large object, the asked size above it
inline constexpr uint64_t kGuardedTag = 1ull << 63 | 1;  // a guarded object's descriptor
constexpr bool is_large_tag(uint64_t tag) { return (tag & kGuardedTag) == kLargeTag; }

struct CacheOptions {
  std::string name;
  size_t size = 0;
  size_t align = kLeastAlignment;
  void (*construct)(void*) = nullptr;  // module code; called without locks
  bool type_stable = false;  // SLAB_TYPESAFE_BY_RCU: freed objects stay readable as such objects
  bool dma = false;
  size_t user_offset = 0, user_size = 0;  // what usercopy may touch
  uint32_t flags = 0;                     // Linux's SLAB_*, for whoever made the cache
  uint64_t owner = 0;                     // call site that made it
};

class Cache {
 public:
  explicit Cache(CacheOptions options) : options(std::move(options)) {}
  virtual ~Cache() = default;
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  const CacheOptions options;
  bool is_size_class = false;
  virtual uint64_t live() = 0;  // objects in use
};

struct Allocation {
  size_t size = 0;   // from a cache: what was asked of it; 0 = the cache's size
  size_t align = 0;  // 0: the natural one
  bool zero = false;
  bool dma = false;
  bool may_fail = true;  // false: __GFP_NOFAIL, the fail point is passed by
  uint64_t owner = 0;
};

class Heap {
 public:
  explicit Heap(PageAllocator& pages);
  virtual ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  // Null: no memory, or too large. `size` is at least 1.
  void* allocate(const Allocation& request);
  void* allocate(Cache& cache, const Allocation& request);
  // `expected`: the cache that the caller named (null: any object). False, with a report: not the
  // beginning of a live object.
  virtual bool free(const void* object, uint64_t caller, Cache* expected = nullptr) = 0;

  // What is at an address, from inside an object or (guarded) from just beyond it. Also tells what
  // was there last.
  virtual std::optional<HeapObject> find(uint64_t address) = 0;
  // Live objects whose call site lies in [begin, end).
  virtual void for_each_object(uint64_t owner_begin, uint64_t owner_end,
                               const std::function<void(const HeapObject&)>& fn) = 0;
  // Changes what a live object's asked size is (krealloc in place). False: there is none.
  virtual bool resize(const void* object, size_t size) = 0;
  // The bucket's size of a live object, 0 when there is none. The fast path of ksize().
  virtual size_t room(const void* object) = 0;

  Cache* create_cache(CacheOptions options);
  // Objects that are still in it; when there are any the cache stays (Linux does the same).
  uint64_t destroy_cache(Cache* cache);
  bool is_cache(const Cache* cache);
  void for_each_cache(const std::function<void(Cache&)>& fn);
  virtual uint64_t shrink(Cache&) { return 0; }  // pages given back
  Cache* class_cache(unsigned index, bool dma) { return classes_[dma][index]; }
  Cache* class_for(size_t size, bool dma) { return classes_[dma][size_class(size)]; }

  PageAllocator& pages() { return pages_; }
  FailPoint& fail_point() { return pages_.fail_point(); }

 protected:
  virtual std::unique_ptr<Cache> make_cache(CacheOptions options) = 0;
  virtual void* take(Cache& cache, const Allocation& request) = 0;
  virtual void* take_large(const Allocation& request) = 0;
  virtual void empty_cache(Cache&) {}  // before its end: give the memory back
  void make_size_classes();            // once the implementation can make caches
  void drop_caches();

  PageAllocator& pages_;

 private:
  std::array<std::array<Cache*, kSizeClasses>, 2> classes_{};
  SpinLock lock_;  // guards caches_ and retired_
  std::vector<std::unique_ptr<Cache>> caches_;
  // Destroyed caches: a late wrong free may still find its way to one.
  std::vector<std::unique_ptr<Cache>> retired_;
};

}  // namespace ring3::machine
