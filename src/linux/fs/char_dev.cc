// SPDX-License-Identifier: GPL-2.0-only
// Character devices: who owns which numbers, and which cdev answers for a number. Numbers are
// handed out in regions of one major; cdevs are found by number, the one with the smallest range
// first, as kobj_map() does.
#include "linux/fs/char_dev.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <list>
#include <string>
#include <vector>

#include "kapi/kapi.h"
#include "linux/include/list.h"
#include "linux/include/memory.h"
#include "linux/include/module_refs.h"
#include "linux/include/printk.h"
#include "linux/include/sched.h"
#include "linux/include/slab.h"
#include "machine/spinlock.h"

namespace ring3::k {
struct kobject;
struct device;
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

KSIZE(cdev);
KFIELD(cdev, owner, k::module*);
KFIELD(cdev, ops, const k::file_operations*);
KFIELD(cdev, dev, uint32_t);
KFIELD(cdev, count, unsigned);
KPLACE(cdev, list, list);
KPLACE(cdev, kobj.kref, references);
KPLACE(cdev, kobj.entry, kobject_entry);
KFIELD_PATH(cdev, kobj.parent, parent, k::kobject*);

constexpr unsigned kMajors = 512, kMinors = 1 << 20;
constexpr unsigned kDynamicEnd = 234, kExtendedBegin = 511, kExtendedEnd = 384;
constexpr unsigned kDynamicBegin = 254;
constexpr size_t kNameSize = 64;

struct Region {
  unsigned major, first, count;
  std::string name;
  k::cdev* device = nullptr;  // of __register_chrdev
};
struct Range {
  uint32_t first, count;
  k::cdev* device;
};
struct State {
  machine::SpinLock lock;
  std::list<Region> regions;
  std::vector<Range> ranges;      // by count; of equal ones the newest first
  std::vector<k::cdev*> dynamic;  // of cdev_alloc: freed with their last reference
};
State state;

bool major_in_use(unsigned major) {
  return std::ranges::any_of(state.regions, [&](const Region& r) { return r.major == major; });
}

// 0: none is left.
unsigned free_major() {
  for (unsigned major = kDynamicBegin; major >= kDynamicEnd; major--)
    if (!major_in_use(major)) return major;
  for (unsigned major = kExtendedBegin; major >= kExtendedEnd; major--)
    if (!major_in_use(major)) return major;
  return 0;
}

// Major 0 asks for any. A major number, or a negative errno.
int add_region(unsigned major, unsigned first, unsigned count, const char* name,
               k::cdev* device = nullptr) {
  if (major >= kMajors) {
    kernel_print(KERN_ERR "CHRDEV \"%s\" major requested (%u) is greater than the maximum (%u)\n",
                 name, major, kMajors - 1);
    return -EINVAL;
  }
  if (count > kMinors - first) {
    kernel_print(KERN_ERR
                 "CHRDEV \"%s\" minor range requested (%u-%u) is out of range of maximum range "
                 "(%u-%u) for a single major\n",
                 name, first, first + count - 1, 0, kMinors - 1);
    return -EINVAL;
  }
  std::string kept(name, strnlen(name, kNameSize - 1));
  std::ranges::replace(kept, '/', '!');
  {
    machine::SpinGuard guard(state.lock);
    if (!major) major = free_major();
    bool taken = std::ranges::any_of(state.regions, [&](const Region& r) {
      return r.major == major && first < r.first + r.count && r.first < first + count;
    });
    if (major && !taken) {
      state.regions.push_back({major, first, count, std::move(kept), device});
      return static_cast<int>(major);
    }
  }
  if (!major) kernel_print(KERN_ERR "CHRDEV \"%s\" dynamic allocation region is full\n", name);
  return -EBUSY;
}

k::cdev* remove_region(unsigned major, unsigned first, unsigned count) {
  machine::SpinGuard guard(state.lock);
  auto found = std::ranges::find_if(state.regions, [&](const Region& r) {
    return r.major == major && r.first == first && r.count == count;
  });
  if (found == state.regions.end()) return nullptr;
  k::cdev* device = found->device;
  state.regions.erase(found);
  return device;
}

// A range of numbers, cut where a major ends.
template <class Fn>
int for_each_major(uint32_t from, unsigned count, Fn&& fn) {
  uint32_t end = from + count;
  for (uint32_t at = from; at < end;) {
    uint32_t next = std::min(end, (at / kMinors + 1) * kMinors);
    if (int error = fn(at / kMinors, at % kMinors, next - at)) return error;
    at = next;
  }
  return 0;
}

KAPI(register_chrdev_region, Real, int, (uint32_t from, unsigned count, const char* name)) {
  uint32_t done = from;
  int error = for_each_major(from, count, [&](unsigned major, unsigned first, unsigned size) {
    int result = add_region(major, first, size, name);
    if (result >= 0) done += size;
    return std::min(result, 0);
  });
  if (error)
    for_each_major(from, done - from, [](unsigned major, unsigned first, unsigned size) {
      remove_region(major, first, size);
      return 0;
    });
  return error;
}

KAPI(unregister_chrdev_region, Real, void, (uint32_t from, unsigned count)) {
  for_each_major(from, count, [](unsigned major, unsigned first, unsigned size) {
    remove_region(major, first, size);
    return 0;
  });
}

KAPI(alloc_chrdev_region, Partial("numbers of drivers built into Linux are free here"), int,
     (uint32_t * number, unsigned first, unsigned count, const char* name)) {
  int major = add_region(0, first, count, name);
  if (major < 0) return major;
  *number = device_number(static_cast<unsigned>(major), first);
  return 0;
}

std::atomic<int>& references(const k::cdev* device) { return word<int>(cdev_references(device)); }

void init(k::cdev* device, const k::file_operations* operations) {
  std::memset(static_cast<void*>(device), 0, sizeof_cdev());
  list_init(cdev_list(device));
  list_init(cdev_kobject_entry(device));
  references(device) = 1;
  cdev_ops(device) = operations;
}

void put_object(k::cdev* device) {
  if (--references(device)) return;
  {
    machine::SpinGuard guard(state.lock);
    if (!std::erase(state.dynamic, device)) return;
  }
  kernel_free(device);
}

// With the lock held.
bool hold(k::cdev* device) {
  if (!module_try_get(cdev_owner(device))) return false;
  references(device)++;
  return true;
}

KAPI(cdev_init, Partial("its kobject has a count and nothing else"), void,
     (k::cdev * device, const k::file_operations* operations)) {
  init(device, operations);
}

KAPI(cdev_alloc, Partial("its kobject has a count and nothing else"), k::cdev*, ()) {
  auto* device = static_cast<k::cdev*>(kernel_allocate(sizeof_cdev(), kGfpKernel));
  if (!device) return nullptr;
  init(device, nullptr);
  machine::SpinGuard guard(state.lock);
  state.dynamic.push_back(device);
  return device;
}

int add(k::cdev* device, uint32_t number, unsigned count) {
  cdev_dev(device) = number;
  cdev_count(device) = count;
  if (!number) {
    kernel_warning("");
    return -EBUSY;
  }
  machine::SpinGuard guard(state.lock);
  auto place = std::ranges::find_if(state.ranges, [&](const Range& r) { return r.count >= count; });
  state.ranges.insert(place, {number, count, device});
  return 0;
}

void remove(k::cdev* device) {
  {
    machine::SpinGuard guard(state.lock);
    std::erase_if(state.ranges, [&](const Range& range) { return range.device == device; });
  }
  put_object(device);
}

KAPI(cdev_add, Real, int, (k::cdev * device, uint32_t number, unsigned count)) {
  return add(device, number, count);
}
KAPI(cdev_del, Real, void, (k::cdev * device)) { remove(device); }
KAPI(cdev_set_parent, Partial("keeps no reference"), void, (k::cdev * device, k::kobject* parent)) {
  cdev_parent(device) = parent;
}

KAPI(__register_chrdev, Partial("numbers of drivers built into Linux are free here"), int,
     (unsigned major, unsigned first, unsigned count, const char* name,
      const k::file_operations* operations)) {
  k::cdev* device = kapi_body_cdev_alloc();
  if (!device) return -ENOMEM;
  cdev_owner(device) = file_operations_owner(operations);
  cdev_ops(device) = operations;
  int result = add_region(major, first, count, name, device);
  if (result < 0) {
    put_object(device);
    return result;
  }
  unsigned used = major ? major : static_cast<unsigned>(result);
  add(device, device_number(used, first), count);
  return major ? 0 : result;
}

KAPI(__unregister_chrdev, Real, void,
     (unsigned major, unsigned first, unsigned count, const char*)) {
  if (k::cdev* device = remove_region(major, first, count)) remove(device);
}

}  // namespace

// What has open files is found again for as long as they are, as Linux's inode remembers it.
k::cdev* cdev_get(uint32_t number, k::cdev* known) {
  machine::SpinGuard guard(state.lock);
  if (known) return hold(known) ? known : nullptr;
  for (const Range& range : state.ranges)
    if (number >= range.first && number - range.first < range.count)
      return hold(range.device) ? range.device : nullptr;
  return nullptr;
}

void cdev_put(k::cdev* device) {
  k::module* owner = cdev_owner(device);
  put_object(device);
  module_drop(owner);
}

const k::file_operations* cdev_operations(const k::cdev* device) { return cdev_ops(device); }

}  // namespace ring3::kernel
