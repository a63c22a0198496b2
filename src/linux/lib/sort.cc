// SPDX-License-Identifier: GPL-2.0-only
// lib/sort.c, list_sort.c, bsearch.c. sort is Linux's bottom-up heapsort, compare for compare,
// because callers can see in which order it leaves equal elements.
#include <algorithm>
#include <cstdint>

#include "kapi/kapi.h"
#include "linux/include/tags.h"

namespace ring3::kernel {
namespace {

using Compare = int (*)(const void*, const void*);
using CompareWith = int (*)(const void*, const void*, const void* context);
using Swap = void (*)(void*, void*, int size);
using SwapWith = void (*)(void*, void*, int size, const void* context);

struct Array {
  char* base;
  size_t size;  // of an element
  Compare compare;
  CompareWith compare_with;
  Swap swap;
  SwapWith swap_with;
  const void* context;

  int order(size_t a, size_t b) const {
    return compare ? compare(base + a * size, base + b * size)
                   : compare_with(base + a * size, base + b * size, context);
  }
  void exchange(size_t a, size_t b) const {
    char *x = base + a * size, *y = base + b * size;
    if (swap)
      swap(x, y, static_cast<int>(size));
    else if (swap_with)
      swap_with(x, y, static_cast<int>(size), context);
    else
      std::swap_ranges(x, x + size, y);
  }
};

// Element `root` goes down to its place among the first `count`: along the larger children to a
// leaf, then back up to where it fits, so that about half the compares are saved.
void sift_down(const Array& array, size_t root, size_t count) {
  size_t at = root;
  while (2 * at + 2 < count)
    at = array.order(2 * at + 1, 2 * at + 2) >= 0 ? 2 * at + 1 : 2 * at + 2;
  if (2 * at + 2 == count) at = 2 * at + 1;
  while (at != root && array.order(root, at) >= 0) at = (at - 1) / 2;
  size_t place = at;
  while (at != root) {
    at = (at - 1) / 2;
    array.exchange(at, place);
  }
}

void heap_sort(const Array& array, size_t count) {
  if (count < 2) return;
  for (size_t root = count / 2; root--;) sift_down(array, root, count);
  for (size_t end = count - 1; end; end--) {
    array.exchange(0, end);
    sift_down(array, 0, end);
  }
}

KAPI(sort, Real, void, (void* base, size_t count, size_t size, Compare compare, Swap swap)) {
  heap_sort({static_cast<char*>(base), size, compare, nullptr, swap, nullptr, nullptr}, count);
}
KAPI(sort_r, Real, void,
     (void* base, size_t count, size_t size, CompareWith compare, SwapWith swap,
      const void* context)) {
  heap_sort({static_cast<char*>(base), size, nullptr, compare, nullptr, swap, context}, count);
}

KAPI(bsearch, Real, void*,
     (const void* key, const void* base, size_t count, size_t size, Compare compare)) {
  const char* begin = static_cast<const char*>(base);
  while (count) {
    const char* middle = begin + count / 2 * size;
    int order = compare(key, middle);
    if (!order) return const_cast<char*>(middle);
    if (order > 0) {
      begin = middle + size;
      count--;
    }
    count /= 2;
  }
  return nullptr;
}

struct Node {  // struct list_head, inlined everywhere in modules
  Node* next;
  Node* previous;
};
using CompareNodes = int (*)(void* context, const k::list_head*, const k::list_head*);

bool in_order(CompareNodes compare, void* context, Node* a, Node* b) {
  return compare(context, reinterpret_cast<k::list_head*>(a), reinterpret_cast<k::list_head*>(b)) <=
         0;
}

// Stable: of equal nodes the one from `a` comes first. Only next is kept; null ends a list.
Node* merge(CompareNodes compare, void* context, Node* a, Node* b) {
  Node* head = nullptr;
  Node** tail = &head;
  while (a && b) {
    Node*& from = in_order(compare, context, a, b) ? a : b;
    *tail = from;
    tail = &from->next;
    from = from->next;
  }
  *tail = a ? a : b;
  return head;
}

KAPI(list_sort, Real, void, (void* context, k::list_head* head, CompareNodes compare)) {
  Node* list = reinterpret_cast<Node*>(head);
  if (list->next == list->previous) return;
  Node* runs[64] = {};  // runs[i] is a sorted run of 2^i nodes, older than those below it
  list->previous->next = nullptr;
  for (Node* node = list->next; node;) {
    Node* run = node;
    node = node->next;
    run->next = nullptr;
    int i = 0;
    for (; runs[i]; i++) {
      run = merge(compare, context, runs[i], run);
      runs[i] = nullptr;
    }
    runs[i] = run;
  }
  Node* sorted = nullptr;
  for (Node* run : runs)
    if (run) sorted = sorted ? merge(compare, context, run, sorted) : run;
  Node* before = list;
  for (Node* node = sorted; node; node = node->next) {
    before->next = node;
    node->previous = before;
    before = node;
  }
  before->next = list;
  list->previous = before;
}

}  // namespace
}  // namespace ring3::kernel
