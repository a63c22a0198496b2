// SPDX-License-Identifier: GPL-2.0-only
// Lock-less single linked lists: many adders, one remover at a time (include/linux/llist.h).
#include <atomic>

#include "kapi/kapi.h"

namespace ring3::k {
struct llist_node {
  llist_node* next;
};
struct llist_head {
  llist_node* first;
};
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

using Node = k::llist_node;
using Head = k::llist_head;

KAPI(llist_add_batch, Real, bool, (Node * first, Node* last, Head* head)) {
  std::atomic_ref place(head->first);
  Node* old = place.load();
  do {
    last->next = old;
  } while (!place.compare_exchange_weak(old, first));
  return !old;
}

Node* take_first(Head* head, Node* only) {
  std::atomic_ref place(head->first);
  Node* entry = place.load();
  do {
    if (!entry || (only && entry != only)) return nullptr;
  } while (!place.compare_exchange_weak(entry, entry->next));
  return entry;
}

KAPI(llist_del_first, Real, Node*, (Head * head)) { return take_first(head, nullptr); }
KAPI(llist_del_first_this, Real, bool, (Head * head, Node* entry)) {
  return take_first(head, entry);
}

KAPI(llist_reverse_order, Real, Node*, (Node * head)) {
  Node* reversed = nullptr;
  while (head) {
    Node* next = head->next;
    head->next = reversed;
    reversed = head;
    head = next;
  }
  return reversed;
}

}  // namespace
}  // namespace ring3::kernel
