// SPDX-License-Identifier: GPL-2.0-only
// How a cursor finds its way: loading, walking, searching by mark. Nothing here changes the tree.
#include "linux/lib/xarray.h"

#include <bit>

namespace ring3::kernel {
namespace {

// The last index that a tree with this head can hold.
uint64_t capacity(Entry head) {
  if (!is_node(head)) return 0;
  unsigned shift = xa_node_shift(node_of(head));
  return shift + kChunkShift >= 64 ? UINT64_MAX : (uint64_t{kChunkSize} << shift) - 1;
}

}  // namespace

// From the root; or, when the cursor stands somewhere already, what is there now.
Entry Cursor::start() {
  if (!invalid()) {
    if (!node) return head_of_tree(tree);
    unsigned here = offset_in(node);
    Entry entry = slot(node, here);
    return is_sibling(entry) ? slot(node, bits_of(entry) >> 2) : entry;
  }
  if (error()) return nullptr;
  Entry head = head_of_tree(tree);
  if (index > capacity(head)) return leave_bounds();
  node = at_root();
  return head;
}

Entry Cursor::descend(k::xa_node* into) {
  unsigned at = offset_in(into);
  Entry entry = slot(into, at);
  node = into;
  while (is_sibling(entry)) {
    at = bits_of(entry) >> 2;
    entry = slot(into, at);
    if (xa_node_shift(into) && is_node(entry)) entry = retry_entry();
  }
  offset = at;
  return entry;
}

Entry Cursor::load() {
  Entry entry = start();
  while (is_node(entry)) {
    k::xa_node* below = node_of(entry);
    if (shift > xa_node_shift(below)) break;
    entry = descend(below);
    if (!xa_node_shift(below)) break;
  }
  return entry;
}

void Cursor::move_index(unsigned to) {
  unsigned bits = xa_node_shift(node);
  index &= ~uint64_t{kChunkMask} << bits;
  index += uint64_t{to} << bits;
}

Entry Cursor::find(uint64_t last) {
  if (error() || node == bounds()) return nullptr;
  if (index > last) return leave_bounds();
  if (!node) {
    index = 1;
    return leave_bounds();
  }
  if (node == restart()) {
    Entry entry = load();
    if (entry || !in_node()) return entry;
  } else if (!xa_node_shift(node) && offset != (index & kChunkMask)) {
    offset = index & kChunkMask;  // the caller moved the index within the chunk
  }
  next_offset();
  while (node && index <= last) {
    if (offset == kChunkSize) {
      offset = xa_node_offset(node) + 1;
      node = xa_node_parent(node);
      continue;
    }
    Entry entry = slot(node, offset);
    if (is_node(entry)) {
      node = node_of(entry);
      offset = 0;
      continue;
    }
    if (entry && !is_sibling(entry)) return entry;
    next_offset();
  }
  if (!node) node = bounds();
  return nullptr;
}

Entry Cursor::find_marked(uint64_t last, unsigned mark) {
  bool advance = true;
  if (error()) return nullptr;
  if (index > last) {
    node = restart();
    return nullptr;
  }
  if (!node) {
    index = 1;
    if (index > last) {
      node = restart();
      return nullptr;
    }
    return leave_bounds();
  }
  if (at_top()) {
    advance = false;
    Entry head = head_of_tree(tree);
    node = at_root();
    if (index > capacity(head)) return leave_bounds();
    if (!is_node(head)) {
      if (root_marked(tree, mark)) return head;
      index = 1;
      if (index > last) {
        node = restart();
        return nullptr;
      }
      return leave_bounds();
    }
    node = node_of(head);
    offset = index >> xa_node_shift(node);
  }
  bool free_wanted = tracks_free(tree) && mark == kFreeMark;
  while (index <= last) {
    if (offset == kChunkSize) {
      offset = xa_node_offset(node) + 1;
      node = xa_node_parent(node);
      if (!node) break;
      advance = false;
      continue;
    }
    if (!advance) {
      Entry entry = slot(node, offset);
      if (is_sibling(entry)) {
        offset = bits_of(entry) >> 2;
        move_index(offset);
      }
    }
    unsigned from = offset + advance;
    uint64_t bits = from < kChunkSize ? mark_word(node, mark) & ~uint64_t{0} << from : 0;
    unsigned found = bits ? std::countr_zero(bits) : kChunkSize;
    if (found > offset) {
      move_index(found);
      if (index - 1 >= last) {  // behind the last one, or wrapped to 0
        node = restart();
        return nullptr;
      }
      offset = found;
      if (found == kChunkSize) continue;
    }
    advance = false;
    Entry entry = slot(node, found);
    if (!entry && !free_wanted) {  // erased meanwhile
      advance = true;
      continue;
    }
    if (!is_node(entry)) return entry;
    node = node_of(entry);
    offset = offset_in(node);
  }
  if (index > last) {
    node = restart();
    return nullptr;
  }
  return leave_bounds();
}

Entry Cursor::next() {
  if (!(bits_of(node) & 2)) index++;  // neither fresh nor in error
  if (!node) return leave_bounds();
  if (!in_node()) return load();
  if (offset != offset_in(node)) offset++;
  while (offset == kChunkSize) {
    offset = xa_node_offset(node) + 1;
    node = xa_node_parent(node);
    if (!node) return leave_bounds();
  }
  while (true) {
    Entry entry = slot(node, offset);
    if (!is_node(entry)) return entry;
    node = node_of(entry);
    offset = offset_in(node);
  }
}

Entry Cursor::previous() {
  if (!(bits_of(node) & 2)) index--;
  if (!node) return leave_bounds();
  if (!in_node()) return load();
  int at = offset;
  if (offset != offset_in(node)) at--;
  while (at < 0) {
    at = xa_node_offset(node) - 1;
    node = xa_node_parent(node);
    if (!node) return leave_bounds();
  }
  offset = at;
  while (true) {
    Entry entry = slot(node, offset);
    if (!is_node(entry)) return entry;
    node = node_of(entry);
    offset = offset_in(node);
  }
}

void Cursor::pause() {
  if (invalid()) return;
  if (node) {
    unsigned behind = offset + 1;
    while (behind < kChunkSize && is_sibling(slot(node, behind))) behind++;
    unsigned bits = xa_node_shift(node);
    index &= ~uint64_t{0} << bits;
    index += uint64_t{behind - offset} << bits;
    node = index ? restart() : bounds();
  } else {
    index++;
    node = restart();
  }
}

// An entry within the range that a store would replace, one after the other.
Entry Cursor::find_conflict() {
  if (error()) return nullptr;
  if (at_top()) {
    Entry entry = start();
    if (!entry) return nullptr;
    while (is_node(entry)) entry = descend(node_of(entry));
    if (entry) return entry;
    if (!in_node()) return nullptr;
  }
  if (xa_node_shift(node) > shift) return nullptr;
  while (true) {
    if (xa_node_shift(node) == shift) {
      if ((offset & sibs) == sibs) break;
    } else if (offset == kChunkMask) {
      offset = xa_node_offset(node);
      node = xa_node_parent(node);
      if (!node) break;
      continue;
    }
    Entry entry = slot(node, ++offset);
    if (is_sibling(entry)) continue;
    while (is_node(entry)) {
      node = node_of(entry);
      offset = 0;
      entry = slot(node, 0);
    }
    if (entry) return entry;
  }
  offset -= sibs;
  return nullptr;
}

unsigned Cursor::order() const {
  if (!in_node()) return 0;
  unsigned slots = 1;
  while (offset + slots < kChunkSize && is_sibling(slot(node, offset + slots))) slots++;
  return xa_node_shift(node) + std::bit_width(slots - 1);  // rounded up for odd ranges
}

bool Cursor::on_sibling() const {
  if (!in_node()) return false;
  unsigned bits = xa_node_shift(node);
  uint64_t mask = (uint64_t{kChunkSize} << bits) - 1;
  return (index & mask) > uint64_t{offset} << bits;
}

bool Cursor::retry(Entry entry) {
  if (entry == zero_entry()) return true;
  if (entry != retry_entry()) return false;
  node = restart();
  return true;
}

bool Cursor::marked(unsigned mark) const {
  if (invalid()) return false;
  if (!node) return root_marked(tree, mark);
  return mark_word(node, mark) >> offset & 1;
}

Entry Cursor::result(Entry entry) const {
  if (entry == zero_entry()) return nullptr;
  return error() ? reinterpret_cast<Entry>(node) : entry;
}

}  // namespace ring3::kernel
