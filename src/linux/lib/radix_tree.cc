// SPDX-License-Identifier: GPL-2.0-only
// lib/radix-tree.c: the older interface of the same tree. Its users lock it themselves, see its
// slots as pointers, and walk them inline, a node at a time, with struct radix_tree_iter. xa_flags
// holds the GFP flags that nodes are allocated with.
#include <cerrno>

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/sched.h"
#include "linux/include/slab.h"
#include "linux/lib/xarray.h"
#include "machine/memory/memory.h"

namespace ring3::k {
struct idr;
struct radix_tree_preload;
}  // namespace ring3::k

namespace ring3::kernel {

KFIELD(radix_tree_iter, index, unsigned long);
KFIELD(radix_tree_iter, next_index, unsigned long);
KFIELD(radix_tree_iter, tags, unsigned long);
KFIELD(radix_tree_iter, node, k::xa_node*);
KFIELD(radix_tree_preload, nr, unsigned);
KFIELD(radix_tree_preload, nodes, k::xa_node*);

namespace {

using Tree = k::xarray;
using Iterator = k::radix_tree_iter;

KPERCPU_INIT(radix_tree_preloads, Real, "radix_tree_preload", 0) {
  // include/linux/gfp_types.h: an enumeration says where the flags end; kernels without it have 27.
  gfp_bits = static_cast<unsigned>(binding.target().enumerator("___GFP_LAST_BIT").value_or(27));
  (void)at;
}

unsigned gfp_of(const Tree* tree) {
  return xarray_xa_flags(tree) & ((1u << gfp_bits) - 1) & ~0xfu;  // without zones
}

// Nodes put aside on this CPU, for inserts that may not sleep; the caller is not preempted.
constexpr unsigned kPathNodes = 11;  // of a tree with 64-bit indices
constexpr unsigned kPreload = 2 * kPathNodes - 1;
constexpr unsigned kIdrPreload = 2 * 6 - 1;  // 31-bit ids

void* preloads() { return machine::percpu().at(this_cpu(), percpu_radix_tree_preloads()); }

// Ends with preemption off, whether it got all of them or not.
int preload(unsigned gfp, unsigned count) {
  preempt_disable();
  while (radix_tree_preload_nr(preloads()) < count) {
    preempt_enable();
    auto* node = static_cast<k::xa_node*>(kernel_allocate_for(0, sizeof_xa_node(), gfp | kGfpZero));
    preempt_disable();
    if (!node) return -ENOMEM;
    void* here = preloads();
    if (radix_tree_preload_nr(here) >= count) {
      kernel_free(node);
      break;
    }
    xa_node_parent(node) = radix_tree_preload_nodes(here);
    radix_tree_preload_nodes(here) = node;
    radix_tree_preload_nr(here)++;
  }
  return 0;
}

KAPI(idr_preload, Real, void, (unsigned gfp)) { preload(gfp, kIdrPreload); }
KAPI(radix_tree_preload, Real, int, (unsigned gfp)) {
  int error = preload(gfp, kPreload);
  if (error) preempt_enable();
  return error;
}
KAPI(radix_tree_maybe_preload, Real, int, (unsigned gfp)) {
  if (gfp & kGfpDirectReclaim) return kapi_body_radix_tree_preload(gfp);
  preempt_disable();
  return 0;
}

KAPI(radix_tree_insert, Real, int, (Tree * tree, unsigned long index, void* item)) {
  Cursor cursor(tree, index);
  do {
    if (cursor.load()) return -EEXIST;
    cursor.store(item);
  } while (cursor.out_of_memory(gfp_of(tree)));
  return cursor.error();
}
KAPI(radix_tree_lookup, Real, void*, (const Tree* tree, unsigned long index)) {
  return Cursor(const_cast<Tree*>(tree), index).load();
}

Entry* slot_of(const Cursor& cursor) {
  return cursor.node ? slots_of(cursor.node) + cursor.offset : &xarray_xa_head(cursor.tree);
}
KAPI(radix_tree_lookup_slot, Real, void**, (const Tree* tree, unsigned long index)) {
  Cursor cursor(const_cast<Tree*>(tree), index);
  return cursor.load() ? slot_of(cursor) : nullptr;
}
KAPI(radix_tree_replace_slot, Real, void, (Tree*, void** slot, void* entry)) {
  store_slot(slot, entry);
}

KAPI(radix_tree_delete_item, Real, void*, (Tree * tree, unsigned long index, void* item)) {
  Cursor cursor(tree, index);
  Entry entry = cursor.load();
  if (!entry || (item && entry != item)) return nullptr;
  cursor.store(nullptr);
  return entry == zero_entry() ? nullptr : entry;
}
KAPI(radix_tree_delete, Real, void*, (Tree * tree, unsigned long index)) {
  return kapi_body_radix_tree_delete_item(tree, index, nullptr);
}
KAPI(radix_tree_iter_delete, Real, void, (Tree * tree, Iterator* iterator, void**)) {
  Cursor cursor(tree, radix_tree_iter_index(iterator));
  cursor.load();
  k::xa_node* node = cursor.node;
  cursor.store(nullptr);
  // The node went, so its slots are not walked any further.
  if (cursor.node != node) radix_tree_iter_index(iterator) = radix_tree_iter_next_index(iterator);
}

constexpr unsigned kTagMask = 0xf, kTagged = 0x10, kContiguous = 0x20;  // RADIX_TREE_ITER_*

KAPI(radix_tree_next_chunk, Real, void**, (const Tree* tree, Iterator* iterator, unsigned flags)) {
  const unsigned tag = flags & kTagMask;
  if ((flags & kTagged) && !root_marked(tree, tag)) return nullptr;
  const uint64_t index = radix_tree_iter_next_index(iterator);
  if (!index && radix_tree_iter_index(iterator)) return nullptr;  // behind the last index of all
  Cursor cursor(const_cast<Tree*>(tree), index);
  Entry entry;
  do {
    if (flags & kContiguous)
      entry = cursor.load();
    else
      entry = flags & kTagged ? cursor.find_marked(UINT64_MAX, tag) : cursor.find(UINT64_MAX);
    if ((flags & kContiguous) && (flags & kTagged) && !cursor.marked(tag)) entry = nullptr;
  } while (entry == retry_entry() && cursor.retry(entry));
  if (!entry) return nullptr;
  radix_tree_iter_index(iterator) = cursor.index;
  radix_tree_iter_node(iterator) = cursor.node;
  if (!cursor.node) {
    radix_tree_iter_next_index(iterator) = 1;
    radix_tree_iter_tags(iterator) = 1;
    return slot_of(cursor);
  }
  radix_tree_iter_next_index(iterator) = (cursor.index | kChunkMask) + 1;
  if (flags & kTagged)
    radix_tree_iter_tags(iterator) = mark_word(cursor.node, tag) >> cursor.offset;
  return slot_of(cursor);
}
KAPI(radix_tree_iter_resume, Real, void**, (void**, Iterator* iterator)) {
  radix_tree_iter_next_index(iterator) = ++radix_tree_iter_index(iterator);
  radix_tree_iter_tags(iterator) = 0;
  return nullptr;
}

// Up to `most` entries, or where they lie.
template <class Found>
unsigned gang(const Tree* tree, uint64_t first, unsigned most, int tag, Found&& found) {
  Cursor cursor(const_cast<Tree*>(tree), first);
  unsigned count = 0;
  while (count < most) {
    Entry entry = tag < 0 ? cursor.find(UINT64_MAX) : cursor.find_marked(UINT64_MAX, tag);
    if (!entry) break;
    if (!cursor.retry(entry)) found(count++, cursor, entry);
  }
  return count;
}
KAPI(radix_tree_gang_lookup, Real, unsigned,
     (const Tree* tree, void** results, unsigned long first, unsigned most)) {
  return gang(tree, first, most, -1, [&](unsigned i, Cursor&, Entry entry) { results[i] = entry; });
}
KAPI(radix_tree_gang_lookup_tag, Real, unsigned,
     (const Tree* tree, void** results, unsigned long first, unsigned most, unsigned tag)) {
  return gang(tree, first, most, static_cast<int>(tag),
              [&](unsigned i, Cursor&, Entry entry) { results[i] = entry; });
}
KAPI(radix_tree_gang_lookup_tag_slot, Real, unsigned,
     (const Tree* tree, void*** results, unsigned long first, unsigned most, unsigned tag)) {
  return gang(tree, first, most, static_cast<int>(tag),
              [&](unsigned i, Cursor& cursor, Entry) { results[i] = slot_of(cursor); });
}

KAPI(radix_tree_tag_set, Real, void*, (Tree * tree, unsigned long index, unsigned tag)) {
  Cursor cursor(tree, index);
  Entry entry = cursor.load();
  if (entry) cursor.set_mark(tag);
  return entry;
}
KAPI(radix_tree_tag_clear, Real, void*, (Tree * tree, unsigned long index, unsigned tag)) {
  Cursor cursor(tree, index);
  Entry entry = cursor.load();
  if (entry) cursor.clear_mark(tag);
  return entry;
}
KAPI(radix_tree_tag_get, Real, int, (const Tree* tree, unsigned long index, unsigned tag)) {
  Cursor cursor(const_cast<Tree*>(tree), index);
  return cursor.load() && cursor.marked(tag);
}
KAPI(radix_tree_tagged, Real, int, (const Tree* tree, unsigned tag)) {
  return root_marked(tree, tag);
}
KAPI(idr_destroy, Real, void, (k::idr * idr)) {
  xarray_destroy(reinterpret_cast<Tree*>(idr));  // idr_rt is its first member
}

}  // namespace

k::xa_node* take_preloaded_node() {
  if (!machine::has_memory() || !on_cpu() || in_interrupt()) return nullptr;
  void* here = preloads();
  k::xa_node* node = radix_tree_preload_nodes(here);
  if (!node) return nullptr;
  radix_tree_preload_nodes(here) = xa_node_parent(node);
  radix_tree_preload_nr(here)--;
  xa_node_parent(node) = nullptr;
  return node;
}

}  // namespace ring3::kernel
