// SPDX-License-Identifier: GPL-2.0-only
// %p. The letters behind it choose what is printed; kExtensions is the list. A bare %p prints a
// keyed hash of the address, 0 and error numbers as they are. Null and error pointers where an
// object is expected print "(null)" and "(efault)".
#include <x86intrin.h>

#include <atomic>

#include "linux/include/ctype.h"
#include "linux/include/format_convert.h"
#include "linux/include/siphash.h"

namespace ring3::kernel {
namespace {

std::atomic<Symbolise> symboliser = nullptr;
std::atomic<bool> plain_pointers = false;
std::atomic<int> kptr_restrict = 0;
std::atomic<uint64_t> hash_key[2];
std::atomic<bool> hash_key_set = false;

SipKey pointer_key() {
  if (!hash_key_set.load(std::memory_order_acquire)) {
    // Nobody gave a key: one that differs between processes is enough.
    char here;
    uint64_t seed[2] = {__rdtsc(), reinterpret_cast<uint64_t>(&here)};
    set_pointer_hash_key(seed);
  }
  return {hash_key[0].load(std::memory_order_relaxed), hash_key[1].load(std::memory_order_relaxed)};
}

}  // namespace

void set_symbolise(Symbolise symbolise) { symboliser = symbolise; }
Symbolise symbolise() { return symboliser; }
void set_pointers_plain(bool plain) { plain_pointers = plain; }
void set_kptr_restrict(int level) { kptr_restrict = level; }
void set_pointer_hash_key(const uint64_t key[2]) {
  hash_key[0] = key[0];
  hash_key[1] = key[1];
  hash_key_set.store(true, std::memory_order_release);
}

namespace format {
namespace {

constexpr uint64_t kPage = 4096;
constexpr uint64_t kMaxErrno = 4095;

uint64_t bits_of(const void* pointer) { return reinterpret_cast<uint64_t>(pointer); }
bool is_error(const void* pointer) { return bits_of(pointer) >= -kMaxErrno; }

void message(Output& out, std::string_view text, Spec spec) {
  if (spec.precision < 0) spec.precision = 16;
  padded(out, text, spec);
}

void refuse_rust(Output& out, const char*, const void*, const Spec& spec) {
  message(out, "(%pA?)", spec);  // no target has CONFIG_RUST
}

// %pS %ps %pB, and R (an address already is what __builtin_extract_return_addr gives) and b.
void symbol(Output& out, const char* letters, const void* argument, const Spec& spec) {
  SymbolStyle style;
  style.offset = letters[0] != 's';
  style.return_address = letters[0] == 'B';
  style.build_id = letters[1] == 'b' || (letters[1] == 'R' && letters[2] == 'b');
  char name[768];
  size_t size = 0;
  if (Symbolise ask = symbolise()) size = ask(name, sizeof(name), bits_of(argument), style);
  if (size) return padded(out, {name, std::min(size, sizeof(name))}, spec);
  Piece<24> plain;
  hexadecimal(plain, bits_of(argument), 1);
  padded(out, plain.view(), spec);
}

void plain(Output& out, const char*, const void* argument, const Spec& spec) {
  plain_pointer(out, argument, spec);
}

void restricted(Output& out, const char*, const void* argument, const Spec& spec) {
  int level = kptr_restrict;
  if (level <= 0) return hashed_pointer(out, argument, spec);
  plain_pointer(out, level == 1 ? argument : nullptr, spec);
}

void error_symbol(Output& out, const char*, const void* argument, const Spec& spec) {
  if (!is_error(argument)) return hashed_pointer(out, argument, spec);
  int64_t error = static_cast<int64_t>(bits_of(argument));
  if (const char* name = error_name(static_cast<int>(error))) return padded(out, name, spec);
  Spec decimal = spec;
  decimal.flags |= kSign;
  number(out, bits_of(argument), decimal);
}

struct VaFormat {  // struct va_format: only pointers, the same everywhere
  const char* format;
  va_list* arguments;
};

void inner_format(Output& out, const char*, const void* argument, const Spec& spec) {
  if (bad_pointer(out, argument, spec)) return;
  const VaFormat* inner = static_cast<const VaFormat*>(argument);
  all(out, inner->format, *inner->arguments);
}

void network_features(Output& out, const char* letters, const void* argument, const Spec& spec) {
  if (bad_pointer(out, argument, spec)) return;
  if (letters[1] != 'F') return message(out, "(%pN?)", spec);
  hexadecimal(out, *static_cast<const uint64_t*>(argument), 16);
}

// %pks, %pus
void probed_string(Output& out, const char* letters, const void* argument, const Spec& spec) {
  if (letters[1] != 's') return message(out, "(einval)", spec);
  text(out, static_cast<const char*>(argument), spec);
}

// %pO: no x86 target of ours has CONFIG_OF.
void device_tree_node(Output& out, const char* letters, const void*, const Spec& spec) {
  message(out, letters[1] == 'F' ? "(%pOF?)" : "(%pO?)", spec);
}

using Print = void (*)(Output&, const char* letters, const void* argument, const Spec&);
struct Extension {
  char letter;
  Print print;
};
constexpr Extension kExtensions[] = {
    {'S', symbol},
    {'s', symbol},
    {'B', symbol},
    {'R', resource},
    {'r', resource},
    {'h', bytes_in_hex},
    {'b', bitmap},
    {'M', mac_address},
    {'m', mac_address},
    {'I', ip_address},
    {'i', ip_address},
    {'E', escaped},
    {'U', uuid},
    {'V', inner_format},
    {'K', restricted},
    {'N', network_features},
    {'4', four_characters},
    {'a', address_value},
    {'d', dentry_name},
    {'t', time},
    {'C', clock_name},
    {'D', file_name},
    {'g', block_device},
    {'G', flag_names},
    {'O', device_tree_node},
    {'f', firmware_node},
    {'A', refuse_rust},
    {'x', plain},
    {'e', error_symbol},
    {'u', probed_string},
    {'k', probed_string},
};

constexpr struct ExtensionTable {
  Print print[128] = {};
  constexpr ExtensionTable() {
    for (const Extension& extension : kExtensions)
      print[static_cast<unsigned char>(extension.letter)] = extension.print;
  }
} kTable;

}  // namespace

bool is_error_or_null(const void* pointer) { return !pointer || is_error(pointer); }

bool bad_pointer(Output& out, const void* pointer, const Spec& spec) {
  if (!pointer) {
    message(out, "(null)", spec);
    return true;
  }
  if (bits_of(pointer) < kPage || is_error(pointer)) {
    message(out, "(efault)", spec);
    return true;
  }
  return false;
}

void plain_pointer(Output& out, const void* pointer, const Spec& spec) {
  Spec hex = spec;
  hex.base = 16;
  hex.flags |= kSmall;
  if (hex.width == -1) {
    hex.width = 16;
    hex.flags |= kZero;
  }
  number(out, bits_of(pointer), hex);
}

void hashed_pointer(Output& out, const void* pointer, const Spec& spec) {
  if (is_error_or_null(pointer) || plain_pointers) return plain_pointer(out, pointer, spec);
  uint64_t hash = siphash24_u64(bits_of(pointer), pointer_key()) & 0xffffffff;
  plain_pointer(out, reinterpret_cast<const void*>(hash), spec);
}

void pointer(Output& out, const char* letters, const void* argument, const Spec& spec) {
  unsigned char letter = letters[0];
  Print print = letter < 128 ? kTable.print[letter] : nullptr;
  if (print)
    print(out, letters, argument, spec);
  else
    hashed_pointer(out, argument, spec);
}

size_t extension_length(const char* letters) {
  size_t length = 0;
  while (is_letter_or_digit(letters[length]) && is_ascii(letters[length])) length++;
  return length;
}

}  // namespace format
}  // namespace ring3::kernel
