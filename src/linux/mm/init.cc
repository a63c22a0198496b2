// SPDX-License-Identifier: GPL-2.0-only
// Where memory lies, as exported data: with these values the arithmetic that modules carry inlined
// works as it is. __phys_addr_nodebug() takes an address below __START_KERNEL_map for one of the
// direct map (x - page_offset_base), so phys_base plays no part.
#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/memory.h"
#include "linux/include/printk.h"
#include "linux/mm/struct_page.h"

namespace ring3::kernel {

using machine::page_allocator;
using machine::ram;
using machine::vmalloc_space;

namespace {

MmFacts facts;
BugHandler bug_handler = [] { asm volatile("ud2"); };

void report_to_log(const machine::MemoryReport& report) {
  kernel_print(KERN_ERR "BUG: %s\n", describe(report).c_str());
  for (auto [what, site] : {std::pair{"allocated", report.object.owner},
                            {"freed", report.object.freed_by},
                            {"called", report.caller}})
    if (site) kernel_print(KERN_ERR " %s at %pS\n", what, reinterpret_cast<void*>(site));
}

}  // namespace

MmFacts& mm_facts() { return facts; }

void read_mm_facts(const target::Target& target) {
  auto bit = [&](const char* name, uint64_t otherwise) {
    auto number = target.enumerator(name);
    return number ? 1ull << *number : otherwise;
  };
  // include/linux/slab.h: plain numbers in 6.1, an enumeration of bits later.
  auto slab = [&](const char* name, unsigned otherwise) {
    return static_cast<slab_flags_t>(bit(name, otherwise));
  };
  facts = {};
  facts.init_on_alloc = target.config("CONFIG_INIT_ON_ALLOC_DEFAULT_ON") == "y";
  facts.head_flag = bit("PG_head", 0);
  facts.slab_flag = bit("PG_slab", 0);
  facts.slab_type = static_cast<uint32_t>(target.enumerator("PGTY_slab").value_or(0)) << 24;
  facts.hwcache_align = slab("_SLAB_HWCACHE_ALIGN", 0x2000);
  facts.cache_dma = slab("_SLAB_CACHE_DMA", 0x4000);
  facts.panic = slab("_SLAB_PANIC", 0x40000);
  facts.type_stable = slab("_SLAB_TYPESAFE_BY_RCU", 0x80000);
}

machine::MemoryOptions memory_options(const kapi::Binding& binding, unsigned cpus) {
  read_mm_facts(binding.target());
  machine::MemoryOptions options;
  options.ram.page_struct_size = sizeof_page();
  options.cpus = cpus;
  options.percpu_static_size = binding.percpu_static_size();
  options.page_hooks = page_hooks();
  options.report = report_to_log;
  return options;
}

void set_bug_handler(BugHandler handler) { bug_handler = handler; }
void memory_bug() { bug_handler(); }

namespace {

unsigned long& word(void* at) { return *static_cast<unsigned long*>(at); }
// Tests of the table bind it without a machine: then there is nothing to tell.
void tell(void* at, uint64_t (*value)()) { word(at) = machine::has_memory() ? value() : 0; }

KDATA_INIT(page_offset_base, Real, nullptr, 8)
{
  tell(at, [] { return ram().direct_map(); });
}
KDATA_INIT(vmemmap_base, Real, nullptr, 8)
{
  tell(at, [] { return ram().page_array(); });
}
KDATA_INIT(vmalloc_base, Real, nullptr, 8)
{
  tell(at, [] { return vmalloc_space().begin(); });
}
KDATA_INIT(phys_base, Real, nullptr, 8)
{ word(at) = 0; }
KDATA_INIT(high_memory, Real, nullptr, 8)
{
  tell(at, [] { return ram().direct_map() + ram().size(); });
}
KDATA_INIT(_totalram_pages, Real, nullptr, 8)
{
  tell(at, [] { return page_allocator().total_pages(); });
}
// A page that is zero and stays so; never freed.
KDATA_INIT(zero_pfn, Real, nullptr, 8)
{
  tell(at, [] { return page_allocator().allocate({.zero = true}); });
}

// One node.
KDATA_INIT(nr_node_ids, Real, nullptr, 4)
{ *static_cast<unsigned*>(at) = 1; }
KDATA_INIT(nr_online_nodes, Real, nullptr, 4)
{ *static_cast<int*>(at) = 1; }

KPERCPU(numa_node, Real, int);
// nodemask_t[NR_NODE_STATES], a bit for each of 1 << CONFIG_NODES_SHIFT nodes: node 0 is possible,
// online, has memory and CPUs.
constexpr uint64_t kNodeMask = 1024 / 8;
constexpr uint64_t kMostStates = 8;
KDATA_INIT(node_states, Real, nullptr, kNodeMask* kMostStates)
{
  int64_t states = binding.target().enumerator("NR_NODE_STATES").value_or(0);
  for (int64_t i = 0; i < states && i < static_cast<int64_t>(kMostStates); i++)
    static_cast<uint8_t*>(at)[i * static_cast<int64_t>(kNodeMask)] = 1;
}

// Static keys that inlined code reads: what want_init_on_alloc() answers.
KFIELD_PATH(static_key, enabled.counter, enabled, int);
KDATA_INIT(init_on_alloc, Real, "static_key_true", 0)
{ static_key_enabled(at) = mm_facts().init_on_alloc; }
KDATA_INIT(init_on_free, Real, "static_key_false", 0)
{ static_key_enabled(at) = binding.target().config("CONFIG_INIT_ON_FREE_DEFAULT_ON") == "y"; }

KAPI(__virt_addr_valid, Real, bool, (unsigned long x)) { return ram().contains(x); }

}  // namespace
}  // namespace ring3::kernel
