// SPDX-License-Identifier: GPL-2.0-only
#include "index/log_record.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

#include "base/text.h"

namespace ring3::index {
namespace {

constexpr int kFacilities = 24, kMostCaller = 19;
// util-linux keeps a facility that is one too high, and then finds no name for it.
constexpr int kHighestFacility = kFacilities;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A decimal number as strtol reads one: white space, a sign, digits.
struct Number {
  int64_t value = 0;
  size_t size = 0;  // what was read; 0: there is no number
  bool overflow = false;
};
Number number_at(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && is_space(text[at])) at++;
  bool plus = at < text.size() && text[at] == '+';
  if (plus) at++;
  Number number;
  if (plus && at < text.size() && text[at] == '-') return number;
  auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), number.value);
  if (error == std::errc::invalid_argument) return {};
  number.size = static_cast<size_t>(end - text.data());
  number.overflow = error == std::errc::result_out_of_range;
  if (number.overflow)
    number.value =
        text[at] == '-' ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
  return number;
}

// facility * 8 + level, ended by `separator`. Returns what follows, or `text` if that is no number.
std::string_view take_priority(std::string_view text, char separator, KernelRecord& record) {
  if (text.find(separator) == std::string_view::npos) return text;
  Number number = number_at(text);
  if (!number.size || number.overflow || number.size >= text.size() ||
      text[number.size] != separator)
    return text;
  constexpr int kFacilityMask = 0x7f;
  record.level = static_cast<int>(number.value & 7);
  record.facility = static_cast<int>(number.value >> 3 & kFacilityMask);
  if (record.facility > kHighestFacility) record.facility = -1;
  return text.substr(number.size + 1);
}

// Behind the first byte that is NUL or one of `ends`.
std::string_view skip_item(std::string_view text, std::string_view ends) {
  for (size_t i = 0; i < text.size(); i++)
    if (!text[i] || ends.find(text[i]) != std::string_view::npos) return text.substr(i + 1);
  return {};
}

// "1.234567]", the bracket before it taken off. Returns what follows, or `text`.
std::string_view take_time(std::string_view text, KernelRecord& record) {
  if (text.find(']') == std::string_view::npos) return text;
  Number seconds = number_at(text);
  record.seconds = seconds.value;
  if (!seconds.size || seconds.overflow || seconds.size >= text.size()) return text;
  size_t end = seconds.size;
  if (text[end] == '.' && end + 1 < text.size()) {
    Number fraction = number_at(text.substr(end + 1));
    record.microseconds = fraction.value;
    if (!fraction.size || fraction.overflow) return text;
    end += 1 + fraction.size;
  }
  if (end >= text.size() || text[end] != ']') return text;
  return text.substr(end + 1);
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// Undoes the kernel's \xNN.
std::string decoded(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); i++) {
    int high = -1, low = -1;
    if (text[i] == '\\' && i + 3 < text.size() && text[i + 1] == 'x') {
      high = hex_digit(text[i + 2]);
      low = hex_digit(text[i + 3]);
    }
    if (high < 0 || low < 0) {
      result += text[i];
    } else {
      result += static_cast<char>(high << 4 | low);
      i += 3;
    }
  }
  return result;
}

}  // namespace

std::optional<KernelRecord> parse_kmsg(std::string_view record, bool priority) {
  constexpr std::string_view kCaller = "caller=";
  while (!record.empty() && is_space(record.front())) record.remove_prefix(1);
  if (record.empty() || !record.front()) return std::nullopt;
  KernelRecord result;
  // The head ends at the first semicolon of the first line; a line without one is all message.
  std::string_view line = record.substr(0, record.find('\n'));
  size_t semicolon = line.find(';');
  if (semicolon != std::string_view::npos) {
    std::string_view head = line.substr(0, semicolon);
    line.remove_prefix(semicolon + 1);
    std::string_view field = take_field(head, ',');
    if (priority) {
      std::string with_end(field);
      take_priority(with_end += ',', ',', result);
    }
    if (auto sequence = parse_number(take_field(head, ','))) result.sequence = *sequence;
    if (auto time = parse_number(take_field(head, ','))) {
      result.seconds = static_cast<int64_t>(*time / 1'000'000);
      result.microseconds = static_cast<int64_t>(*time % 1'000'000);
    }
    while (!head.empty()) {
      field = take_field(head, ',');
      if (field.starts_with(kCaller) && field.size() - kCaller.size() <= kMostCaller)
        result.caller = field.substr(kCaller.size());
    }
  }
  result.text = decoded(line.substr(0, line.find('\0')));
  return result;
}

std::optional<std::string_view> KmsgText::next() {
  while (!rest_.empty() && (!rest_.front() || is_space(rest_.front()))) rest_.remove_prefix(1);
  if (rest_.empty()) return std::nullopt;
  size_t end = 0;
  for (;; end++) {
    end = std::min(rest_.find('\n', end), rest_.find('\0', end));
    if (end == std::string_view::npos) end = rest_.size();
    // The line of a dictionary begins with a space.
    if (end >= rest_.size() || !rest_[end] || end + 1 >= rest_.size() || rest_[end + 1] != ' ')
      break;
  }
  std::string_view record = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  return record;
}

char SyslogText::at(std::string_view line, size_t place) const {
  const char* byte = line.data() + place;
  return byte < rest_.data() + rest_.size() ? *byte : '\0';
}

// `line` is the record's bytes within rest_.
KernelRecord SyslogText::parse(std::string_view line, bool last) const {
  KernelRecord record;
  std::string_view text = line;
  if (text.front() == '<')
    text = priority_ ? take_priority(text.substr(1), '>', record) : skip_item(text, ">");
  auto starts = [&](std::string_view next) {
    char second = next.size() > 1 ? next[1] : '\0';
    return !next.empty() && next[0] == '[' && (second == ' ' || is_digit(second));
  };
  if (starts(text)) {
    text = take_time(text.substr(1), record);
    if (text.starts_with(' ')) text.remove_prefix(1);
  }
  // "[    T1]" or "[   C0]", where the kernel was built to say who prints.
  if (text.size() > 1 && text[0] == '[' && (text[1] == ' ' || text[1] == 'T' || text[1] == 'C') &&
      text.find(']') != std::string_view::npos) {
    std::string_view from = text.substr(1);
    while (from.starts_with(' ')) from.remove_prefix(1);
    std::string_view rest = skip_item(text, "]");
    size_t size = from.size() - std::min(from.size(), rest.size());
    if (size && size <= kMostCaller) record.caller = from.substr(0, size - 1);
    text = rest.empty() ? std::string_view() : rest.substr(1);
  }
  record.after = text.empty() ? '\0' : at(text, text.size());
  if (last && text.ends_with('\n')) {
    text.remove_suffix(1);
    record.after = '\n';
  }
  record.text = text;
  return record;
}

std::optional<KernelRecord> SyslogText::next() {
  size_t begin = 0;
  while (begin < rest_.size() && !rest_[begin]) begin++;
  if (begin >= rest_.size()) return std::nullopt;
  size_t end = begin + 1;
  while (end < rest_.size() &&
         !(rest_[end] == '\n' && end + 1 < rest_.size() && rest_[end + 1] == '<'))
    end++;
  KernelRecord record = parse(rest_.substr(begin, end - begin), end == rest_.size());
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  return record;
}

}  // namespace ring3::index
