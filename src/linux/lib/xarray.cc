// SPDX-License-Identifier: GPL-2.0-only
// lib/xarray.c: the functions that take an array and an index, and lock it themselves or (with two
// underscores) leave that to the caller.
#include <bit>
#include <cerrno>

#include "kapi/kapi.h"
#include "linux/include/bug.h"
#include "linux/include/rcu.h"
#include "linux/lib/xarray.h"

namespace ring3::k {
struct xa_limit {
  uint32_t max;
  uint32_t min;
};
}  // namespace ring3::k

namespace ring3::kernel {

void xarray_lock(k::xarray* tree) {
  preempt_disable();
  spin_lock_word(xarray_spinlock(tree));
}
void xarray_unlock(k::xarray* tree) {
  spin_unlock_word(xarray_spinlock(tree));
  preempt_enable();
}

Entry xarray_load(k::xarray* tree, uint64_t index) {
  Cursor cursor(tree, index);
  rcu_read_lock();
  Entry entry;
  do {
    entry = cursor.load();
    if (entry == zero_entry()) entry = nullptr;
  } while (cursor.retry(entry));
  rcu_read_unlock();
  return entry;
}

void xarray_destroy(k::xarray* tree) {
  IrqSpinGuard guard(xarray_spinlock(tree));
  Entry head = head_of_tree(tree);
  Cursor cursor(tree);
  cursor.node = Cursor::at_root();
  store_slot(&xarray_xa_head(tree), nullptr);
  cursor.init_marks();
  if (xarray_xa_flags(tree) & kZeroBusy) cursor.clear_mark(kFreeMark);
  if (is_node(head)) cursor.free_subtree(node_of(head));
}

namespace {

using Array = k::xarray;

class Locked {
 public:
  explicit Locked(Array* tree) : tree_(tree) { xarray_lock(tree_); }
  ~Locked() { xarray_unlock(tree_); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  Array* tree_;
};

void warn_advanced(int line, const char* function) {
  RING3_WARN_ONCE("lib/xarray.c", line, function, "");
}

Entry store(Array* tree, uint64_t index, Entry entry, unsigned gfp) {
  if (is_advanced(entry)) {
    warn_advanced(1538, "__xa_store");
    return error_entry(-EINVAL);
  }
  if (tracks_free(tree) && !entry) entry = zero_entry();
  Cursor cursor(tree, index);
  Entry old;
  do {
    old = cursor.store(entry);
    if (tracks_free(tree)) cursor.clear_mark(kFreeMark);
  } while (cursor.out_of_memory_locked(gfp));
  return cursor.result(old);
}

// Stores where `old` is; gives what was there, "zero" as it is.
Entry exchange(Array* tree, uint64_t index, Entry old, Entry entry, unsigned gfp) {
  if (is_advanced(entry)) {
    warn_advanced(1608, "__xa_cmpxchg");
    return error_entry(-EINVAL);
  }
  Cursor cursor(tree, index);
  Entry now;
  do {
    now = cursor.load();
    if (now == old) {
      cursor.store(entry);
      if (tracks_free(tree) && entry && !now) cursor.clear_mark(kFreeMark);
    }
  } while (cursor.out_of_memory_locked(gfp));
  return cursor.error() ? cursor.result(nullptr) : now;
}

int allocate(Array* tree, uint32_t* id, Entry entry, k::xa_limit limit, unsigned gfp) {
  if (is_advanced(entry) || !tracks_free(tree)) {
    warn_advanced(1850, "__xa_alloc");
    return -EINVAL;
  }
  if (!entry) entry = zero_entry();
  Cursor cursor(tree);
  do {
    cursor.index = limit.min;
    cursor.find_marked(limit.max, kFreeMark);
    if (cursor.node == Cursor::restart())
      cursor.set_error(-EBUSY);
    else
      *id = static_cast<uint32_t>(cursor.index);
    cursor.store(entry);
    cursor.clear_mark(kFreeMark);
  } while (cursor.out_of_memory_locked(gfp));
  return cursor.error();
}

Entry find(Cursor& cursor, uint64_t last, unsigned filter) {
  return filter < kMarks ? cursor.find_marked(last, filter) : cursor.find(last);
}

void change_mark_at(Array* tree, uint64_t index, unsigned mark, bool on) {
  Cursor cursor(tree, index);
  Entry entry = cursor.load();
  if (!entry) return;
  on ? cursor.set_mark(mark) : cursor.clear_mark(mark);
}

KAPI(xa_load, Real, Entry, (Array * tree, unsigned long index)) { return xarray_load(tree, index); }
KAPI(__xa_erase, Real, Entry, (Array * tree, unsigned long index)) {
  Cursor cursor(tree, index);
  return cursor.result(cursor.store(nullptr));
}
KAPI(xa_erase, Real, Entry, (Array * tree, unsigned long index)) {
  Locked locked(tree);
  return kapi_body___xa_erase(tree, index);
}
KAPI(__xa_store, Real, Entry, (Array * tree, unsigned long index, Entry entry, unsigned gfp)) {
  return store(tree, index, entry, gfp);
}
KAPI(xa_store, Real, Entry, (Array * tree, unsigned long index, Entry entry, unsigned gfp)) {
  Locked locked(tree);
  return store(tree, index, entry, gfp);
}
KAPI(__xa_cmpxchg, Real, Entry,
     (Array * tree, unsigned long index, Entry old, Entry entry, unsigned gfp)) {
  Entry now = exchange(tree, index, old, entry, gfp);
  return now == zero_entry() ? nullptr : now;
}
KAPI(__xa_insert, Real, int, (Array * tree, unsigned long index, Entry entry, unsigned gfp)) {
  Entry now = exchange(tree, index, nullptr, entry ? entry : zero_entry(), gfp);
  if (is_error(now)) return static_cast<int>(static_cast<int64_t>(bits_of(now)) >> 2);
  return now ? -EBUSY : 0;
}

KAPI(xa_store_range, Real, Entry,
     (Array * tree, unsigned long first, unsigned long last, Entry entry, unsigned gfp)) {
  if (is_internal(entry) || last < first) return error_entry(-EINVAL);
  Cursor cursor(tree);
  do {
    Locked locked(tree);
    if (entry) {
      // The nodes down to where the range ends.
      unsigned order = last + 1 ? std::countr_zero(last + 1) : 64;
      cursor.set(order < 64 ? last >> order << order : 0);
      cursor.shift = order - order % kChunkShift;
      cursor.sibs = (1u << (order % kChunkShift)) - 1;
      cursor.create(true);
      if (cursor.error()) continue;
    }
    while (true) {
      cursor.set_range(first, last);
      cursor.store(entry);
      if (cursor.error() || last - first < cursor.size()) break;
      first += cursor.size();
    }
  } while (cursor.out_of_memory(gfp));
  return cursor.result(nullptr);
}

KAPI(__xa_alloc, Real, int,
     (Array * tree, uint32_t* id, Entry entry, k::xa_limit limit, unsigned gfp)) {
  return allocate(tree, id, entry, limit, gfp);
}
// From *next on, then from the beginning; 1: it began again.
KAPI(__xa_alloc_cyclic, Real, int,
     (Array * tree, uint32_t* id, Entry entry, k::xa_limit limit, uint32_t* next, unsigned gfp)) {
  const uint32_t least = limit.min;
  if (*next > least) limit.min = *next;
  int result = allocate(tree, id, entry, limit, gfp);
  unsigned& flags = xarray_xa_flags(tree);
  if ((flags & kWrapped) && !result) {
    flags &= ~kWrapped;
    result = 1;
  }
  if (result < 0 && limit.min > least) {
    limit.min = least;
    result = allocate(tree, id, entry, limit, gfp);
    if (!result) result = 1;
  }
  if (result >= 0) {
    *next = *id + 1;
    if (!*next) flags |= kWrapped;
  }
  return result;
}

KAPI(__xa_set_mark, Real, void, (Array * tree, unsigned long index, unsigned mark)) {
  change_mark_at(tree, index, mark, true);
}
KAPI(__xa_clear_mark, Real, void, (Array * tree, unsigned long index, unsigned mark)) {
  change_mark_at(tree, index, mark, false);
}
KAPI(xa_set_mark, Real, void, (Array * tree, unsigned long index, unsigned mark)) {
  Locked locked(tree);
  change_mark_at(tree, index, mark, true);
}
KAPI(xa_clear_mark, Real, void, (Array * tree, unsigned long index, unsigned mark)) {
  Locked locked(tree);
  change_mark_at(tree, index, mark, false);
}
KAPI(xa_get_mark, Real, bool, (Array * tree, unsigned long index, unsigned mark)) {
  Cursor cursor(tree, index);
  rcu_read_lock();
  cursor.load();
  bool marked = cursor.marked(mark);
  rcu_read_unlock();
  return marked;
}

KAPI(xa_find, Real, Entry,
     (Array * tree, unsigned long* index, unsigned long last, unsigned filter)) {
  Cursor cursor(tree, *index);
  rcu_read_lock();
  Entry entry;
  do {
    entry = find(cursor, last, filter);
  } while (cursor.retry(entry));
  rcu_read_unlock();
  if (entry) *index = cursor.index;
  return entry;
}
KAPI(xa_find_after, Real, Entry,
     (Array * tree, unsigned long* index, unsigned long last, unsigned filter)) {
  Cursor cursor(tree, *index + 1);
  if (!cursor.index) return nullptr;
  rcu_read_lock();
  Entry entry;
  do {
    entry = find(cursor, last, filter);
  } while (!cursor.invalid() && (cursor.on_sibling() || cursor.retry(entry)));
  rcu_read_unlock();
  if (entry) *index = cursor.index;
  return entry;
}
KAPI(xa_extract, Real, unsigned,
     (Array * tree, Entry* found, unsigned long first, unsigned long last, unsigned most,
      unsigned filter)) {
  if (!most) return 0;
  Cursor cursor(tree, first);
  unsigned count = 0;
  rcu_read_lock();
  for (Entry entry = find(cursor, last, filter); entry; entry = find(cursor, last, filter)) {
    if (cursor.retry(entry)) continue;
    found[count++] = entry;
    if (count == most) break;
  }
  rcu_read_unlock();
  return count;
}
KAPI(xa_get_order, Real, int, (Array * tree, unsigned long index)) {
  Cursor cursor(tree, index);
  rcu_read_lock();
  int order = cursor.load() ? static_cast<int>(cursor.order()) : 0;
  rcu_read_unlock();
  return order;
}

// For page cache and the like: takes away a node whose entries have been counted out.
KAPI(xa_delete_node, Real, void, (k::xa_node * node, UpdateNode update)) {
  unsigned shift = xa_node_shift(node) + kChunkShift;
  Cursor cursor(xa_node_array(node), uint64_t{xa_node_offset(node)} << shift);
  cursor.shift = shift;
  cursor.offset = xa_node_offset(node);
  cursor.node = xa_node_parent(node);
  cursor.update = update;
  cursor.store(nullptr);
}
KAPI(xa_destroy, Real, void, (Array * tree)) { xarray_destroy(tree); }

}  // namespace
}  // namespace ring3::kernel
