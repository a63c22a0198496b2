// SPDX-License-Identifier: GPL-2.0-only
// The kernel's text formatting for runtime code, and the pieces from which lib/vsprintf*.cc build
// it. format_text is vsnprintf with Linux's semantics (Documentation/core-api/printk-formats.rst,
// measured in tests/modules/lib/vsprintf.expected): never allocates, may be called anywhere.
#pragma once

#include <algorithm>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ring3::kernel {

// Returns the length that the whole text has; writes at most size bytes, the last of them 0.
int format_text(char* buffer, size_t size, const char* format, va_list arguments) noexcept;
[[gnu::format(printf, 3, 4)]] int format_text(char* buffer, size_t size, const char* format,
                                              ...) noexcept;

// How %pS and its family ask for a symbol; set by who knows the modules. Writes the name (as
// "name+0x12/0x40 [module]" or without offset) into `out`, at most `size` bytes with the final 0,
// and returns its length, or 0 when the address belongs to no symbol.
struct SymbolStyle {
  bool offset = true;           // %pS, %pB; not %ps
  bool return_address = false;  // %pB: look up address - 1
  bool build_id = false;        // %pSb, %pBb
};
using Symbolise = size_t (*)(char* out, size_t size, uint64_t address, SymbolStyle style);
void set_symbolise(Symbolise symbolise);
Symbolise symbolise();

// %p prints a hash, keyed so that addresses do not leak; deterministic machines give the key.
void set_pointer_hash_key(const uint64_t key[2]);
// The no_hash_pointers option and kernel.kptr_restrict.
void set_pointers_plain(bool plain);
void set_kptr_restrict(int level);

// "ENOMEM" for 12, "-ENOMEM" for -12; null for a number that has no name.
const char* error_name(int error);

namespace format {

enum Flags : uint8_t {
  kSign = 1,      // the argument is signed
  kLeft = 2,      // -
  kPlus = 4,      // +
  kSpace = 8,     // ' '
  kZero = 16,     // 0
  kSmall = 32,    // lower case digits
  kSpecial = 64,  // #
};

struct Spec {
  int width = -1;
  int precision = -1;
  uint8_t flags = 0;
  uint8_t base = 10;
};

// Text that may be longer than the room for it: counts all, keeps what fits.
class Output {
 public:
  Output(char* begin, size_t room) : begin_(begin), room_(room) {}
  void put(char c) {
    if (used_ < room_) begin_[used_] = c;
    used_++;
  }
  void put(std::string_view text) {
    if (used_ < room_ && !text.empty())
      std::memcpy(begin_ + used_, text.data(), std::min(text.size(), room_ - used_));
    used_ += text.size();
  }
  void fill(char c, int count) {
    for (; count > 0; count--) put(c);
  }
  size_t used() const { return used_; }
  // Ends the text with 0; the room counts that byte.
  void terminate() {
    if (room_) begin_[used_ < room_ ? used_ : room_ - 1] = 0;
  }

 private:
  char* begin_;
  size_t room_;
  size_t used_ = 0;
};

// A piece that is put together first and padded afterwards.
template <size_t kSize>
class Piece : public Output {
 public:
  Piece() : Output(bytes_, kSize) {}
  std::string_view view() const { return {bytes_, std::min(used(), kSize)}; }

 private:
  char bytes_[kSize];
};

// A whole format, without the final 0.
void all(Output& out, const char* format, va_list arguments);
void number(Output& out, uint64_t value, const Spec& spec);
void hexadecimal(Output& out, uint64_t value, int digits);  // "0x" and at least `digits` digits
void decimal(Output& out, uint64_t value, int digits = 1);
// The text cut to the precision and padded to the width.
void padded(Output& out, std::string_view text, const Spec& spec);
// Padded only.
void widened(Output& out, std::string_view text, const Spec& spec);
// %s
void text(Output& out, const char* string, const Spec& spec);
// Null and error pointers: writes "(null)" or "(efault)" and says true.
bool bad_pointer(Output& out, const void* pointer, const Spec& spec);
bool is_error_or_null(const void* pointer);
// 16 digits, not hashed (%px).
void plain_pointer(Output& out, const void* pointer, const Spec& spec);
void hashed_pointer(Output& out, const void* pointer, const Spec& spec);

// %p and what follows: `letters` stands behind the p.
void pointer(Output& out, const char* letters, const void* argument, const Spec& spec);

// The groups of extensions, by file. Each takes the letters from its own on.
void bytes_in_hex(Output& out, const char* letters, const void* argument, const Spec& spec);
void bitmap(Output& out, const char* letters, const void* argument, const Spec& spec);
void bitmap_list(Output& out, const unsigned long* bits, int count);
void bitmap_words(Output& out, const unsigned long* bits, int count);
void escaped(Output& out, const char* letters, const void* argument, const Spec& spec);
void four_characters(Output& out, const char* letters, const void* argument, const Spec& spec);
void address_value(Output& out, const char* letters, const void* argument, const Spec& spec);
void mac_address(Output& out, const char* letters, const void* argument, const Spec& spec);
void ip_address(Output& out, const char* letters, const void* argument, const Spec& spec);
void uuid(Output& out, const char* letters, const void* argument, const Spec& spec);
void resource(Output& out, const char* letters, const void* argument, const Spec& spec);
void dentry_name(Output& out, const char* letters, const void* argument, const Spec& spec);
void file_name(Output& out, const char* letters, const void* argument, const Spec& spec);
void block_device(Output& out, const char* letters, const void* argument, const Spec& spec);
void clock_name(Output& out, const char* letters, const void* argument, const Spec& spec);
void firmware_node(Output& out, const char* letters, const void* argument, const Spec& spec);
void time(Output& out, const char* letters, const void* argument, const Spec& spec);
void flag_names(Output& out, const char* letters, const void* argument, const Spec& spec);

}  // namespace format
}  // namespace ring3::kernel
