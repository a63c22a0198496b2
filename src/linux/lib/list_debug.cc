// SPDX-License-Identifier: GPL-2.0-only
// CONFIG_DEBUG_LIST: every list_add and list_del of a module asks whether the neighbours agree. A
// list that is broken is told with Linux's words, and left alone.
#include <cstdint>

#include "kapi/kapi.h"
#include "linux/include/printk.h"

namespace ring3::k {
struct list_head {
  list_head *next, *prev;
};
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

using List = k::list_head;
// include/linux/poison.h, with POISON_POINTER_DELTA of x86-64.
constexpr uint64_t kPoison1 = 0xdead000000000100, kPoison2 = 0xdead000000000122;

#define CORRUPT(condition, ...)  \
  if (condition) {               \
    kernel_warning(__VA_ARGS__); \
    return false;                \
  }

bool add_valid(List* fresh, List* prev, List* next) {
  CORRUPT(!prev, "list_add corruption. prev is NULL.\n");
  CORRUPT(!next, "list_add corruption. next is NULL.\n");
  CORRUPT(next->prev != prev,
          "list_add corruption. next->prev should be prev (%px), but was %px. (next=%px).\n", prev,
          next->prev, next);
  CORRUPT(prev->next != next,
          "list_add corruption. prev->next should be next (%px), but was %px. (prev=%px).\n", next,
          prev->next, prev);
  CORRUPT(fresh == prev || fresh == next, "list_add double add: new=%px, prev=%px, next=%px.\n",
          fresh, prev, next);
  return true;
}

bool del_valid(List* entry) {
  List *prev = entry->prev, *next = entry->next;
  CORRUPT(!next, "list_del corruption, %px->next is NULL\n", entry);
  CORRUPT(!prev, "list_del corruption, %px->prev is NULL\n", entry);
  CORRUPT(reinterpret_cast<uint64_t>(next) == kPoison1,
          "list_del corruption, %px->next is LIST_POISON1 (%px)\n", entry, next);
  CORRUPT(reinterpret_cast<uint64_t>(prev) == kPoison2,
          "list_del corruption, %px->prev is LIST_POISON2 (%px)\n", entry, prev);
  CORRUPT(prev->next != entry,
          "list_del corruption. prev->next should be %px, but was %px. (prev=%px)\n", entry,
          prev->next, prev);
  CORRUPT(next->prev != entry,
          "list_del corruption. next->prev should be %px, but was %px. (next=%px)\n", entry,
          next->prev, next);
  return true;
}
#undef CORRUPT

KAPI(__list_add_valid, Real, bool, (List * fresh, List* prev, List* next)) {
  return add_valid(fresh, prev, next);
}
KAPI(__list_add_valid_or_report, Real, bool, (List * fresh, List* prev, List* next)) {
  return add_valid(fresh, prev, next);
}
KAPI(__list_del_entry_valid, Real, bool, (List * entry)) { return del_valid(entry); }
KAPI(__list_del_entry_valid_or_report, Real, bool, (List * entry)) { return del_valid(entry); }

}  // namespace
}  // namespace ring3::kernel
