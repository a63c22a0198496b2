// SPDX-License-Identifier: GPL-2.0-only
#include "escape.h"

#include <fmt/format.h>
#include <wctype.h>

#include <cctype>
#include <cstdint>
#include <cwchar>
#include <iterator>

namespace ring3::dmesg {
namespace {

bool is_text(char c) {
  auto byte = static_cast<unsigned char>(c);
  return std::isprint(byte) || std::isspace(byte);
}

// The bytes of the character that `text` begins with, and whether it can be shown.
struct Character {
  size_t size = 1;
  bool shown = false;
};
Character character(std::string_view text) {
  constexpr auto kInvalid = static_cast<size_t>(-1), kIncomplete = static_cast<size_t>(-2);
  if (!text[0]) return {};
  if (static_cast<unsigned char>(text[0]) < 0x80) return {1, is_text(text[0])};
  std::mbstate_t state{};
  wchar_t wide = 0;
  size_t size = std::mbrtowc(&wide, text.data(), text.size(), &state);
  if (size == kInvalid || size == kIncomplete || size == 0) return {};
  if (size == 1) return {1, is_text(text[0])};
  auto letter = static_cast<wint_t>(static_cast<uint32_t>(wide));
  return {size, std::iswprint(letter) || std::iswspace(letter)};
}

// How many bytes a well-formed UTF-8 character has that `text` begins with; 0: it is none.
size_t utf8_size(std::string_view text) {
  auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  auto tail = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    bool overlong = first == 0xe0 && second < 0xa0, surrogate = first == 0xed && second >= 0xa0;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5) {
    bool overlong = first == 0xf0 && second < 0x90, beyond = first == 0xf4 && second >= 0x90;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

}  // namespace

void append_escaped(std::string& out, std::string_view text, const EscapeStyle& style) {
  for (size_t i = 0; i < text.size();) {
    Character next{1, true};
    if (style.escape) next = character(text.substr(i));
    if (!next.shown) {
      for (char c : text.substr(i, next.size))
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += text.substr(i, next.size);
      char behind = i + 1 < text.size() ? text[i + 1] : style.after;
      if (text[i] == '\n' && behind) out.append(style.indent, ' ');
    }
    i += next.size;
  }
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kShort = "\b\t\n\f\r", kLetters = "btnfr";
  out += '"';
  for (size_t i = 0; i < text.size();) {
    size_t size = utf8_size(text.substr(i));
    auto byte = static_cast<unsigned char>(text[i]);
    size_t letter = kShort.find(text[i]);
    if (size > 1) {
      out += text.substr(i, size);
    } else if (text[i] == '"' || text[i] == '\\') {
      out += '\\';
      out += text[i];
    } else if (letter != std::string_view::npos) {
      out += '\\';
      out += kLetters[letter];
    } else if (!size || byte < ' ') {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += text[i];
    }
    i += std::max<size_t>(size, 1);
  }
  out += '"';
}

}  // namespace ring3::dmesg
