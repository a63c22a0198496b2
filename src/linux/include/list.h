// SPDX-License-Identifier: GPL-2.0-only
// Linux's doubly linked lists, in the memory of whoever owns them: struct list_head is two
// pointers, next and previous, in every target.
#pragma once

#include <cstdint>

namespace ring3::kernel {

struct ListNode {
  ListNode* next;
  ListNode* previous;
};
inline ListNode* list_node(const void* place) {
  return const_cast<ListNode*>(static_cast<const ListNode*>(place));
}
inline void list_init(void* place) {
  list_node(place)->next = list_node(place)->previous = list_node(place);
}
inline bool list_empty(const void* head) {
  return __atomic_load_n(&list_node(head)->next, __ATOMIC_ACQUIRE) == head;
}
inline void* list_next(const void* node) {
  return __atomic_load_n(&list_node(node)->next, __ATOMIC_ACQUIRE);
}
inline void list_insert(void* place, ListNode* before, ListNode* after) {
  ListNode* node = list_node(place);
  node->next = after;
  node->previous = before;
  after->previous = node;
  __atomic_store_n(&before->next, node, __ATOMIC_RELEASE);
}
inline void list_add(void* node, void* head) {
  list_insert(node, list_node(head), list_node(head)->next);
}
inline void list_add_tail(void* node, void* head) {
  list_insert(node, list_node(head)->previous, list_node(head));
}
inline void list_unlink(void* place) {
  ListNode* node = list_node(place);
  node->next->previous = node->previous;
  __atomic_store_n(&node->previous->next, node->next, __ATOMIC_RELEASE);
}
// The pointers that a removed node keeps (include/linux/poison.h, CONFIG_ILLEGAL_POINTER_VALUE).
inline ListNode* list_poison(unsigned which) {
  return reinterpret_cast<ListNode*>(0xdead000000000000ull + (which == 1 ? 0x100 : 0x122));
}
inline void list_del(void* place) {
  list_unlink(place);
  list_node(place)->next = list_poison(1);
  list_node(place)->previous = list_poison(2);
}
// Pairs with list_empty_careful(), which looks without the list's lock.
inline void list_del_init(void* place) {
  ListNode* node = list_node(place);
  list_unlink(node);
  node->previous = node;
  __atomic_store_n(&node->next, node, __ATOMIC_RELEASE);
}
inline bool list_empty_careful(const void* head) {
  return list_empty(head) && __atomic_load_n(&list_node(head)->previous, __ATOMIC_ACQUIRE) == head;
}
// Readers may still stand on it: its next pointer stays.
inline void list_del_rcu(void* place) {
  list_unlink(place);
  list_node(place)->previous = list_poison(2);
}

}  // namespace ring3::kernel
