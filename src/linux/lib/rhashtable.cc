// SPDX-License-Identifier: GPL-2.0-only
// lib/rhashtable.c: making, growing, shrinking and freeing. A table is replaced at once by whoever
// finds it too full (Linux leaves most of that to a work item): it links the new one behind the
// old, moves the entries from the end of each chain, and puts the new one in the old one's place.
#include "linux/lib/rhashtable.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/list.h"
#include "linux/include/random.h"
#include "linux/include/rcu.h"
#include "linux/include/work.h"
#include "linux/mm/mm.h"

namespace ring3::kernel {
namespace {

constexpr unsigned kDefaultSize = 64, kLeastSize = 4, kLongestChain = 16;

const void* params_of(const HashTable* table) { return rhashtable_params(table); }
std::atomic<int>& count_of(const HashTable* table) {
  return word<int>(rhashtable_count_place(table));
}

// Holds a bucket, as bit_spin_lock() does, with interrupts off (what 6.1 needs is less).
class BucketLock {
 public:
  explicit BucketLock(std::atomic<uint64_t>& bucket) : bucket_(bucket), flags_(interrupts_save()) {
    preempt_disable();
    Spinner spinner;
    while (bucket_.fetch_or(1, std::memory_order_acquire) & 1)
      if (!spinner.turn()) break;
  }
  ~BucketLock() {
    bucket_.fetch_and(~1ull, std::memory_order_release);
    interrupts_restore(flags_);
    preempt_enable();
  }
  BucketLock(const BucketLock&) = delete;
  BucketLock& operator=(const BucketLock&) = delete;
  void set_first(HashNode* node) {
    bucket_.store((is_end(node) ? 0 : reinterpret_cast<uint64_t>(node)) | 1,
                  std::memory_order_release);
  }

 private:
  std::atomic<uint64_t>& bucket_;
  uint64_t flags_;
};

// Jenkins's lookup3, as linux/jhash.h has it inlined into modules.
struct Jenkins {
  uint32_t a, b, c;
  void step(uint32_t& to, uint32_t from, uint32_t& other, uint32_t by, int rotation) {
    to -= from;
    to ^= std::rotl(from, rotation);
    other += by;
  }
  void mix() {
    step(a, c, c, b, 4);
    step(b, a, a, c, 6);
    step(c, b, b, a, 8);
    step(a, c, c, b, 16);
    step(b, a, a, c, 19);
    step(c, b, b, a, 4);
  }
  uint32_t finish() {
    auto turn = [](uint32_t& to, uint32_t from, int rotation) {
      to ^= from;
      to -= std::rotl(from, rotation);
    };
    turn(c, b, 14);
    turn(a, c, 11);
    turn(b, a, 25);
    turn(c, b, 16);
    turn(a, c, 4);
    turn(b, a, 14);
    turn(c, b, 24);
    return c;
  }
};
uint32_t jhash(const void* key, size_t bytes, uint32_t seed) {
  uint32_t start = 0xdeadbeef + static_cast<uint32_t>(bytes) + seed;
  Jenkins state{start, start, start};
  const char* at = static_cast<const char*>(key);
  for (; bytes > 12; bytes -= 12, at += 12) {
    uint32_t words[3];
    std::memcpy(words, at, 12);
    state.a += words[0];
    state.b += words[1];
    state.c += words[2];
    state.mix();
  }
  if (!bytes) return state.c;
  uint32_t words[3] = {};
  std::memcpy(words, at, bytes);
  state.a += words[0];
  state.b += words[1];
  state.c += words[2];
  return state.finish();
}

// Modules call these by pointer, so they enter as functions of the kernel API do.
unsigned hash_bytes(const void* key, unsigned length, unsigned seed) noexcept {
  return jhash(key, length, seed);
}
unsigned hash_words(const void* key, unsigned length, unsigned seed) noexcept {
  return jhash(key, size_t{length} * 4, seed);
}
constexpr kapi::Record internal_record(const char* name) {
  return {.name = name,
          .kind = kapi::Kind::kFunction,
          .status = {kapi::Status::kReal, ""},
          .address = nullptr,
          .prototype = nullptr,
          .file = __FILE__,
          .line = __LINE__,
          .data = {},
          .bound = nullptr};
}
const kapi::Record kJhash = internal_record("jhash"), kJhash2 = internal_record("jhash2"),
                   kWorker = internal_record("rht_deferred_worker");
using HashEntry = kapi::Entry<unsigned(const void*, unsigned, unsigned)>;

unsigned hash_of(const HashTable* table, const Buckets* buckets, const HashNode* node) {
  const void* params = params_of(table);
  const char* object = object_of(table, node);
  unsigned seed = bucket_table_hash_rnd(buckets), length = rhashtable_key_len(table);
  HashFunction own = rhashtable_params_obj_hashfn(params);
  unsigned hash = own ? own(object, length, seed)
                      : rhashtable_params_hashfn(params)(
                            object + rhashtable_params_key_offset(params), length, seed);
  return hash & (bucket_table_size(buckets) - 1);
}

struct CompareArgument {  // struct rhashtable_compare_arg
  HashTable* table;
  const void* key;
};
bool same_key(HashTable* table, const void* key, const HashNode* node) {
  const void* params = params_of(table);
  const char* object = object_of(table, node);
  CompareArgument argument{table, key};
  if (HashCompare compare = rhashtable_params_obj_cmpfn(params))
    return !compare(reinterpret_cast<k::rhashtable_compare_arg*>(&argument), object);
  return !std::memcmp(object + rhashtable_params_key_offset(params), key,
                      rhashtable_params_key_len(params));
}

Buckets* allocate(unsigned size, unsigned gfp) {
  auto* buckets = static_cast<Buckets*>(
      kv_allocate(sizeof_bucket_table() + size * sizeof(void*), gfp | kGfpZero, module_caller()));
  if (!buckets) return nullptr;
  bucket_table_size(buckets) = size;
  list_init(bucket_table_walkers(buckets));
  kernel_random(&bucket_table_hash_rnd(buckets), sizeof(unsigned));
  return buckets;
}

// Moves a chain, last entry first: whoever reads it goes on in the new chain and finds by its end
// that the search must be repeated.
void move_chain(HashTable* table, Buckets* from, unsigned hash, Buckets* to) {
  std::atomic<uint64_t>& old = bucket(from, hash);
  BucketLock lock(old);
  while (!is_end(first_of(old))) {
    HashNode* before = nullptr;
    HashNode* node = first_of(old);
    for (; !is_end(next_of(node)); node = next_of(node)) before = node;
    HashNode* end = next_of(node);
    std::atomic<uint64_t>& fresh = bucket(to, hash_of(table, to, node));
    BucketLock fresh_lock(fresh);
    __atomic_store_n(&node->next, first_of(fresh), __ATOMIC_RELEASE);
    fresh_lock.set_first(node);
    if (before)
      __atomic_store_n(&before->next, end, __ATOMIC_RELEASE);
    else
      lock.set_first(end);
  }
}

int resize(HashTable* table, Buckets* old, unsigned size, unsigned gfp) {
  Buckets* fresh = allocate(size, gfp);
  if (!fresh) return -ENOMEM;
  Buckets* none = nullptr;
  if (old != buckets_of(table) ||
      !__atomic_compare_exchange_n(&bucket_table_future_tbl(old), &none, fresh, false,
                                   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    kv_free(fresh, 0);
    return -EEXIST;  // somebody else does it
  }
  for (unsigned hash = 0; hash < bucket_table_size(old); hash++)
    move_chain(table, old, hash, fresh);
  __atomic_store_n(&rhashtable_tbl(table), fresh, __ATOMIC_RELEASE);
  IrqSpinGuard guard(rhashtable_lock(table));
  // Walks of the old table begin again.
  ListNode* head = list_node(bucket_table_walkers(old));
  for (ListNode* walker = head->next; walker != head; walker = walker->next)
    rhashtable_walker_tbl(walker) = nullptr;
  *static_cast<void**>(bucket_table_retired(old)) = table;
  rcu_defer([old] { kv_free(old, 0); });
  return 0;
}

bool too_full(const HashTable* table, const Buckets* buckets, unsigned of_four) {
  unsigned size = bucket_table_size(buckets);
  unsigned most = rhashtable_params_max_size(params_of(table));
  return static_cast<unsigned>(count_of(table).load()) > size / 4 * of_four &&
         (!most || size < most);
}

void fit(HashTable* table, unsigned gfp) {
  Buckets* buckets = buckets_of(table);
  unsigned size = bucket_table_size(buckets), count = count_of(table).load();
  if (too_full(table, buckets, 3)) {
    resize(table, buckets, size * 2, gfp);
  } else if (rhashtable_params_automatic_shrinking(params_of(table)) && count < size * 3 / 10) {
    unsigned least = rhashtable_params_min_size(params_of(table));
    unsigned wanted = std::max<unsigned>(count ? std::bit_ceil(count * 3 / 2) : 0, least);
    if (wanted < size) resize(table, buckets, wanted, gfp);
  }
}
// What modules queue when they find a table too full or too empty.
void worker(k::work_struct* work) noexcept {
  uint64_t offset = reinterpret_cast<uint64_t>(rhashtable_work(nullptr));
  fit(reinterpret_cast<HashTable*>(reinterpret_cast<uint64_t>(work) - offset), kGfpKernel);
}

int init(HashTable* table, const void* params) {
  if ((!rhashtable_params_key_len(params) && !rhashtable_params_obj_hashfn(params)) ||
      (rhashtable_params_obj_hashfn(params) && !rhashtable_params_obj_cmpfn(params)))
    return -EINVAL;
  std::memset(static_cast<void*>(table), 0, sizeof_rhashtable());
  void* own = rhashtable_params(table);
  std::memcpy(own, params, sizeof_rhashtable_params());
  unsigned short& least = rhashtable_params_min_size(own);
  least = std::max<unsigned>(least ? std::bit_ceil(least) : 0, kLeastSize);
  rhashtable_max_elems(table) = 1u << 31;
  if (unsigned& most = rhashtable_params_max_size(own)) {
    most = std::bit_floor(most);
    if (most < rhashtable_max_elems(table) / 2) rhashtable_max_elems(table) = most * 2;
  }
  unsigned hint = rhashtable_params_nelem_hint(own);
  unsigned size = std::max<unsigned>(hint ? std::bit_ceil(hint * 4 / 3) : kDefaultSize, least);
  rhashtable_key_len(table) = rhashtable_params_key_len(own);
  if (!rhashtable_params_hashfn(own)) {
    if (rhashtable_key_len(table) % 4) {
      rhashtable_params_hashfn(own) = &HashEntry::call<&hash_bytes, &kJhash>;
    } else {
      rhashtable_key_len(table) /= 4;
      rhashtable_params_hashfn(own) = &HashEntry::call<&hash_words, &kJhash2>;
    }
  }
  Buckets* buckets = allocate(size, kGfpKernel);
  if (!buckets) buckets = allocate(least, kGfpKernel | kGfpNoFail);
  rhashtable_tbl(table) = buckets;
  init_work(
      {rhashtable_work_data(table), rhashtable_work_entry(table), rhashtable_work_function(table)},
      reinterpret_cast<void (*)()>(&kapi::Entry<void(k::work_struct*)>::call<&worker, &kWorker>));
  return 0;
}

KAPI(rhashtable_init, Real, int, (HashTable * table, const k::rhashtable_params* params)) {
  return init(table, params);
}
KAPI_ALIAS(rhashtable_init_noprof, rhashtable_init);
KAPI(rhltable_init, Real, int, (k::rhltable * table, const k::rhashtable_params* params)) {
  int error = init(reinterpret_cast<HashTable*>(table), params);
  rhashtable_rhlist(table) = true;
  return error;
}
KAPI_ALIAS(rhltable_init_noprof, rhltable_init);

void* error_pointer(int error) { return reinterpret_cast<void*>(static_cast<int64_t>(error)); }

// Puts `node` in front of its equal `same`: a chain has one entry for each key.
void join_list(BucketLock& lock, HashNode* before, HashNode* same, HashNode* node) {
  list_of(node)->next = list_of(same);
  node->next = next_of(same);
  if (before)
    __atomic_store_n(&before->next, node, __ATOMIC_RELEASE);
  else
    lock.set_first(node);
}

// Null: inserted. The object that has the key, or an error; -EAGAIN: there is a newer table, or
// this one has to grow first.
void* insert_into(HashTable* table, Buckets* buckets, const void* key, HashNode* node, bool force) {
  std::atomic<uint64_t>& place = bucket(buckets, hash_of(table, buckets, node));
  BucketLock lock(place);
  unsigned length = 0;
  HashNode* before = nullptr;
  for (HashNode* at = first_of(place); !is_end(at); before = at, at = next_of(at), length++) {
    if (!key || !same_key(table, key, at)) continue;
    if (!rhashtable_rhlist(table)) return object_of(table, at);
    join_list(lock, before, at, node);
    return nullptr;
  }
  if (future_of(buckets)) return error_pointer(-EAGAIN);
  if (static_cast<unsigned>(count_of(table).load()) >= rhashtable_max_elems(table))
    return error_pointer(-E2BIG);
  if (!force && (length >= kLongestChain || too_full(table, buckets, 4)))
    return error_pointer(-EAGAIN);
  node->next = first_of(place);
  if (rhashtable_rhlist(table)) list_of(node)->next = nullptr;
  count_of(table)++;
  lock.set_first(node);
  return nullptr;
}

KAPI(rhashtable_insert_slow, Real, void*, (HashTable * table, const void* key, HashNode* node)) {
  rcu_read_lock();
  bool grown = false;
  void* result;
  while (true) {
    Buckets* buckets = buckets_of(table);
    result = insert_into(table, buckets, key, node, grown);
    if (result != error_pointer(-EAGAIN)) break;
    if (Buckets* future = future_of(buckets)) {
      result = insert_into(table, future, key, node, true);
      if (result != error_pointer(-EAGAIN)) break;
      continue;
    }
    // With the same size it still gets another seed.
    unsigned size = bucket_table_size(buckets);
    int error = resize(table, buckets, too_full(table, buckets, 3) ? size * 2 : size, kGfpAtomic);
    grown = error != -EEXIST;
  }
  rcu_read_unlock();
  return result;
}

void destroy(HashTable* table, void (*release)(void*, void*), void* argument) {
  if (KernelAddress cancel = running().binding->address("cancel_work_sync"))
    cancel.as<bool(void*)>()(rhashtable_work(table));
  Buckets* buckets = buckets_of(table);
  for (unsigned hash = 0; release && hash < bucket_table_size(buckets); hash++) {
    for (HashNode* node = first_of(bucket(buckets, hash)); !is_end(node);) {
      HashNode* next = next_of(node);
      if (!rhashtable_rhlist(table)) {
        release(object_of(table, node), argument);
      } else {
        for (k::rhlist_head* list = list_of(node); list;) {
          k::rhlist_head* behind = list->next;
          release(object_of(table, &list->rhead), argument);
          list = behind;
        }
      }
      node = next;
    }
  }
  kv_free(buckets, module_caller());
}
KAPI(rhashtable_free_and_destroy, Real, void,
     (HashTable * table, void (*release)(void*, void*), void* argument)) {
  destroy(table, release, argument);
}
KAPI(rhashtable_destroy, Real, void, (HashTable * table)) { destroy(table, nullptr, nullptr); }

// Linux nests tables that it finds no memory for in one piece.
#define FLAT Stub("tables are never nested here, so modules never ask")
KAPI(rht_bucket_nested, FLAT, k::rhash_lock_head**, (const Buckets* table, unsigned hash)) {
  return reinterpret_cast<k::rhash_lock_head**>(&bucket(table, hash));
}
KAPI(__rht_bucket_nested, FLAT, k::rhash_lock_head**, (const Buckets* table, unsigned hash)) {
  return reinterpret_cast<k::rhash_lock_head**>(&bucket(table, hash));
}
KAPI(rht_bucket_nested_insert, FLAT, k::rhash_lock_head**,
     (HashTable*, Buckets* table, unsigned hash)) {
  return reinterpret_cast<k::rhash_lock_head**>(&bucket(table, hash));
}

}  // namespace
}  // namespace ring3::kernel
