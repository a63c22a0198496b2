// SPDX-License-Identifier: GPL-2.0-only
// %pG: flags by name. g allocation flags, v a mapping's, p a page's. Combinations come before
// their parts, and what has no name is left as a number. The page's bits and, where the target
// tells them, the allocation flags' come from BTF when the table is bound.
#include <atomic>
#include <bit>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "linux/include/format.h"
#include "linux/include/format_flags.h"
#include "target/target.h"

namespace ring3::kernel::format {
namespace {

struct Name {
  uint64_t mask;
  const char* name;
};

constexpr Name kMappingFlags[] = {
    {0x1, "read"},
    {0x2, "write"},
    {0x4, "exec"},
    {0x8, "shared"},
    {0x10, "mayread"},
    {0x20, "maywrite"},
    {0x40, "mayexec"},
    {0x80, "mayshare"},
    {0x100, "growsdown"},
    {0x200, "uffd_missing"},
    {0x400, "pfnmap"},
    {0x1000, "uffd_wp"},
    {0x2000, "locked"},
    {0x4000, "io"},
    {0x8000, "seqread"},
    {0x10000, "randread"},
    {0x20000, "dontcopy"},
    {0x40000, "dontexpand"},
    {0x80000, "lockonfault"},
    {0x100000, "account"},
    {0x200000, "noreserve"},
    {0x400000, "hugetlb"},
    {0x800000, "sync"},
    {0x1000000, "pat"},
    {0x2000000, "wipeonfork"},
    {0x4000000, "dontdump"},
    {0x8000000, "softdirty"},
    {0x10000000, "mixedmap"},
    {0x20000000, "hugepage"},
    {0x40000000, "nohugepage"},
    {0x80000000, "mergeable"},
};

// The single allocation flags, in the order in which they are named.
enum Gfp {
  kHighmem,
  kHigh,
  kAtomic,
  kIo,
  kFs,
  kNowarn,
  kRetryMayfail,
  kNofail,
  kNoretry,
  kComp,
  kZero,
  kNomemalloc,
  kMemalloc,
  kHardwall,
  kThisnode,
  kReclaimable,
  kMovable,
  kAccount,
  kWrite,
  kDirectReclaim,
  kKswapdReclaim,
  kZerotags,
  kDma,
  kDma32,
  kGfpCount
};
struct GfpBit {
  const char* name;
  uint32_t mask;  // of 6.1, where BTF does not tell
};
constexpr GfpBit kGfpBits[kGfpCount] = {
    {"HIGHMEM", 0x2},
    {"HIGH", 0x20},
    {"ATOMIC", 0x200},
    {"IO", 0x40},
    {"FS", 0x80},
    {"NOWARN", 0x2000},
    {"RETRY_MAYFAIL", 0x4000},
    {"NOFAIL", 0x8000},
    {"NORETRY", 0x10000},
    {"COMP", 0x40000},
    {"ZERO", 0x100},
    {"NOMEMALLOC", 0x80000},
    {"MEMALLOC", 0x20000},
    {"HARDWALL", 0x100000},
    {"THISNODE", 0x200000},
    {"RECLAIMABLE", 0x10},
    {"MOVABLE", 0x8},
    {"ACCOUNT", 0x400000},
    {"WRITE", 0x1000},
    {"DIRECT_RECLAIM", 0x400},
    {"KSWAPD_RECLAIM", 0x800},
    {"ZEROTAGS", 0x800000},
    {"DMA", 0x1},
    {"DMA32", 0x4},
};

struct Tables {
  Name gfp[48];
  int gfp_count = 0;
  Name page[64];
  int page_count = 0;
  struct PageField {
    const char* name = nullptr;
    int width = 0;
    int shift = 0;
    bool hex = false;
  } fields[3];
};

void build_gfp(Tables& tables, const uint32_t (&bit)[kGfpCount]) {
  uint32_t reclaim = bit[kDirectReclaim] | bit[kKswapdReclaim];
  uint32_t kernel = reclaim | bit[kIo] | bit[kFs];
  uint32_t user = kernel | bit[kHardwall];
  uint32_t highuser_movable = user | bit[kHighmem] | bit[kMovable];
  uint32_t huge_light =
      (highuser_movable | bit[kComp] | bit[kNomemalloc] | bit[kNowarn]) & ~reclaim;
  // __GFP_ATOMIC left in 6.3, and GFP_NOWAIT became silent soon after.
  uint32_t nowait = bit[kKswapdReclaim] | (bit[kAtomic] ? 0 : bit[kNowarn]);
  const Name combined[] = {
      {huge_light | bit[kDirectReclaim], "GFP_TRANSHUGE"},
      {huge_light, "GFP_TRANSHUGE_LIGHT"},
      {highuser_movable, "GFP_HIGHUSER_MOVABLE"},
      {user | bit[kHighmem], "GFP_HIGHUSER"},
      {user, "GFP_USER"},
      {kernel | bit[kAccount], "GFP_KERNEL_ACCOUNT"},
      {kernel, "GFP_KERNEL"},
      {reclaim | bit[kIo], "GFP_NOFS"},
      {bit[kHigh] | bit[kAtomic] | bit[kKswapdReclaim], "GFP_ATOMIC"},
      {reclaim, "GFP_NOIO"},
      {nowait, "GFP_NOWAIT"},
      {bit[kDma], "GFP_DMA"},
      {bit[kHighmem], "__GFP_HIGHMEM"},
      {bit[kDma32], "GFP_DMA32"},
  };
  for (const Name& name : combined) tables.gfp[tables.gfp_count++] = name;
  static constexpr const char* kSingle[kGfpCount] = {nullptr,
                                                     "__GFP_HIGH",
                                                     "__GFP_ATOMIC",
                                                     "__GFP_IO",
                                                     "__GFP_FS",
                                                     "__GFP_NOWARN",
                                                     "__GFP_RETRY_MAYFAIL",
                                                     "__GFP_NOFAIL",
                                                     "__GFP_NORETRY",
                                                     "__GFP_COMP",
                                                     "__GFP_ZERO",
                                                     "__GFP_NOMEMALLOC",
                                                     "__GFP_MEMALLOC",
                                                     "__GFP_HARDWALL",
                                                     "__GFP_THISNODE",
                                                     "__GFP_RECLAIMABLE",
                                                     "__GFP_MOVABLE",
                                                     "__GFP_ACCOUNT",
                                                     "__GFP_WRITE",
                                                     "__GFP_DIRECT_RECLAIM",
                                                     "__GFP_KSWAPD_RECLAIM",
                                                     "__GFP_ZEROTAGS"};
  for (int i = 0; i < kGfpCount; i++)
    if (kSingle[i] && bit[i]) tables.gfp[tables.gfp_count++] = {bit[i], kSingle[i]};
}

Tables* default_tables() {
  static Tables* tables = [] {
    uint32_t bits[kGfpCount];
    for (int i = 0; i < kGfpCount; i++) bits[i] = kGfpBits[i].mask;
    Tables* made = new Tables;
    build_gfp(*made, bits);
    return made;
  }();
  return tables;
}

std::atomic<Tables*> bound_tables = nullptr;

// What the low bits of page->flags are called, in Linux's order of naming.
constexpr const char* kPageFlags[] = {
    "locked",       "waiters",  "error",      "referenced",  "uptodate",     "dirty",
    "lru",          "active",   "workingset", "slab",        "owner_priv_1", "owner_2",
    "arch_1",       "reserved", "private",    "private_2",   "writeback",    "head",
    "mappedtodisk", "reclaim",  "swapbacked", "unevictable", "mlocked",      "uncached",
    "hwpoison",     "young",    "idle",       "arch_2",      "arch_3",       "skip_kasan_poison"};

int config_number(const target::Target& target, const char* option) {
  auto value = target.config(option);
  return value ? static_cast<int>(parse_number(*value).value_or(0)) : 0;
}

void bind_page_flags(Tables& tables, const target::Target& target) {
  for (const char* name : kPageFlags) {
    auto bit = target.enumerator(std::string("PG_") + name);
    if (bit && *bit >= 0 && *bit < 64)
      tables.page[tables.page_count++] = {uint64_t{1} << *bit, name};
  }
  // From the top: node, zone, the last CPU and PID (linux/page-flags-layout.h).
  int node = config_number(target, "CONFIG_NODES_SHIFT");
  int zones = static_cast<int>(target.enumerator("__MAX_NR_ZONES").value_or(0));
  int zone = zones <= 2 ? 1 : std::bit_width(static_cast<unsigned>(zones - 1));
  int cpus = config_number(target, "CONFIG_NR_CPUS");
  int cpupid = target.config("CONFIG_NUMA_BALANCING")
                   ? 8 + std::bit_width(static_cast<unsigned>(cpus - 1))
                   : 0;
  tables.fields[0] = {"node", node, 64 - node, false};
  tables.fields[1] = {"zone", zone, 64 - node - zone, false};
  tables.fields[2] = {"lastcpupid", cpupid, 64 - node - zone - cpupid, true};
}

uint64_t put_names(Output& out, uint64_t flags, const Name* names, int count) {
  for (int i = 0; i < count && flags; i++) {
    if ((flags & names[i].mask) != names[i].mask) continue;
    out.put(std::string_view(names[i].name));
    flags &= ~names[i].mask;
    if (flags) out.put('|');
  }
  if (flags) number(out, flags, {.flags = kSmall | kSpecial, .base = 16});
  return flags;
}

void page_flags(Output& out, uint64_t flags, const Tables& tables) {
  number(out, flags, {.flags = kSmall | kSpecial, .base = 16});
  out.put('(');
  int low = 64;
  for (const auto& field : tables.fields)
    if (field.width) low = std::min(low, field.shift);
  uint64_t main = low < 64 ? flags & ((uint64_t{1} << low) - 1) : flags;
  bool any = main != 0;
  put_names(out, main, tables.page, tables.page_count);
  for (const auto& field : tables.fields) {
    if (!field.width) continue;
    if (any) out.put('|');
    any = true;
    out.put(std::string_view(field.name));
    out.put('=');
    uint64_t value = flags >> field.shift & ((uint64_t{1} << field.width) - 1);
    if (field.hex)
      number(out, value, {.flags = kSmall | kSpecial, .base = 16});
    else
      decimal(out, value);
  }
  out.put(')');
}

}  // namespace

void bind_flag_names(const target::Target& target) {
  static std::vector<std::unique_ptr<Tables>> all;  // an earlier one may be in use: it stays
  Tables* tables = all.emplace_back(std::make_unique<Tables>()).get();
  uint32_t bits[kGfpCount];
  bool told = target.enumerator("___GFP_DMA_BIT").has_value();
  for (int i = 0; i < kGfpCount; i++) {
    auto bit = target.enumerator(std::string("___GFP_") + kGfpBits[i].name + "_BIT");
    bits[i] = bit ? 1u << *bit : told ? 0 : kGfpBits[i].mask;
  }
  build_gfp(*tables, bits);
  bind_page_flags(*tables, target);
  bound_tables = tables;
}

void flag_names(Output& out, const char* letters, const void* argument, const Spec& spec) {
  if (bad_pointer(out, argument, spec)) return;
  const Tables* tables = bound_tables;
  if (!tables) tables = default_tables();
  switch (letters[1]) {
    case 'g':
      put_names(out, *static_cast<const uint32_t*>(argument), tables->gfp, tables->gfp_count);
      break;
    case 'v':
      put_names(out, *static_cast<const uint64_t*>(argument), kMappingFlags,
                std::size(kMappingFlags));
      break;
    case 'p':
      page_flags(out, *static_cast<const uint64_t*>(argument), *tables);
      break;
    default:
      text(out, "(%pG?)", spec);
  }
}

}  // namespace ring3::kernel::format
