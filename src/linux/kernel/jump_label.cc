// SPDX-License-Identifier: GPL-2.0-only
// kernel/jump_label.c: static keys, switches that are compiled into the text of modules as a jump
// or a nop. A key is a count; when it leaves or reaches 0 every place that asks it is rewritten.
// The places are found in the jump tables of all modules (Linux keeps a list of them in each key).
// While they are rewritten the other CPUs stand still, so text is never writable and run at once.
#include <cstring>
#include <vector>

#include "base/check.h"
#include "host/memory.h"
#include "kapi/kapi.h"
#include "link/x86_64/jump_label.h"
#include "linux/include/api_function.h"
#include "linux/include/bug.h"
#include "linux/include/kernel.h"
#include "linux/include/smp.h"
#include "linux/include/work.h"
#include "linux/kernel/jump_label.h"
#include "linux/kernel/locking/mutex.h"

namespace ring3::k {
struct static_key;
struct static_key_deferred;
struct delayed_work;
struct work_struct;
struct timer_list;
struct workqueue_struct;
struct lock_class_key;
}  // namespace ring3::k

namespace ring3::kernel {

KPLACE(static_key, enabled, count_place);
KPLACE(static_key_deferred, work, delayed_work);
KPLACE(static_key_deferred, work.work, work);
KPLACE(static_key_deferred, work.work.data, work_data);
KPLACE(static_key_deferred, work.work.entry, work_entry);
KPLACE(static_key_deferred, work.work.func, work_function);
KPLACE(static_key_deferred, work.timer, work_timer);
KFIELD(static_key_deferred, timeout, unsigned long);

namespace {

using Key = k::static_key;
using link::x86_64::JumpEntry;

OwnerWord table_lock{0};  // one key is switched at a time

std::atomic<int>& count_of(const Key* key) { return word<int>(static_key_count_place(key)); }

// Keeps the other CPUs out of module code.
class AllStopped {
 public:
  AllStopped() : others_(static_cast<int>(machine_().cpu_count()) - 1) {
    if (!others_) return;
    preempt_disable();
    call_other_cpus(&AllStopped::stand, this, false);
    Spinner spinner;
    while (standing_.load() < others_ && spinner.turn()) {
    }
  }
  ~AllStopped() {
    if (!others_) return;
    go_.store(true);
    Spinner spinner;
    while (standing_.load() > 0 && spinner.turn()) {
    }
    preempt_enable();
  }
  AllStopped(const AllStopped&) = delete;
  AllStopped& operator=(const AllStopped&) = delete;

 private:
  static void stand(void* at) {
    AllStopped& all = *static_cast<AllStopped*>(at);
    all.standing_++;
    Spinner spinner;
    while (!all.go_.load() && spinner.turn()) {
    }
    all.standing_--;
  }
  const int others_;
  std::atomic<int> standing_{0};
  std::atomic<bool> go_{false};
};

struct Change {
  uint64_t code;
  uint8_t length;
  uint8_t bytes[5];
};

void write_text(const Change& change) {
  uint64_t begin = change.code & ~(host::kPageSize - 1);
  uint64_t size = host::page_up(change.code + change.length) - begin;
  auto opened = host::protect(begin, size, host::Protection::kReadWrite);
  CHECK(opened.ok(), "jump label at {:#x}: {}", change.code, opened.error().text);
  std::memcpy(reinterpret_cast<void*>(change.code), change.bytes, change.length);
  auto closed = host::protect(begin, size, host::Protection::kReadExecute);
  CHECK(closed.ok(), "jump label at {:#x}: {}", change.code, closed.error().text);
}

// The places in one module that ask `key`, or any if it is null, and are not as the key has it.
void collect(const module::Module& module, const Key* key, std::vector<Change>& changes) {
  const link::Image& image = *module.image;
  std::span<std::byte> table = image.section("__jump_table");
  for (size_t at = 0; at + link::x86_64::kJumpEntrySize <= table.size();
       at += link::x86_64::kJumpEntrySize) {
    JumpEntry entry = link::x86_64::read_jump_entry(table.data() + at);
    if ((key && entry.key != reinterpret_cast<uint64_t>(key)) || (entry.init && image.init_freed))
      continue;
    if (!image.contains_text(entry.code)) continue;
    if (!key && !module.resolver->readable({entry.key}, sizeof(int))) continue;
    bool enabled =
        count_of(reinterpret_cast<Key*>(entry.key)).load() != 0;  // -1: being switched on
    auto place =
        link::x86_64::read_jump_place({reinterpret_cast<const uint8_t*>(entry.code), size_t{5}});
    if (!place || place->jumps == entry.jumps(enabled)) continue;
    Change change{entry.code, place->length, {}};
    if (link::x86_64::make_jump_place(entry, place->length, entry.jumps(enabled), change.bytes))
      changes.push_back(change);
  }
}

void write_all(const std::vector<Change>& changes) {
  if (changes.empty()) return;
  AllStopped stopped;
  for (const Change& change : changes) write_text(change);
}

void rewrite(const Key* key) {
  std::vector<Change> changes;
  auto modules = running().loader->registry().walk();
  for (const module::Module* module : modules) collect(*module, key, changes);
  write_all(changes);
}

class TableLocked {
 public:
  TableLocked() { owner_take(table_lock, kTaskUninterruptible); }
  ~TableLocked() { owner_release(table_lock); }
  TableLocked(const TableLocked&) = delete;
  TableLocked& operator=(const TableLocked&) = delete;
};

// One more, where it is on already.
bool increment_if_on(Key* key) {
  int count = count_of(key).load();
  do {
    if (count <= 0 || count == INT32_MAX) return false;
  } while (!count_of(key).compare_exchange_weak(count, count + 1));
  return true;
}

bool increment(Key* key) {
  if (increment_if_on(key)) return true;
  TableLocked locked;
  int off = 0;
  if (count_of(key).compare_exchange_strong(off, -1)) {
    rewrite(key);
    count_of(key).store(1);
    return true;
  }
  if (increment_if_on(key)) return true;
  RING3_WARN_ONCE("kernel/jump_label.c", 191, "static_key_slow_inc_cpuslocked", "");
  return false;
}

// One less, where that does not turn it off.
bool decrement_if_not_last(Key* key) {
  int count = count_of(key).load();
  do {
    if (count < 0)
      RING3_WARN_ONCE("kernel/jump_label.c", 263, "static_key_slow_try_dec",
                      "jump label: negative count!\n");
    if (count <= 0) return true;
    if (count == 1) return false;
  } while (!count_of(key).compare_exchange_weak(count, count - 1));
  return true;
}

void decrement(Key* key) {
  if (decrement_if_not_last(key)) return;
  TableLocked locked;
  if (count_of(key).fetch_sub(1) == 1) rewrite(key);
}

void enable(Key* key) {
  if (int count = count_of(key).load(); count > 0) {
    if (count != 1) RING3_WARN_ONCE("kernel/jump_label.c", 202, "static_key_enable_cpuslocked", "");
    return;
  }
  TableLocked locked;
  int off = 0;
  if (!count_of(key).compare_exchange_strong(off, -1)) return;
  rewrite(key);
  count_of(key).store(1);
}

void disable(Key* key) {
  if (int count = count_of(key).load(); count != 1) {
    if (count) RING3_WARN_ONCE("kernel/jump_label.c", 233, "static_key_disable_cpuslocked", "");
    return;
  }
  TableLocked locked;
  int on = 1;
  if (count_of(key).compare_exchange_strong(on, 0)) rewrite(key);
}

KAPI(static_key_count, Real, int, (Key * key)) {
  int count = count_of(key).load();
  return count >= 0 ? count : 1;
}
KAPI(static_key_fast_inc_not_disabled, Real, bool, (Key * key)) { return increment_if_on(key); }
KAPI(static_key_slow_inc, Real, bool, (Key * key)) { return increment(key); }
KAPI(static_key_slow_dec, Real, void, (Key * key)) { decrement(key); }
KAPI(static_key_enable, Real, void, (Key * key)) { enable(key); }
KAPI(static_key_disable, Real, void, (Key * key)) { disable(key); }
// CPUs do not come and go here, so nothing is locked against that.
KAPI(static_key_enable_cpuslocked, Real, void, (Key * key)) { enable(key); }
KAPI(static_key_disable_cpuslocked, Real, void, (Key * key)) { disable(key); }

// Keys whose last decrement waits for a while, in case somebody turns them on again.
KAPI(jump_label_update_timeout, Real, void, (k::work_struct * work)) {
  uint64_t offset = reinterpret_cast<uint64_t>(static_key_deferred_work(nullptr));
  decrement(reinterpret_cast<Key*>(reinterpret_cast<uint64_t>(work) - offset));
}
KAPI(__static_key_slow_dec_deferred, Real, void,
     (Key * key, k::delayed_work* work, unsigned long timeout)) {
  if (decrement_if_not_last(key)) return;
  constexpr int kUnbound = 8192;  // WORK_CPU_UNBOUND: NR_CPUS
  auto* queue = *running().binding->lookup("system_wq").address.as<k::workqueue_struct*>();
  api_function<bool(int, k::workqueue_struct*, k::delayed_work*, unsigned long)>(
      "queue_delayed_work_on")(kUnbound, queue, work, timeout);
}
KAPI(__static_key_deferred_flush, Real, void, (void*, k::delayed_work* work)) {
  api_function<bool(k::delayed_work*)>("flush_delayed_work")(work);
}
KAPI(jump_label_rate_limit, Real, void, (k::static_key_deferred * key, unsigned long timeout)) {
  static_key_deferred_timeout(key) = timeout;
  // INIT_DELAYED_WORK.
  init_work({static_key_deferred_work_data(key), static_key_deferred_work_entry(key),
             static_key_deferred_work_function(key)},
            api_function<void()>("jump_label_update_timeout"));
  constexpr unsigned kIrqSafe = 0x00200000;  // TIMER_IRQSAFE
  using Expired = void(k::timer_list*);
  api_function<void(k::timer_list*, Expired*, unsigned, const char*, k::lock_class_key*)>(
      "init_timer_key")(static_cast<k::timer_list*>(static_key_deferred_work_timer(key)),
                        api_function<Expired>("delayed_work_timer_fn"), kIrqSafe, nullptr, nullptr);
}

}  // namespace

void settle_static_keys(const module::Module& module) {
  TableLocked locked;
  std::vector<Change> changes;
  collect(module, nullptr, changes);
  write_all(changes);
}

}  // namespace ring3::kernel
