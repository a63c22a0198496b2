// SPDX-License-Identifier: GPL-2.0-only
// Resizable hash tables, as far as both of their files need it. Looking up, inserting and removing
// is inlined into modules, so tables, chains and locks are Linux's: a bucket is a pointer whose bit
// 0 is its lock; a chain ends with the bucket's address and bit 0 set, by which a reader knows that
// it did not stray into another chain while entries moved to a new table.
#pragma once

#include "kapi/field.h"
#include "linux/include/sched.h"

namespace ring3::k {
struct bucket_table;
struct rhash_head {
  rhash_head* next;
};
struct rhlist_head {
  rhash_head rhead;
  rhlist_head* next;
};
struct rhash_lock_head;
struct rhashtable;
struct rhashtable_params;
struct rhashtable_compare_arg;
struct rhashtable_iter;
struct rhltable;
struct work_struct;
}  // namespace ring3::k

namespace ring3::kernel {

using HashFunction = unsigned (*)(const void*, unsigned, unsigned);
using HashCompare = int (*)(k::rhashtable_compare_arg*, const void*);

KSIZE(rhashtable);
KSIZE(rhashtable_params);
KFIELD(rhashtable, tbl, k::bucket_table*);
KFIELD(rhashtable, key_len, unsigned);
KFIELD(rhashtable, max_elems, unsigned);
KPLACE(rhashtable, p, params);
KFIELD(rhashtable, rhlist, bool);
KPLACE(rhashtable, run_work, work);
KPLACE(rhashtable, run_work.data, work_data);
KPLACE(rhashtable, run_work.entry, work_entry);
KPLACE(rhashtable, run_work.func, work_function);
KPLACE(rhashtable, lock, lock);
KPLACE(rhashtable, nelems, count_place);
KFIELD(rhashtable_params, nelem_hint, unsigned short);
KFIELD(rhashtable_params, key_len, unsigned short);
KFIELD(rhashtable_params, key_offset, unsigned short);
KFIELD(rhashtable_params, head_offset, unsigned short);
KFIELD(rhashtable_params, max_size, unsigned);
KFIELD(rhashtable_params, min_size, unsigned short);
KFIELD(rhashtable_params, automatic_shrinking, bool);
KFIELD(rhashtable_params, hashfn, HashFunction);
KFIELD(rhashtable_params, obj_hashfn, HashFunction);
KFIELD(rhashtable_params, obj_cmpfn, HashCompare);
KSIZE(bucket_table);
KFIELD(bucket_table, size, unsigned);
KFIELD(bucket_table, hash_rnd, unsigned);
KPLACE(bucket_table, walkers, walkers);
KPLACE(bucket_table, rcu.func, retired);  // not null: a new table has taken its place
KFIELD(bucket_table, future_tbl, k::bucket_table*);
KPLACE(bucket_table, buckets, buckets);
KFIELD(rhashtable_walker, tbl, k::bucket_table*);  // behind its place in a list of walkers

using HashTable = k::rhashtable;
using Buckets = k::bucket_table;
using HashNode = k::rhash_head;

inline std::atomic<uint64_t>& bucket(const Buckets* table, unsigned hash) {
  return static_cast<std::atomic<uint64_t>*>(bucket_table_buckets(table))[hash];
}
inline bool is_end(const HashNode* node) { return reinterpret_cast<uint64_t>(node) & 1; }
inline HashNode* end_of(const std::atomic<uint64_t>& bucket) {
  return reinterpret_cast<HashNode*>(reinterpret_cast<uint64_t>(&bucket) | 1);
}
inline HashNode* first_of(const std::atomic<uint64_t>& bucket) {
  uint64_t head = bucket.load(std::memory_order_acquire) & ~1ull;
  return head ? reinterpret_cast<HashNode*>(head) : end_of(bucket);
}
inline HashNode* next_of(const HashNode* node) {
  return __atomic_load_n(&node->next, __ATOMIC_ACQUIRE);
}
inline k::rhlist_head* list_of(HashNode* node) { return reinterpret_cast<k::rhlist_head*>(node); }
inline char* object_of(const HashTable* table, const HashNode* node) {
  return reinterpret_cast<char*>(const_cast<HashNode*>(node)) -
         rhashtable_params_head_offset(rhashtable_params(table));
}
inline Buckets* buckets_of(const HashTable* table) {
  return __atomic_load_n(&rhashtable_tbl(table), __ATOMIC_ACQUIRE);
}
inline Buckets* future_of(const Buckets* buckets) {
  return __atomic_load_n(&bucket_table_future_tbl(buckets), __ATOMIC_ACQUIRE);
}

}  // namespace ring3::kernel
