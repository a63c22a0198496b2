// SPDX-License-Identifier: GPL-2.0-only
// lib/rhashtable.c: walking a table while it changes. Between stop and start the walker hangs in
// the list of the table it stands in; if that table is replaced meanwhile the walk begins again and
// says so with -EAGAIN. Inside, a read-side critical section keeps the table.
#include <cerrno>

#include "kapi/kapi.h"
#include "linux/include/list.h"
#include "linux/include/rcu.h"
#include "linux/lib/rhashtable.h"

namespace ring3::kernel {

KFIELD(rhashtable_iter, ht, HashTable*);
KFIELD(rhashtable_iter, p, HashNode*);
KFIELD(rhashtable_iter, list, k::rhlist_head*);
KPLACE(rhashtable_iter, walker.list, hook);
KFIELD_PATH(rhashtable_iter, walker.tbl, walked, Buckets*);
KFIELD(rhashtable_iter, slot, unsigned);
KFIELD(rhashtable_iter, skip, unsigned);
KFIELD(rhashtable_iter, end_of_table, bool);

namespace {

using Iterator = k::rhashtable_iter;

HashTable* table_of(const Iterator* iterator) { return rhashtable_iter_ht(iterator); }
bool has_lists(const Iterator* iterator) { return rhashtable_rhlist(table_of(iterator)); }

void* arrive(Iterator* iterator, HashNode* node, k::rhlist_head* list) {
  rhashtable_iter_skip(iterator)++;
  rhashtable_iter_p(iterator) = node;
  rhashtable_iter_list(iterator) = list;
  return object_of(table_of(iterator), has_lists(iterator) ? &list->rhead : node);
}

// Calls fn(node, list) for each object of a slot until it says true.
template <class Fn>
bool each_in_slot(const Iterator* iterator, unsigned slot, Fn&& fn) {
  for (HashNode* node = first_of(bucket(rhashtable_iter_walked(iterator), slot)); !is_end(node);
       node = next_of(node)) {
    k::rhlist_head* list = list_of(node);
    do {
      if (fn(node, list)) return true;
      if (!has_lists(iterator)) break;
      list = __atomic_load_n(&list->next, __ATOMIC_ACQUIRE);
    } while (list);
  }
  return false;
}

// From the slot it stands in, behind as many objects as `skip` says.
void* find_next(Iterator* iterator) {
  Buckets* buckets = rhashtable_iter_walked(iterator);
  if (!buckets) return nullptr;
  unsigned& slot = rhashtable_iter_slot(iterator);
  for (; slot < bucket_table_size(buckets); slot++) {
    unsigned skip = rhashtable_iter_skip(iterator);
    void* found = nullptr;
    each_in_slot(iterator, slot, [&](HashNode* node, k::rhlist_head* list) {
      if (skip) {
        skip--;
        return false;
      }
      found = arrive(iterator, node, list);
      return true;
    });
    if (found) return found;
    rhashtable_iter_skip(iterator) = 0;
  }
  rhashtable_iter_p(iterator) = nullptr;
  rhashtable_iter_walked(iterator) = future_of(buckets);
  if (rhashtable_iter_walked(iterator)) {
    slot = rhashtable_iter_skip(iterator) = 0;
    return reinterpret_cast<void*>(int64_t{-EAGAIN});
  }
  rhashtable_iter_end_of_table(iterator) = true;
  return nullptr;
}

KAPI(rhashtable_walk_enter, Real, void, (HashTable * table, Iterator* iterator)) {
  rhashtable_iter_ht(iterator) = table;
  rhashtable_iter_p(iterator) = nullptr;
  rhashtable_iter_slot(iterator) = rhashtable_iter_skip(iterator) = 0;
  rhashtable_iter_end_of_table(iterator) = false;
  IrqSpinGuard guard(rhashtable_lock(table));
  rhashtable_iter_walked(iterator) = buckets_of(table);
  list_add(rhashtable_iter_hook(iterator), bucket_table_walkers(buckets_of(table)));
}
KAPI(rhashtable_walk_exit, Real, void, (Iterator * iterator)) {
  IrqSpinGuard guard(rhashtable_lock(table_of(iterator)));
  if (rhashtable_iter_walked(iterator)) list_del(rhashtable_iter_hook(iterator));
}

KAPI(rhashtable_walk_start_check, Real, int, (Iterator * iterator)) {
  HashTable* table = table_of(iterator);
  rcu_read_lock();
  {
    IrqSpinGuard guard(rhashtable_lock(table));
    if (rhashtable_iter_walked(iterator)) list_del(rhashtable_iter_hook(iterator));
  }
  if (rhashtable_iter_end_of_table(iterator)) return 0;
  if (!rhashtable_iter_walked(iterator)) {
    rhashtable_iter_walked(iterator) = buckets_of(table);
    rhashtable_iter_slot(iterator) = rhashtable_iter_skip(iterator) = 0;
    return -EAGAIN;
  }
  // Is the object it stood on still there?
  HashNode* node = rhashtable_iter_p(iterator);
  if (!node) return 0;
  unsigned place = 0;
  bool there = each_in_slot(
      iterator, rhashtable_iter_slot(iterator), [&](HashNode* at, k::rhlist_head* list) {
        place++;
        return has_lists(iterator) ? list == rhashtable_iter_list(iterator) : at == node;
      });
  if (there)
    rhashtable_iter_skip(iterator) = place;
  else
    rhashtable_iter_p(iterator) = nullptr;
  return 0;
}
KAPI(rhashtable_walk_stop, Real, void, (Iterator * iterator)) {
  if (Buckets* buckets = rhashtable_iter_walked(iterator)) {
    IrqSpinGuard guard(rhashtable_lock(table_of(iterator)));
    if (*static_cast<void**>(bucket_table_retired(buckets)))
      rhashtable_iter_walked(iterator) = nullptr;
    else
      list_add(rhashtable_iter_hook(iterator), bucket_table_walkers(buckets));
  }
  rcu_read_unlock();
}

KAPI(rhashtable_walk_next, Real, void*, (Iterator * iterator)) {
  HashNode* node = rhashtable_iter_p(iterator);
  if (node) {
    k::rhlist_head* list = has_lists(iterator) ? rhashtable_iter_list(iterator)->next : nullptr;
    if (list) return arrive(iterator, node, list);
    node = next_of(node);
    if (!is_end(node)) return arrive(iterator, node, list_of(node));
    rhashtable_iter_skip(iterator) = 0;
    rhashtable_iter_slot(iterator)++;
  }
  return find_next(iterator);
}
// The object that next gave, or would give.
KAPI(rhashtable_walk_peek, Real, void*, (Iterator * iterator)) {
  if (HashNode* node = rhashtable_iter_p(iterator))
    return object_of(table_of(iterator),
                     has_lists(iterator) ? &rhashtable_iter_list(iterator)->rhead : node);
  if (rhashtable_iter_skip(iterator)) rhashtable_iter_skip(iterator)--;
  return find_next(iterator);
}

}  // namespace
}  // namespace ring3::kernel
