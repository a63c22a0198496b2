// SPDX-License-Identifier: GPL-2.0-only
// The kernel's character classes: Latin-1, whatever the locale. lib/ctype.cc exports the table.
#pragma once

#include <array>
#include <cstdint>

namespace ring3::kernel {

enum CharacterClass : uint8_t {
  kUpperCase = 0x01,
  kLowerCase = 0x02,
  kDigit = 0x04,
  kControl = 0x08,
  kPunctuation = 0x10,
  kWhite = 0x20,
  kHexLetter = 0x40,
  kHardSpace = 0x80,
};

constexpr uint8_t character_class(unsigned c) {
  if (c == ' ') return kWhite | kHardSpace;
  if (c >= 9 && c <= 13) return kControl | kWhite;
  if (c < 32 || c == 127) return kControl;
  if (c >= '0' && c <= '9') return kDigit;
  if (c >= 'A' && c <= 'Z') return kUpperCase | (c <= 'F' ? kHexLetter : 0);
  if (c >= 'a' && c <= 'z') return kLowerCase | (c <= 'f' ? kHexLetter : 0);
  if (c < 127) return kPunctuation;
  if (c < 160) return 0;
  if (c == 160) return kWhite | kHardSpace;
  if (c < 192 || c == 215 || c == 247) return kPunctuation;
  return c < 223 ? kUpperCase : kLowerCase;
}

inline constexpr std::array<uint8_t, 256> kCharacterClasses = [] {
  std::array<uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; c++) classes[c] = character_class(c);
  return classes;
}();

constexpr bool has_class(char c, unsigned mask) {
  return kCharacterClasses[static_cast<unsigned char>(c)] & mask;
}
constexpr bool is_space(char c) { return has_class(c, kWhite); }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_hex_digit(char c) { return has_class(c, kDigit | kHexLetter); }
constexpr bool is_print(char c) {
  return has_class(c, kPunctuation | kUpperCase | kLowerCase | kDigit | kHardSpace);
}
constexpr bool is_ascii(char c) { return static_cast<unsigned char>(c) < 128; }
constexpr bool is_letter_or_digit(char c) { return has_class(c, kUpperCase | kLowerCase | kDigit); }
constexpr char to_lower(char c) { return has_class(c, kUpperCase) ? static_cast<char>(c + 32) : c; }
constexpr char to_upper(char c) { return has_class(c, kLowerCase) ? static_cast<char>(c - 32) : c; }
constexpr int digit_value(char c) {  // 0 to 15; 99 for what is no hexadecimal digit
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

}  // namespace ring3::kernel
