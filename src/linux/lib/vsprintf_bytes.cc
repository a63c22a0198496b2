// SPDX-License-Identifier: GPL-2.0-only
// Pointer formats of plain memory: bytes in hex (%ph), bitmaps (%pb), escaped text (%pE), four
// characters (%p4cc), physical addresses (%pa), UUIDs (%pU).
#include "linux/include/format.h"
#include "linux/include/string_helpers.h"

namespace ring3::kernel::format {
namespace {
constexpr char kLower[] = "0123456789abcdef";
constexpr char kUpper[] = "0123456789ABCDEF";

void put_byte(Output& out, uint8_t byte, const char* alphabet = kLower) {
  out.put(alphabet[byte >> 4]);
  out.put(alphabet[byte & 15]);
}
bool bit_at(const unsigned long* bits, int i) { return bits[i / 64] >> (i % 64) & 1; }
}  // namespace

// %*ph: the width is the number of bytes, at most 64. C, D and N choose what separates them.
void bytes_in_hex(Output& out, const char* letters, const void* argument, const Spec& spec) {
  if (spec.width == 0) return;
  if (bad_pointer(out, argument, spec)) return;
  char separator = letters[1] == 'C' ? ':' : letters[1] == 'D' ? '-' : letters[1] == 'N' ? 0 : ' ';
  int count = spec.width > 0 ? std::min(spec.width, 64) : 1;
  const uint8_t* bytes = static_cast<const uint8_t*>(argument);
  for (int i = 0; i < count; i++) {
    if (i && separator) out.put(separator);
    put_byte(out, bytes[i]);
  }
}

void bitmap_words(Output& out, const unsigned long* bits, int count) {
  bool first = true;
  for (int begin = (count - 1) / 32 * 32; count > 0 && begin >= 0; begin -= 32) {
    int size = std::min(count - begin, 32);
    uint32_t word = static_cast<uint32_t>(bits[begin / 64] >> (begin % 64));
    if (size < 32) word &= (1u << size) - 1;
    if (!first) out.put(',');
    number(out, word, {.width = (size + 3) / 4, .flags = kSmall | kZero, .base = 16});
    first = false;
  }
}

void bitmap_list(Output& out, const unsigned long* bits, int count) {
  bool first = true;
  for (int begin = 0; begin < count; begin++) {
    if (!bit_at(bits, begin)) continue;
    int end = begin;
    while (end + 1 < count && bit_at(bits, end + 1)) end++;
    if (!first) out.put(',');
    decimal(out, begin);
    if (end != begin) {
      out.put('-');
      decimal(out, end);
    }
    first = false;
    begin = end;
  }
}

// %*pb, %*pbl: the width is the number of bits.
void bitmap(Output& out, const char* letters, const void* argument, const Spec& spec) {
  if (bad_pointer(out, argument, spec)) return;
  const unsigned long* bits = static_cast<const unsigned long*>(argument);
  int count = std::max(spec.width, 0);
  if (letters[1] == 'l')
    bitmap_list(out, bits, count);
  else
    bitmap_words(out, bits, count);
}

// %*pE and its letters, each a class of string_escape_mem.
void escaped(Output& out, const char* letters, const void* argument, const Spec& spec) {
  if (spec.width == 0) return;
  if (bad_pointer(out, argument, spec)) return;
  unsigned flags = 0;
  for (const char* at = letters + 1;; at++) {
    if (*at == 'a')
      flags |= kEscapeAny;
    else if (*at == 'c')
      flags |= kEscapeSpecial;
    else if (*at == 'h')
      flags |= kEscapeHex;
    else if (*at == 'n')
      flags |= kEscapeNull;
    else if (*at == 'o')
      flags |= kEscapeOctal;
    else if (*at == 'p')
      flags |= kEscapeNonPrintable;
    else if (*at == 's')
      flags |= kEscapeSpace;
    else
      break;
  }
  if (!flags) flags = kEscapeAny | kEscapeNonPrintable;
  size_t size = spec.width < 0 ? 1 : spec.width;
  escape_text(out, {static_cast<const char*>(argument), size}, flags, nullptr);
}

void four_characters(Output& out, const char* letters, const void* argument, const Spec& spec) {
  if (letters[1] != 'c' || letters[2] != 'c') return text(out, "(%p4?)", spec);
  if (bad_pointer(out, argument, spec)) return;
  uint32_t value;
  std::memcpy(&value, argument, sizeof(value));
  Piece<48> piece;
  for (int i = 0; i < 4; i++) {
    char c = static_cast<char>((value & 0x7fffffff) >> (8 * i));
    piece.put(c >= ' ' && c <= '~' ? c : '.');
  }
  piece.put(std::string_view(value >> 31 ? " big-endian (" : " little-endian ("));
  hexadecimal(piece, value, 8);
  piece.put(')');
  padded(out, piece.view(), spec);
}

// %pa, %pad, %pap: phys_addr_t and dma_addr_t are 64 bits on x86-64.
void address_value(Output& out, const char*, const void* argument, const Spec& spec) {
  if (bad_pointer(out, argument, spec)) return;
  hexadecimal(out, *static_cast<const uint64_t*>(argument), 16);
}

// %pU: b as in the bytes, l little-endian as a GUID, capitals for capitals.
void uuid(Output& out, const char* letters, const void* argument, const Spec& spec) {
  if (bad_pointer(out, argument, spec)) return;
  static constexpr uint8_t kGuidOrder[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  bool guid = letters[1] == 'l' || letters[1] == 'L';
  const char* alphabet = letters[1] == 'L' || letters[1] == 'B' ? kUpper : kLower;
  const uint8_t* bytes = static_cast<const uint8_t*>(argument);
  Piece<36> piece;
  for (int i = 0; i < 16; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) piece.put('-');
    put_byte(piece, bytes[guid ? kGuidOrder[i] : i], alphabet);
  }
  padded(out, piece.view(), spec);
}

}  // namespace ring3::kernel::format
