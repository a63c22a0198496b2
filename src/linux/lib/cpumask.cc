// SPDX-License-Identifier: GPL-2.0-only
// lib/cpumask.c: masks that are allocated, and choosing CPUs from masks so that each gets its turn.
#include "kapi/kapi.h"
#include "linux/include/bitmap.h"
#include "linux/include/sched.h"
#include "linux/include/slab.h"

namespace ring3::kernel {
namespace {

unsigned cpus() { return machine_().cpu_count(); }  // nr_cpu_ids
const Word* words(const k::cpumask* mask) { return reinterpret_cast<const Word*>(mask); }

KAPI(alloc_cpumask_var_node, Real, bool, (k::cpumask * *mask, unsigned gfp, int)) {
  *mask = static_cast<k::cpumask*>(kernel_allocate(words_for(cpus()) * sizeof(Word), gfp));
  return *mask != nullptr;
}
KAPI(free_cpumask_var, Real, void, (k::cpumask * mask)) { kernel_free(mask); }

// The next one behind the last choice, around the end; nr_cpu_ids when there is none. Linux keeps
// the last choice for each CPU; here all share it, which spreads as well.
template <class WordAt>
unsigned distribute(WordAt&& word_at) {
  static std::atomic<unsigned> last{0};
  unsigned size = cpus();
  unsigned found = find_from(size, last.load() + 1, word_at);
  if (found >= size) found = find_from(size, 0, word_at);
  if (found < size) last = found;
  return found;
}
KAPI(cpumask_any_distribute, Real, unsigned, (const k::cpumask* mask)) {
  return distribute([mask](size_t i) { return words(mask)[i]; });
}
KAPI(cpumask_any_and_distribute, Real, unsigned, (const k::cpumask* a, const k::cpumask* b)) {
  return distribute([a, b](size_t i) { return words(a)[i] & words(b)[i]; });
}
// There is one node.
KAPI(cpumask_local_spread, Real, unsigned, (unsigned i, int)) { return i % cpus(); }
KAPI(cpumask_next_wrap, Real, unsigned, (int cpu, const k::cpumask* mask, int start, bool wrap)) {
  const int size = static_cast<int>(cpus());
  while (true) {
    int next = static_cast<int>(find_next(words(mask), size, cpu + 1));
    if (wrap && cpu < start && next >= start) return size;
    if (next < size) return next;
    if (wrap && cpu < 0) return size;  // an empty mask
    wrap = true;
    cpu = -1;
  }
}

}  // namespace
}  // namespace ring3::kernel
