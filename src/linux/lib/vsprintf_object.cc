// SPDX-License-Identifier: GPL-2.0-only
// Pointer formats of kernel objects: resources (%pR %pr), file names (%pd %pD), block devices
// (%pg), clocks (%pC), firmware nodes (%pfw). Their members are found through the target's BTF.
#include "linux/include/format.h"
#include "linux/include/format_fields.h"

namespace ring3::kernel::format {

// struct resource: R names what the flags mean, r prints them.
void resource(Output& out, const char* letters, const void* argument, const Spec& spec) {
  if (bad_pointer(out, argument, spec)) return;
  constexpr Spec kPort{.width = 6, .flags = kSmall | kSpecial | kZero, .base = 16};
  constexpr Spec kMemory{.width = 10, .flags = kSmall | kSpecial | kZero, .base = 16};
  constexpr Spec kBus{.width = 2, .flags = kSmall | kZero, .base = 16};
  constexpr Spec kDecimal{};
  struct Type {
    unsigned long flag;
    const char* name;
    Spec number;
  };
  static constexpr Type kTypes[] = {
      {kResourceIo, "io  ", kPort},     {kResourceMemory, "mem ", kMemory},
      {kResourceIrq, "irq ", kDecimal}, {kResourceDma, "dma ", kDecimal},
      {kResourceBus, "bus ", kBus},
  };
  uint64_t start = resource_start(argument), end = resource_end(argument);
  unsigned long flags = resource_flags(argument);
  bool decode = letters[0] == 'R';
  const char* name = "??? ";
  Spec form = kMemory;
  for (const Type& type : kTypes) {
    if (!(flags & type.flag)) continue;
    name = type.name;
    form = type.number;
    break;
  }
  if (name[0] == '?') decode = false;

  Piece<160> piece;
  piece.put('[');
  piece.put(std::string_view(name));
  if (decode && (flags & kResourceUnset)) {
    piece.put(std::string_view("size "));
    number(piece, end - start + 1, form);
  } else {
    number(piece, start, form);
    if (start != end) {
      piece.put('-');
      number(piece, end, form);
    }
  }
  if (decode) {
    if (flags & kResourceMemory64) piece.put(std::string_view(" 64bit"));
    if (flags & kResourcePrefetch) piece.put(std::string_view(" pref"));
    if (flags & kResourceWindow) piece.put(std::string_view(" window"));
    if (flags & kResourceDisabled) piece.put(std::string_view(" disabled"));
  } else {
    piece.put(std::string_view(" flags "));
    number(piece, flags, {.flags = kSmall | kSpecial, .base = 16});
  }
  piece.put(']');
  padded(out, piece.view(), spec);
}

// The last one to four names of a path; '/' in front only when the root was reached.
void dentry_name(Output& out, const char* letters, const void* argument, const Spec& spec) {
  int depth = letters[1] >= '2' && letters[1] <= '4' ? letters[1] - '0' : 1;
  const char* names[4];
  int count = 0;
  const void* dentry = argument;
  while (count < depth) {
    if (bad_pointer(out, dentry, spec)) return;
    const void* parent = dentry_d_parent(dentry);
    names[count] = reinterpret_cast<const char*>(dentry_name_text(dentry));
    if (parent == dentry) {
      if (count) names[count] = "";
      count++;
      break;
    }
    count++;
    dentry = parent;
  }
  Piece<4 * 256> piece;
  for (int i = count - 1; i >= 0; i--) {
    piece.put(std::string_view(names[i]));
    if (i) piece.put('/');
  }
  padded(out, piece.view(), spec);
}

void file_name(Output& out, const char* letters, const void* argument, const Spec& spec) {
  if (bad_pointer(out, argument, spec)) return;
  dentry_name(out, letters, file_dentry(argument), spec);
}

// "sda3", "nvme0n1p2": the disk, and the partition when it is one.
void block_device(Output& out, const char*, const void* argument, const Spec& spec) {
  if (bad_pointer(out, argument, spec)) return;
  const void* disk = block_device_bd_disk(argument);
  if (bad_pointer(out, disk, spec)) return;
  std::string_view name(static_cast<const char*>(gendisk_disk_name(disk)));
  int partition = 0;
  if (has_block_device_bd_partno())
    partition = block_device_bd_partno(argument);
  else if (has_block_device_flags())
    partition = block_device_flags(argument) & 0xff;  // BD_PARTNO
  Piece<64> piece;
  piece.put(name);
  if (partition) {
    if (!name.empty() && name.back() >= '0' && name.back() <= '9') piece.put('p');
    decimal(piece, partition);
  }
  padded(out, piece.view(), spec);
}

void clock_name(Output& out, const char*, const void* argument, const Spec& spec) {
  if (bad_pointer(out, argument, spec)) return;
  if (!has_clk_core() || !has_clk_core_name()) return hashed_pointer(out, argument, spec);
  const void* core = clk_core(argument);
  if (bad_pointer(out, core, spec)) return;
  text(out, clk_core_name(core), spec);
}

// A node's name comes from its operations, which are module code; only "none" can be told here.
void firmware_node(Output& out, const char* letters, const void* argument, const Spec& spec) {
  if (letters[1] != 'w') return text(out, "(%pf?)", spec);
  if (bad_pointer(out, argument, spec)) return;
  text(out, "(%pfw?)", spec);
}

}  // namespace ring3::kernel::format
