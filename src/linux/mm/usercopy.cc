// SPDX-License-Identifier: GPL-2.0-only
// CONFIG_HARDENED_USERCOPY: before a copy between user and kernel, does the kernel's side lie
// inside one object, and in the part of it that users may see? If not, Linux stops the task, and so
// do we.
#include "kapi/kapi.h"
#include "linux/include/memory.h"
#include "linux/include/printk.h"
#include "linux/mm/struct_page.h"

namespace ring3::kernel {
namespace {

using machine::heap;
using machine::vmalloc_space;

void stop(const char* name, const char* detail, bool to_user, uint64_t offset, uint64_t length) {
  kernel_print(KERN_EMERG
               "usercopy: Kernel memory %s attempt detected %s %s%s%s%s (offset %lu, size %lu)!\n",
               to_user ? "exposure" : "overwrite", to_user ? "from" : "to", name,
               detail ? " '" : "", detail ? detail : "", detail ? "'" : "", offset, length);
  memory_bug();
}

// Offset inside the slot, which is what Linux counts from.
void check_object(const machine::HeapObject& object, uint64_t offset, uint64_t length,
                  bool to_user) {
  if (!object.home) {
    if (length > object.room - offset) stop("page alloc", nullptr, to_user, offset, length);
    return;
  }
  const machine::CacheOptions& cache = object.home->options;
  uint64_t begin = cache.user_offset, size = cache.user_size;
  bool inside = offset >= begin && offset - begin <= size && length <= begin - offset + size;
  if (!inside) stop("SLUB object", object.cache, to_user, offset, length);
}

KAPI(__check_object_size, Partial("does not look at stacks"), void,
     (const void* pointer, unsigned long length, bool to_user)) {
  uint64_t address = reinterpret_cast<uint64_t>(pointer);
  if (!length) return;
  if (address + length - 1 < address)
    return stop("wrapped address", nullptr, to_user, 0, address + length);
  if (is_zero_or_null(pointer)) return stop("null address", nullptr, to_user, address, length);
  if (vmalloc_space().contains(address)) {
    auto area = vmalloc_space().find(address);
    if (!area) return stop("vmalloc", "no area", to_user, 0, length);
    uint64_t end = area->address + (area->pages.size() << machine::kPageShift);
    if (length > end - address) stop("vmalloc", nullptr, to_user, address - area->address, length);
    return;
  }
  if (!machine::ram().contains(address)) return;
  if (auto object = heap().find(address))
    return check_object(*object, address - object->address, length, to_user);
  // Pages: only a compound page knows its end.
  k::page* page = head_of(page_at(pointer));
  if (!(page_flags(page) & mm_facts().head_flag)) return;
  uint64_t begin = reinterpret_cast<uint64_t>(address_of(page));
  machine::PageAllocator::Block block;
  if (!machine::page_allocator().find(machine::ram().pfn_of(begin), block)) return;
  uint64_t end = begin + (machine::kPageBytes << block.order);
  if (length > end - address) stop("page alloc", nullptr, to_user, address - begin, length);
}

KAPI(__copy_overflow, Real, void, (int size, unsigned long count)) {
  kernel_warning("Buffer overflow detected (%d < %lu)!\n", size, count);
}

}  // namespace
}  // namespace ring3::kernel
