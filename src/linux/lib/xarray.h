// SPDX-License-Identifier: GPL-2.0-only
// The tree that XArray, IDR, IDA and radix tree are faces of: nodes of 64 slots, in the target's
// struct xa_node because modules walk them inline, and a cursor that stands in one of them. An
// entry is a pointer, a value (bit 0 set) or, with 2 in its low bits, something of the tree's own:
// a node, a sibling (this slot belongs to the entry some slots before), "retry" or "zero", which
// reserves an index and reads as null.
//
// A tree that tracks free indices keeps mark 0 on every slot that is not in use.
#pragma once

#include <cstdint>

#include "kapi/field.h"

namespace ring3::k {
struct xarray;
struct xa_node;
struct xa_state;
struct radix_tree_iter;
}  // namespace ring3::k

namespace ring3::kernel {

using Entry = void*;
using UpdateNode = void (*)(k::xa_node*);

KSIZE(xa_node);
KFIELD(xa_node, shift, unsigned char);
KFIELD(xa_node, offset, unsigned char);
KFIELD(xa_node, count, unsigned char);
KFIELD(xa_node, nr_values, unsigned char);
KFIELD(xa_node, parent, k::xa_node*);
KFIELD(xa_node, array, k::xarray*);
KPLACE(xa_node, private_list, private_list);
KPLACE(xa_node, slots, slots);
KPLACE(xa_node, marks, marks);
KPLACE(xarray, xa_lock, spinlock);
KFIELD(xarray, xa_flags, unsigned);
KFIELD(xarray, xa_head, void*);

inline constexpr unsigned kChunkShift = 6;
inline constexpr unsigned kChunkSize = 1u << kChunkShift;
inline constexpr unsigned kChunkMask = kChunkSize - 1;
inline constexpr unsigned kMarks = 3;
inline constexpr unsigned kFreeMark = 0;

// xa_flags; above __GFP_BITS_SHIFT lie the root's marks.
inline constexpr unsigned kLockIrq = 1, kLockBh = 2, kTrackFree = 4, kZeroBusy = 8, kWrapped = 16;

inline uint64_t bits_of(const void* entry) { return reinterpret_cast<uint64_t>(entry); }
inline Entry internal_entry(uint64_t value) { return reinterpret_cast<Entry>(value << 2 | 2); }
inline Entry retry_entry() { return internal_entry(256); }
inline Entry zero_entry() { return internal_entry(257); }
inline Entry sibling_entry(unsigned offset) { return internal_entry(offset); }
inline Entry error_entry(int error) { return internal_entry(static_cast<int64_t>(error)); }
inline Entry node_entry(const k::xa_node* node) {
  return reinterpret_cast<Entry>(bits_of(node) | 2);
}
inline bool is_internal(const void* entry) { return (bits_of(entry) & 3) == 2; }
inline bool is_value(const void* entry) { return bits_of(entry) & 1; }
inline bool is_sibling(const void* entry) {
  return is_internal(entry) && bits_of(entry) < bits_of(sibling_entry(kChunkMask));
}
inline bool is_advanced(const void* entry) {
  return is_internal(entry) && bits_of(entry) <= bits_of(retry_entry());
}
inline bool is_error(const void* entry) {
  return is_internal(entry) && bits_of(entry) >= bits_of(error_entry(-4095));
}
inline bool is_node(const void* entry) {
  return is_internal(entry) && bits_of(entry) > 4096 && !is_error(entry);
}
inline k::xa_node* node_of(const void* entry) {
  return reinterpret_cast<k::xa_node*>(bits_of(entry) - 2);
}

// Slots are read without the lock.
inline Entry* slots_of(const k::xa_node* node) { return static_cast<Entry*>(xa_node_slots(node)); }
inline Entry load_slot(const Entry* slot) { return __atomic_load_n(slot, __ATOMIC_ACQUIRE); }
inline void store_slot(Entry* slot, Entry entry) {
  __atomic_store_n(slot, entry, __ATOMIC_RELEASE);
}
inline Entry slot(const k::xa_node* node, unsigned offset) {
  return load_slot(slots_of(node) + offset);
}
inline uint64_t& mark_word(const k::xa_node* node, unsigned mark) {
  return static_cast<uint64_t*>(xa_node_marks(node))[mark];
}
inline Entry head_of_tree(const k::xarray* tree) { return load_slot(&xarray_xa_head(tree)); }

inline bool tracks_free(const k::xarray* tree) { return xarray_xa_flags(tree) & kTrackFree; }
inline unsigned gfp_bits = 27;  // __GFP_BITS_SHIFT of the target
inline unsigned root_mark_bit(unsigned mark) { return 1u << gfp_bits << mark; }
inline bool root_marked(const k::xarray* tree, unsigned mark) {
  return xarray_xa_flags(tree) & root_mark_bit(mark);
}

// A place in a tree: what struct xa_state says, with the same meanings.
class Cursor {
 public:
  explicit Cursor(k::xarray* tree, uint64_t index = 0) : tree(tree), index(index) {}

  // `node` when it is none: the entry is the root itself, behind the last entry, not looked up yet.
  static k::xa_node* at_root() { return nullptr; }
  static k::xa_node* bounds() { return reinterpret_cast<k::xa_node*>(1); }
  static k::xa_node* restart() { return reinterpret_cast<k::xa_node*>(3); }
  bool invalid() const { return bits_of(node) & 3; }
  bool in_node() const { return node && !invalid(); }
  bool at_top() const { return bits_of(node) <= 3; }
  int error() const {
    return is_error(node) ? static_cast<int>(static_cast<int64_t>(bits_of(node)) >> 2) : 0;
  }
  void set_error(int code) { node = reinterpret_cast<k::xa_node*>(error_entry(code)); }
  void set(uint64_t to) {
    index = to;
    node = restart();
  }
  void set_range(uint64_t first,
                 uint64_t last);  // the largest piece from `first` that is one entry
  uint64_t size() const { return (sibs + 1ull) << shift; }

  Entry load();
  Entry store(Entry entry);
  Entry create(bool allow_root);
  void create_range();
  Entry find(uint64_t last);
  Entry find_marked(uint64_t last, unsigned mark);
  Entry find_conflict();
  Entry next();
  Entry previous();
  void pause();
  unsigned order() const;   // of the entry it stands on
  bool on_sibling() const;  // the index is not the entry's first
  bool retry(Entry entry);  // `entry` is no result: look again

  bool marked(unsigned mark) const;
  void set_mark(unsigned mark);
  void clear_mark(unsigned mark);
  void init_marks();

  // True: memory was short, is there now, and the operation is to be repeated.
  bool out_of_memory(unsigned gfp);
  bool out_of_memory_locked(unsigned gfp);  // gives up the tree's lock if the caller may sleep
  void split_alloc(Entry entry, unsigned order, unsigned gfp);
  void split(Entry entry, unsigned order);
  void free_subtree(k::xa_node* top);
  // What the XArray's functions return.
  Entry result(Entry entry) const;

  k::xarray* tree;
  uint64_t index;
  uint8_t shift = 0;   // of the entry to be stored: its slots are of a node with this shift,
  uint8_t sibs = 0;    // and this many more than one
  uint8_t offset = 0;  // in node
  k::xa_node* node = restart();
  k::xa_node* spare = nullptr;  // a node for the next store, or a chain through parent
  UpdateNode update = nullptr;

 private:
  Entry start();
  Entry descend(k::xa_node* into);
  unsigned offset_in(const k::xa_node* in) const { return index >> xa_node_shift(in) & kChunkMask; }
  void move_index(unsigned to);
  void next_offset() { move_index(++offset); }
  Entry leave_bounds() {
    node = bounds();
    return nullptr;
  }
  uint64_t last_index() const;
  k::xa_node* allocate(unsigned node_shift);
  int expand(Entry head);
  void shrink();
  void delete_node();
  void squash_marks();
  void updated(k::xa_node* changed) {
    if (update) update(changed);
  }
  void free_spares();
};

void xarray_lock(k::xarray* tree);
void xarray_unlock(k::xarray* tree);
Entry xarray_load(k::xarray* tree, uint64_t index);
void xarray_destroy(k::xarray* tree);

// radix_tree.cc: a node from what radix_tree_preload() put aside, or null.
k::xa_node* take_preloaded_node();
void make_node_clean(k::xa_node* node);

}  // namespace ring3::kernel
