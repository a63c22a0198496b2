// SPDX-License-Identifier: GPL-2.0-only
// How a cursor changes the tree: nodes come with the first entry below them and go with the last,
// the tree grows at the root and shrinks there, marks are carried up. The caller holds the lock;
// readers do not, so a node that goes is freed a grace period later.
#include <cerrno>

#include "linux/include/list.h"
#include "linux/include/rcu.h"
#include "linux/include/slab.h"
#include "linux/include/softirq.h"
#include "linux/lib/xarray.h"

namespace ring3::kernel {
namespace {

constexpr unsigned kGfpNoWait = kGfpNoWarn | 1u << 11;  // KSWAPD_RECLAIM: does not sleep

bool any_marked(const k::xa_node* node, unsigned mark) { return mark_word(node, mark); }

// Sets or clears a mark; what it was.
bool change_mark(k::xa_node* node, unsigned offset, unsigned mark, bool on) {
  uint64_t& word = mark_word(node, mark);
  uint64_t bit = uint64_t{1} << offset;
  bool old = word & bit;
  word = on ? word | bit : word & ~bit;
  return old;
}
void set_root_mark(k::xarray* tree, unsigned mark, bool on) {
  unsigned& flags = xarray_xa_flags(tree);
  flags = on ? flags | root_mark_bit(mark) : flags & ~root_mark_bit(mark);
}

k::xa_node* new_node(unsigned gfp) {
  auto* node = static_cast<k::xa_node*>(kernel_allocate(sizeof_xa_node(), gfp | kGfpZero));
  if (!node) node = take_preloaded_node();
  if (node) make_node_clean(node);
  return node;
}
void free_node(k::xa_node* node) {
  rcu_defer([node] { kernel_free(node); });
}

}  // namespace

void make_node_clean(k::xa_node* node) { list_init(xa_node_private_list(node)); }

k::xa_node* Cursor::allocate(unsigned node_shift) {
  if (invalid()) return nullptr;
  k::xa_node* fresh = spare;
  if (fresh) {
    spare = nullptr;
  } else if (!(fresh = new_node(kGfpNoWait))) {
    set_error(-ENOMEM);
    return nullptr;
  }
  if (node) {
    xa_node_offset(fresh) = offset;
    xa_node_count(node)++;
    updated(node);
  }
  xa_node_shift(fresh) = node_shift;
  xa_node_count(fresh) = 0;
  xa_node_nr_values(fresh) = 0;
  xa_node_parent(fresh) = node;
  xa_node_array(fresh) = tree;
  return fresh;
}

bool Cursor::out_of_memory(unsigned gfp) {
  if (error() != -ENOMEM) {
    free_spares();
    return false;
  }
  spare = new_node(gfp);
  if (!spare) return false;
  node = restart();
  return true;
}

bool Cursor::out_of_memory_locked(unsigned gfp) {
  if (error() != -ENOMEM) {
    free_spares();
    return false;
  }
  if (!(gfp & kGfpDirectReclaim)) return out_of_memory(gfp);
  unsigned lock = xarray_xa_flags(tree) & 3;
  xarray_unlock(tree);
  if (lock == kLockIrq) machine::enable_interrupts();
  if (lock == kLockBh) local_bh_enable();
  bool again = out_of_memory(gfp);
  if (lock == kLockIrq) machine::disable_interrupts();
  if (lock == kLockBh) local_bh_disable();
  xarray_lock(tree);
  return again;
}

void Cursor::free_spares() {
  while (spare) {
    k::xa_node* next = xa_node_parent(spare);
    kernel_free(spare);
    spare = next;
  }
}

// The last index of what is to be stored.
uint64_t Cursor::last_index() const {
  uint64_t last = index;
  if (shift || sibs) {
    uint64_t mask = size() - 1;
    last |= mask;
    if (last == mask) last++;  // an entry of several indices never is the root itself
  }
  return last;
}

// Makes the tree high enough. The shift above its top node, 0 for an empty tree or a single entry,
// -1 without memory.
int Cursor::expand(Entry head) {
  uint64_t last = last_index();
  unsigned top = 0;
  if (!head) {
    if (!last) return 0;
    while (last >> top >= kChunkSize) top += kChunkShift;
    return static_cast<int>(top + kChunkShift);
  }
  if (is_node(head)) top = xa_node_shift(node_of(head)) + kChunkShift;
  node = at_root();
  while (top < 64 && last >> top) {
    k::xa_node* above = allocate(top);
    if (!above) return -1;
    xa_node_count(above) = 1;
    if (is_value(head)) xa_node_nr_values(above) = 1;
    store_slot(slots_of(above), head);
    for (unsigned mark = 0; mark < kMarks; mark++) {
      if (tracks_free(tree) && mark == kFreeMark) {
        mark_word(above, mark) = ~uint64_t{0};
        if (!root_marked(tree, mark)) {
          change_mark(above, 0, mark, false);
          set_root_mark(tree, mark, true);
        }
      } else if (root_marked(tree, mark)) {
        change_mark(above, 0, mark, true);
      }
    }
    if (is_node(head)) {
      xa_node_offset(node_of(head)) = 0;
      xa_node_parent(node_of(head)) = above;
    }
    head = node_entry(above);
    store_slot(&xarray_xa_head(tree), head);
    updated(above);
    top += kChunkShift;
  }
  node = at_root();
  return static_cast<int>(top);
}

// Makes the nodes down to the slot where an entry of this shift belongs, and stands there.
Entry Cursor::create(bool allow_root) {
  Entry* place;
  Entry entry;
  unsigned level;
  if (at_top()) {
    entry = head_of_tree(tree);
    node = at_root();
    if (!entry && (xarray_xa_flags(tree) & kZeroBusy)) entry = zero_entry();
    int height = expand(entry);
    if (height < 0) return nullptr;
    level = height;
    if (!level && !allow_root) level = kChunkShift;
    place = &xarray_xa_head(tree);
    entry = load_slot(place);
  } else if (error()) {
    return nullptr;
  } else {
    level = xa_node_shift(node);
    place = slots_of(node) + offset;
    entry = load_slot(place);
  }
  while (level > shift) {
    level -= kChunkShift;
    k::xa_node* below;
    if (!entry) {
      below = allocate(level);
      if (!below) break;
      if (tracks_free(tree)) mark_word(below, kFreeMark) = ~uint64_t{0};
      store_slot(place, node_entry(below));
    } else if (is_node(entry)) {
      below = node_of(entry);
      level = xa_node_shift(below);
    } else {
      break;
    }
    entry = descend(below);
    place = slots_of(node) + offset;
  }
  return entry;
}

Entry Cursor::store(Entry entry) {
  Entry first = entry ? create(!is_node(entry) && entry != zero_entry()) : load();
  if (invalid()) return first;
  if (node && shift < xa_node_shift(node)) sibs = 0;
  if (first == entry && !sibs) return first;

  Entry next = first;
  unsigned at = offset;
  const unsigned last = offset + sibs;
  int count = 0, values = 0;
  if (node && sibs) squash_marks();
  // Before the entry goes: it stays found by its marks as long as it is there.
  if (!entry) init_marks();
  Entry stored = entry;
  while (true) {
    store_slot(node ? slots_of(node) + at : &xarray_xa_head(tree), stored);
    if (is_node(next) && (!node || xa_node_shift(node))) free_subtree(node_of(next));
    if (!node) break;
    count += (next == nullptr) - (entry == nullptr);
    values += is_value(entry) - is_value(first);
    if (entry) {
      if (at == last) break;
      stored = sibling_entry(offset);
    } else if (at == kChunkMask) {
      break;
    }
    next = slot(node, ++at);
    if (!is_sibling(next)) {
      if (!entry && at > last) break;
      first = next;
    }
  }
  if (node && (count || values)) {
    xa_node_count(node) += count;
    xa_node_nr_values(node) += values;
    updated(node);
    if (count < 0) delete_node();
  }
  return result(first);
}

// The entry takes several slots: a mark on one of them is a mark on the first.
void Cursor::squash_marks() {
  uint64_t others = 0;
  for (unsigned i = 1; i <= sibs; i++) others |= uint64_t{1} << (offset + i);
  for (unsigned mark = 0; mark < kMarks; mark++) {
    uint64_t& word = mark_word(node, mark);
    if (!(word & others)) continue;
    word = (word & ~others) | uint64_t{1} << offset;
  }
}

void Cursor::delete_node() {
  k::xa_node* empty = node;
  while (!xa_node_count(empty)) {
    k::xa_node* parent = xa_node_parent(empty);
    node = parent;
    offset = xa_node_offset(empty);
    free_node(empty);
    if (!parent) {
      store_slot(&xarray_xa_head(tree), nullptr);
      node = bounds();
      return;
    }
    store_slot(slots_of(parent) + offset, nullptr);
    xa_node_count(parent)--;
    empty = parent;
    updated(empty);
  }
  if (!xa_node_parent(empty)) shrink();
}

// A top node whose only entry is its first one is not needed.
void Cursor::shrink() {
  k::xa_node* top = node;
  while (xa_node_count(top) == 1) {
    Entry entry = slot(top, 0);
    if (!entry || (!is_node(entry) && xa_node_shift(top))) break;
    if (entry == zero_entry() && (xarray_xa_flags(tree) & kZeroBusy)) entry = nullptr;
    node = bounds();
    store_slot(&xarray_xa_head(tree), entry);
    if (tracks_free(tree) && !(mark_word(top, kFreeMark) & 1))
      set_root_mark(tree, kFreeMark, false);
    xa_node_count(top) = 0;
    xa_node_nr_values(top) = 0;
    if (!is_node(entry)) store_slot(slots_of(top), retry_entry());
    updated(top);
    free_node(top);
    if (!is_node(entry)) break;
    top = node_of(entry);
    xa_node_parent(top) = nullptr;
  }
}

void Cursor::free_subtree(k::xa_node* top) {
  for (unsigned i = 0; i < kChunkSize; i++) {
    Entry entry = slot(top, i);
    if (xa_node_shift(top) && is_node(entry)) free_subtree(node_of(entry));
    store_slot(slots_of(top) + i, retry_entry());
  }
  xa_node_count(top) = 0;
  xa_node_nr_values(top) = 0;
  updated(top);
  free_node(top);
}

void Cursor::set_mark(unsigned mark) {
  if (invalid()) return;
  k::xa_node* at = node;
  for (unsigned where = offset; at; where = xa_node_offset(at), at = xa_node_parent(at))
    if (change_mark(at, where, mark, true)) return;
  set_root_mark(tree, mark, true);
}

void Cursor::clear_mark(unsigned mark) {
  if (invalid()) return;
  k::xa_node* at = node;
  for (unsigned where = offset; at; where = xa_node_offset(at), at = xa_node_parent(at)) {
    if (!change_mark(at, where, mark, false)) return;
    if (any_marked(at, mark)) return;
  }
  set_root_mark(tree, mark, false);
}

void Cursor::init_marks() {
  for (unsigned mark = 0; mark < kMarks; mark++) {
    if (tracks_free(tree) && mark == kFreeMark)
      set_mark(mark);
    else
      clear_mark(mark);
  }
}

void Cursor::create_range() {
  const uint64_t first = index, last = index | (size() - 1);
  const uint8_t saved_shift = shift, saved_sibs = sibs;
  shift = 0;
  sibs = 0;
  for (uint64_t at = first;; at += kChunkSize) {
    set(at);
    create(true);
    if (error() || last - at < kChunkSize) break;
  }
  shift = saved_shift;
  sibs = saved_sibs;
  index = first;
  if (error()) return;
  node = restart();
  load();
}

void Cursor::set_range(uint64_t first, uint64_t last) {
  set(first);
  unsigned bits = 0;
  // As high as a whole slot still fits.
  while (bits + kChunkShift < 64 && !(first & ((uint64_t{1} << (bits + kChunkShift)) - 1)) &&
         last - first >= (uint64_t{1} << (bits + kChunkShift)) - 1)
    bits += kChunkShift;
  const uint64_t distance = last - first;
  uint64_t slots = (distance >> bits) + !((distance + 1) & ((uint64_t{1} << bits) - 1));
  unsigned here = first >> bits & kChunkMask;
  if (slots > kChunkSize - here) slots = kChunkSize - here;
  shift = bits;
  sibs = slots - 1;
}

// For splitting an entry of `order` into smaller ones: nodes that hold it in every slot.
void Cursor::split_alloc(Entry entry, unsigned order, unsigned gfp) {
  if (shift + 2 * kChunkShift < order) return set_error(-ENOMEM);
  if (shift + kChunkShift > order) return;
  for (unsigned left = 1u << (order % kChunkShift); left; left--) {
    k::xa_node* fresh = new_node(gfp);
    if (!fresh) {
      free_spares();
      return set_error(-ENOMEM);
    }
    xa_node_array(fresh) = tree;
    Entry sibling = nullptr;
    for (unsigned i = 0; i < kChunkSize; i++) {
      if (i & sibs) {
        store_slot(slots_of(fresh) + i, sibling);
      } else {
        store_slot(slots_of(fresh) + i, entry);
        sibling = sibling_entry(i);
      }
    }
    xa_node_parent(fresh) = spare;
    spare = fresh;
  }
}

void Cursor::split(Entry entry, unsigned order) {
  Entry old = load();
  k::xa_node* in = node;
  if (at_top()) return;
  bool had[kMarks];
  for (unsigned mark = 0; mark < kMarks; mark++) had[mark] = marked(mark);
  const unsigned first = offset, end = offset + (1u << (order % kChunkShift));
  int values = 0;
  const unsigned step = sibs + 1;
  if (shift < xa_node_shift(in)) {
    uint64_t heads = 0;
    for (unsigned i = 0; i < kChunkSize; i += step) heads |= uint64_t{1} << i;
    for (unsigned at = first; at < end; at++) {
      k::xa_node* child = spare;
      spare = xa_node_parent(child);
      xa_node_shift(child) = xa_node_shift(in) - kChunkShift;
      xa_node_offset(child) = at;
      xa_node_count(child) = kChunkSize;
      xa_node_nr_values(child) = is_value(entry) ? kChunkSize : 0;
      xa_node_parent(child) = in;
      for (unsigned mark = 0; mark < kMarks; mark++) {
        mark_word(child, mark) = had[mark] ? heads : 0;
        change_mark(in, at, mark, had[mark]);
      }
      store_slot(slots_of(in) + at, node_entry(child));
      updated(child);
      values -= is_value(old);
    }
  } else {
    for (unsigned at = first; at < end; at += step) {
      for (unsigned mark = 0; mark < kMarks; mark++) change_mark(in, at, mark, had[mark]);
      store_slot(slots_of(in) + at, entry);
      for (unsigned i = 1; i < step; i++) store_slot(slots_of(in) + at + i, sibling_entry(at));
      values += static_cast<int>(step) * (is_value(entry) - is_value(old));
    }
  }
  xa_node_nr_values(in) += values;
  updated(in);
}

}  // namespace ring3::kernel
