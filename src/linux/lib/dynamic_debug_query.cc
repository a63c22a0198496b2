// SPDX-License-Identifier: GPL-2.0-only
#include "linux/lib/dynamic_debug_query.h"

#include <cctype>
#include <climits>
#include <vector>

#include "base/text.h"
#include "linux/include/printk.h"
#include "linux/lib/dynamic_debug_site.h"

namespace ring3::kernel {
namespace {

constexpr size_t kMaxWords = 9;

// Every reason to refuse a query is a line in the log.
template <class... Values>
bool complain(const char* format, Values... values) {
  kernel_print(format, values...);
  return false;
}

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)); }

// Words end at white space; '...' and "..." hold it; # begins a comment.
bool split(std::string_view text, std::vector<std::string>& words) {
  size_t at = 0;
  while (true) {
    while (at < text.size() && is_space(text[at])) at++;
    if (at == text.size() || text[at] == '#') return true;
    size_t begin = at, end = at;
    if (text[at] == '"' || text[at] == '\'') {
      begin++;
      end = text.find(text[at], begin);
      if (end == text.npos)
        return complain(KERN_ERR "dyndbg: unclosed quote: %s\n",
                        std::string(text.substr(begin)).c_str());
    } else {
      while (end < text.size() && !is_space(text[end])) end++;
    }
    if (words.size() == kMaxWords)
      return complain(KERN_ERR "dyndbg: too many words, legal max <=%d\n",
                      static_cast<int>(kMaxWords));
    words.emplace_back(text.substr(begin, end - begin));
    at = end < text.size() ? end + 1 : end;
  }
}

bool read_flags(const std::string& word, DebugQuery& query) {
  char op = word.empty() ? '\0' : word[0];
  if (op != '+' && op != '-' && op != '=')
    return complain(KERN_ERR "dyndbg: bad flag-op %c, at start of %s\n", op, word.c_str());
  unsigned flags = 0;
  for (char letter : word.substr(1)) {
    const DebugFlag* found = nullptr;
    for (const DebugFlag& flag : kDebugFlags)
      if (flag.letter == letter && (flag.flag != kSiteSource || site_fields().source))
        found = &flag;
    if (!found) return complain(KERN_ERR "dyndbg: unknown flag '%c'\n", letter);
    flags |= found->flag;
  }
  query.keep = op == '+' ? ~0u : op == '-' ? ~flags : 0;
  query.add = op == '-' ? 0 : flags;
  return true;
}

bool read_line(std::string_view text, unsigned& line) {
  line = 0;
  if (text.empty()) return true;
  std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  bool decimal = digits.find_first_not_of("0123456789") == digits.npos;
  auto number = decimal ? parse_number(digits) : std::nullopt;
  if (!number || *number > UINT_MAX)
    return complain(KERN_ERR "dyndbg: bad line-number: %s\n", std::string(text).c_str());
  line = static_cast<unsigned>(*number);
  return true;
}

// "12", "12-20", "-20", "12-".
bool read_lines(std::string_view text, DebugQuery& query) {
  if (query.first_line || query.last_line)
    return complain(KERN_ERR "dyndbg: match-spec: line used 2x\n");
  size_t dash = text.find('-');
  if (!read_line(text.substr(0, dash), query.first_line)) return false;
  if (dash == text.npos) {
    query.last_line = query.first_line;
    return true;
  }
  if (!read_line(text.substr(dash + 1), query.last_line)) return false;
  if (query.last_line == 0) query.last_line = UINT_MAX;
  if (query.last_line < query.first_line)
    return complain(KERN_ERR "dyndbg: last-line:%d < 1st-line:%d\n",
                    static_cast<int>(query.last_line), static_cast<int>(query.first_line));
  return true;
}

bool set_once(std::optional<std::string>& place, std::string value, const char* name) {
  if (place)
    return complain(KERN_ERR "dyndbg: match-spec:%s val:%s overridden by %s\n", name,
                    place->c_str(), value.c_str());
  place = std::move(value);
  return true;
}

// "name.c", "name.c:12-20" or "name.c:function".
bool read_file(const std::string& word, DebugQuery& query) {
  if (!set_once(query.file, word, "file")) return false;
  size_t colon = word.find(':');
  if (colon == word.npos) return true;
  query.file->resize(colon);
  std::string rest = word.substr(colon + 1);
  char first = rest.empty() ? '\0' : rest[0];
  if (std::isalpha(static_cast<unsigned char>(first)) || first == '*' || first == '?')
    return set_once(query.function, rest, "func");
  return read_lines(rest, query);
}

// \n and its like, \042 and its like.
std::string unescaped(std::string_view text) {
  constexpr std::string_view kLetters = "nrtvfae\"\\", kMeaning = "\n\r\t\v\f\a\033\"\\";
  std::string out;
  for (size_t at = 0; at < text.size(); at++) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out += text[at];
      continue;
    }
    at++;
    if (size_t letter = kLetters.find(text[at]); letter != kLetters.npos) {
      out += kMeaning[letter];
    } else if (text[at] >= '0' && text[at] <= '7') {
      unsigned value = 0, digits = 0;
      for (; digits < 3 && at < text.size() && text[at] >= '0' && text[at] <= '7'; digits++)
        value = value * 8 + static_cast<unsigned>(text[at++] - '0');
      at--;
      out += static_cast<char>(value);
    } else {
      (out += '\\') += text[at];
    }
  }
  return out;
}

bool read_pair(const std::string& keyword, const std::string& value, DebugQuery& query) {
  if (keyword == "func") return set_once(query.function, value, "func");
  if (keyword == "file") return read_file(value, query);
  if (keyword == "module") return set_once(query.module, value, "module");
  if (keyword == "format") return set_once(query.format, unescaped(value), "format");
  if (keyword == "line") return read_lines(value, query);
  if (keyword == "class") return set_once(query.class_name, value, "class");
  return complain(KERN_ERR "dyndbg: unknown keyword \"%s\"\n", keyword.c_str());
}

bool read_pairs(const std::vector<std::string>& words, const char* module, DebugQuery& query) {
  size_t count = words.size() - 1;  // the last one is the flags
  if (count % 2) return complain(KERN_ERR "dyndbg: expecting pairs of match-spec <value>\n");
  for (size_t i = 0; i < count; i += 2)
    if (!read_pair(words[i], words[i + 1], query)) return false;
  if (!query.module && module) query.module = module;
  return true;
}

}  // namespace

std::optional<DebugQuery> read_debug_query(std::string_view text, const char* module) {
  std::vector<std::string> words;
  DebugQuery query;
  auto fail = [](const char* what) {
    kernel_print(KERN_ERR "dyndbg: %s failed\n", what);
    return std::nullopt;
  };
  if (!split(text, words) || words.empty()) return fail("tokenize");
  // Flags first, so that what is left is pairs.
  if (!read_flags(words.back(), query)) return fail("flags parse");
  if (!read_pairs(words, module, query)) return fail("query parse");
  return query;
}

bool matches_wildcard(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = pattern.npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      p++, t++;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') p++;
  return p == pattern.size();
}

}  // namespace ring3::kernel
