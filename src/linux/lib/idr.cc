// SPDX-License-Identifier: GPL-2.0-only
// lib/idr.c: numbers for pointers (IDR) and numbers alone (IDA). Both are trees that keep a mark on
// what is free. An IDR is locked by its user; one index of an IDA's tree is a map of 1024 numbers.
#include <algorithm>
#include <cerrno>
#include <climits>

#include "kapi/kapi.h"
#include "linux/include/bitmap.h"
#include "linux/include/bug.h"
#include "linux/include/printk.h"
#include "linux/include/rcu.h"
#include "linux/include/slab.h"
#include "linux/lib/xarray.h"

namespace ring3::k {
struct idr;
struct ida;
}  // namespace ring3::k

namespace ring3::kernel {

KPLACE(idr, idr_rt, tree_place);
KFIELD(idr, idr_base, unsigned);
KFIELD(idr, idr_next, unsigned);
KPLACE(ida, xa, tree_place);

namespace {

k::xarray* tree_of(const k::idr* idr) { return static_cast<k::xarray*>(idr_tree_place(idr)); }
k::xarray* tree_of(const k::ida* ida) { return static_cast<k::xarray*>(ida_tree_place(ida)); }
void* error_pointer(int error) { return reinterpret_cast<void*>(static_cast<int64_t>(error)); }

// A number that was given to a null pointer is in use all the same.
Entry as_entry(void* pointer) { return pointer ? pointer : zero_entry(); }
void* as_pointer(Entry entry) { return entry == zero_entry() ? nullptr : entry; }

int give_number(k::idr* idr, void* pointer, unsigned* id, unsigned long last, unsigned gfp) {
  k::xarray* tree = tree_of(idr);
  const unsigned base = idr_idr_base(idr);
  const unsigned first = *id < base ? 0 : *id - base;
  if (!tracks_free(tree)) {  // zeroed memory instead of idr_init()
    RING3_WARN_ONCE("lib/idr.c", 40, "idr_alloc_u32", "");
    xarray_xa_flags(tree) |= kTrackFree | root_mark_bit(kFreeMark);
  }
  if (last < base) return -ENOSPC;
  Cursor cursor(tree);
  do {
    cursor.index = first;
    cursor.find_marked(last - base, kFreeMark);
    if (cursor.node == Cursor::restart())
      cursor.set_error(-ENOSPC);
    else
      *id = static_cast<unsigned>(cursor.index) + base;
    cursor.store(as_entry(pointer));
    cursor.clear_mark(kFreeMark);
  } while (cursor.out_of_memory(gfp));
  return cursor.error();
}

// The entry at or after this index; skips those that are null.
void* next_entry(const k::idr* idr, uint64_t& index, uint64_t last) {
  Cursor cursor(tree_of(idr), index);
  rcu_read_lock();
  Entry entry;
  do {
    entry = cursor.find(last);
  } while (cursor.retry(entry));
  rcu_read_unlock();
  index = cursor.index;
  return entry;
}

KAPI(idr_alloc_u32, Real, int,
     (k::idr * idr, void* pointer, unsigned* id, unsigned long last, unsigned gfp)) {
  return give_number(idr, pointer, id, last, gfp);
}
KAPI(idr_alloc, Real, int, (k::idr * idr, void* pointer, int start, int end, unsigned gfp)) {
  if (start < 0) {
    RING3_WARN_ONCE("lib/idr.c", 82, "idr_alloc", "");
    return -EINVAL;
  }
  unsigned id = start;
  int error = give_number(idr, pointer, &id, end > 0 ? end - 1 : INT_MAX, gfp);
  return error ? error : static_cast<int>(id);
}
KAPI(idr_alloc_cyclic, Real, int, (k::idr * idr, void* pointer, int start, int end, unsigned gfp)) {
  const unsigned first = start;
  const unsigned long last = end > 0 ? end - 1 : INT_MAX;
  unsigned id = std::max(idr_idr_next(idr), first);
  int error = give_number(idr, pointer, &id, last, gfp);
  if (error == -ENOSPC && id > first) {
    id = first;
    error = give_number(idr, pointer, &id, last, gfp);
  }
  if (error) return error;
  idr_idr_next(idr) = id + 1;
  return static_cast<int>(id);
}
KAPI(idr_remove, Real, void*, (k::idr * idr, unsigned long id)) {
  Cursor cursor(tree_of(idr), id - idr_idr_base(idr));
  return as_pointer(cursor.store(nullptr));
}
KAPI(idr_find, Real, void*, (const k::idr* idr, unsigned long id)) {
  return xarray_load(tree_of(idr), id - idr_idr_base(idr));
}
KAPI(idr_for_each, Real, int, (const k::idr* idr, int (*function)(int, void*, void*), void* data)) {
  for (uint64_t index = 0;; index++) {
    void* entry = next_entry(idr, index, UINT64_MAX);
    if (!entry) return 0;
    uint64_t id = index + idr_idr_base(idr);
    if (id > INT_MAX) return 0;
    if (int result = function(static_cast<int>(id), entry, data)) return result;
  }
}
KAPI(idr_get_next_ul, Real, void*, (k::idr * idr, unsigned long* id)) {
  const unsigned base = idr_idr_base(idr);
  uint64_t index = *id < base ? 0 : *id - base;
  void* entry = next_entry(idr, index, UINT64_MAX);
  if (entry) *id = index + base;
  return entry;
}
KAPI(idr_get_next, Real, void*, (k::idr * idr, int* id)) {
  unsigned long next = static_cast<unsigned>(*id);
  void* entry = kapi_body_idr_get_next_ul(idr, &next);
  if (next > INT_MAX) return nullptr;
  *id = static_cast<int>(next);
  return entry;
}
KAPI(idr_replace, Real, void*, (k::idr * idr, void* pointer, unsigned long id)) {
  Cursor cursor(tree_of(idr), id - idr_idr_base(idr));
  Entry old = cursor.load();
  if (!old) return error_pointer(-ENOENT);
  cursor.store(as_entry(pointer));
  return as_pointer(old);
}

constexpr unsigned kMapBits = 1024;  // IDA_BITMAP_BITS
struct Map {
  Word words[kMapBits / kWordBits];
  bool empty() const {
    return std::all_of(std::begin(words), std::end(words), [](Word word) { return !word; });
  }
  bool full() const {
    return std::all_of(std::begin(words), std::end(words), [](Word word) { return !~word; });
  }
};

// The first free number of first..last; -ENOMEM as the cursor's error.
int take_number(Cursor& cursor, unsigned first, unsigned last) {
  cursor.set(first / kMapBits);
  unsigned bit = first % kMapBits;
  while (true) {
    Map* map = static_cast<Map*>(cursor.find_marked(last / kMapBits, kFreeMark));
    if (cursor.node == Cursor::restart() || cursor.index > last / kMapBits) return -ENOSPC;
    if (cursor.index > first / kMapBits) bit = 0;
    if (map) {
      bit = find_next_zero(map->words, kMapBits, bit);
      if (bit == kMapBits) {
        bit = 0;
        continue;
      }
    }
    uint64_t number = cursor.index * kMapBits + bit;
    if (number > last) return -ENOSPC;
    if (!map) {
      map = static_cast<Map*>(kernel_allocate(sizeof(Map), kGfpNoWarn | 1u << 11 | kGfpZero));
      if (!map) {
        cursor.set_error(-ENOMEM);
        return -ENOMEM;
      }
      set_bit(map->words, bit);
      cursor.store(map);
      if (cursor.error()) {
        kernel_free(map);
        return cursor.error();
      }
    } else {
      set_bit(map->words, bit);
      if (map->full()) cursor.clear_mark(kFreeMark);
    }
    return static_cast<int>(number);
  }
}

KAPI(ida_alloc_range, Real, int, (k::ida * ida, unsigned first, unsigned last, unsigned gfp)) {
  if (static_cast<int>(first) < 0) return -ENOSPC;
  if (static_cast<int>(last) < 0) last = INT_MAX;
  k::xarray* tree = tree_of(ida);
  Cursor cursor(tree);
  int number;
  do {
    IrqSpinGuard guard(xarray_spinlock(tree));
    number = take_number(cursor, first, last);
  } while (cursor.out_of_memory(gfp));
  return number;
}
KAPI(ida_free, Real, void, (k::ida * ida, unsigned id)) {
  if (static_cast<int>(id) < 0) return;
  k::xarray* tree = tree_of(ida);
  {
    IrqSpinGuard guard(xarray_spinlock(tree));
    Cursor cursor(tree, id / kMapBits);
    Map* map = static_cast<Map*>(cursor.load());
    if (map && test_bit(map->words, id % kMapBits)) {
      clear_bit(map->words, id % kMapBits);
      cursor.set_mark(kFreeMark);
      if (map->empty()) {
        cursor.store(nullptr);
        kernel_free(map);
      }
      return;
    }
  }
  kernel_warning("ida_free called for id=%d which is not allocated.\n", static_cast<int>(id));
}
KAPI(ida_destroy, Real, void, (k::ida * ida)) {
  k::xarray* tree = tree_of(ida);
  IrqSpinGuard guard(xarray_spinlock(tree));
  Cursor cursor(tree);
  while (Entry map = cursor.find(UINT64_MAX)) {
    cursor.store(nullptr);
    kernel_free(map);
  }
}

}  // namespace
}  // namespace ring3::kernel
