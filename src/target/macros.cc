// SPDX-License-Identifier: GPL-2.0-only
#include "target/macros.h"

#include <cctype>

#include "base/text.h"

namespace ring3::target {
namespace {

constexpr int kMaxDepth = 16;  // of #include
// Macros and operators visited for one answer: a header may define what expands without end.
constexpr int kBudget = 500;
constexpr size_t kMaxBody = 4096;

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

void skip_spaces(std::string_view& text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
}

std::string_view take_name(std::string_view& text) {
  skip_spaces(text);
  size_t n = 0;
  while (n < text.size() && is_name(text[n])) n++;
  std::string_view name = text.substr(0, n);
  text.remove_prefix(n);
  return name;
}

bool take(std::string_view& text, std::string_view token) {
  skip_spaces(text);
  if (!text.starts_with(token)) return false;
  text.remove_prefix(token.size());
  return true;
}

// Comments become a space and continued lines are joined; string literals stay.
std::string clean(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    if (text.compare(i, 2, "\\\n") == 0) {
      i += 2;
    } else if (text.compare(i, 2, "/*") == 0) {
      size_t end = text.find("*/", i + 2);
      i = end == std::string_view::npos ? text.size() : end + 2;
      out += ' ';
    } else if (text.compare(i, 2, "//") == 0) {
      i = std::min(text.find('\n', i), text.size());
    } else if (text[i] == '"') {
      size_t end = i + 1;
      while (end < text.size() && text[end] != '"' && text[end] != '\n')
        end += text[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, text.size());
      out += text.substr(i, end - i);
      i = end;
    } else {
      out += text[i++];
    }
  }
  return out;
}

// The body of a one-parameter macro with its argument in place.
std::string substitute(const Macros::Macro& macro, std::string_view argument) {
  std::string out;
  std::string_view rest = macro.body;
  while (!rest.empty()) {
    if (!is_name(rest.front())) {
      out += rest.front();
      rest.remove_prefix(1);
      continue;
    }
    std::string_view name = take_name(rest);
    out += name == *macro.parameter ? argument : name;
  }
  return out;
}

// The text between the parenthesis at the front and its partner; nothing if there is none.
std::optional<std::string_view> take_argument(std::string_view& text) {
  if (!take(text, "(")) return std::nullopt;
  int open = 1;
  for (size_t i = 0; i < text.size(); i++) {
    open += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (open) continue;
    std::string_view inside = text.substr(0, i);
    text.remove_prefix(i + 1);
    return inside;
  }
  return std::nullopt;
}

}  // namespace

// Recursive descent, once for conditions (|| && ! defined) and once for numbers (+ * atoms).
struct Macros::Expression {
  const Macros& macros;
  std::string_view rest;
  int& budget;
  bool failed = false;

  bool any() {
    bool value = all();
    while (take(rest, "||")) value = all() || value;
    return value;
  }
  bool all() {
    bool value = unary();
    while (take(rest, "&&")) value = unary() && value;
    return value;
  }
  bool unary() {
    if (--budget < 0) return !(failed = true);
    if (take(rest, "!")) return !unary();
    if (take(rest, "(")) {
      bool value = any();
      take(rest, ")");
      return value;
    }
    std::string_view name = take_name(rest);
    if (name == "defined" || name == "IS_ENABLED" || name == "IS_BUILTIN") {
      bool parenthesis = take(rest, "(");
      std::string_view option = take_name(rest);
      if (parenthesis) take(rest, ")");
      bool module = name == "IS_ENABLED" && macros.config_.find(option) == "m";
      return macros.defined(option) || module;
    }
    if (auto number = parse_number(name)) return *number != 0;
    if (name.empty()) failed = true;
    return macros.number(name).value_or(0) != 0;
  }

  int64_t sum() {
    int64_t value = product();
    while (!failed && take(rest, "+")) value = wrap_add(value, product());
    return value;
  }
  int64_t product() {
    int64_t value = atom();
    while (!failed && take(rest, "*")) value = wrap_multiply(value, atom());
    return value;
  }
  int64_t atom() {
    if (--budget < 0) failed = true;
    if (failed) return 0;
    if (take(rest, "(")) {
      int64_t value = sum();
      if (!take(rest, ")")) failed = true;
      return value;
    }
    std::string_view name = take_name(rest);
    if (auto number = parse_number(name)) return static_cast<int64_t>(*number);
    auto found = macros.macros_.find(name);
    if (name.empty() || found == macros.macros_.end()) {
      failed = true;
      return 0;
    }
    std::string body = found->second.body;
    if (found->second.parameter) {
      auto argument = take_argument(rest);
      if (!argument) return failed = true, 0;
      body = substitute(found->second, *argument);
      if (body.size() > kMaxBody) return failed = true, 0;
    }
    Expression inner{macros, body, budget};
    int64_t value = inner.whole();
    failed = inner.failed;
    return value;
  }
  int64_t whole() {
    int64_t value = sum();
    skip_spaces(rest);
    if (!rest.empty()) failed = true;
    return value;
  }

  static int64_t wrap_add(int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  }
  static int64_t wrap_multiply(int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  }
};

bool Macros::condition(std::string_view text) const {
  int budget = kBudget;
  Expression expression{*this, text, budget};
  bool value = expression.any();
  return value && !expression.failed;
}

bool Macros::defined(std::string_view name) const {
  if (macros_.contains(name)) return true;
  // What include/generated/autoconf.h defines: CONFIG_X for y and values, CONFIG_X_MODULE for m.
  if (auto value = config_.find(name)) return *value != "m";
  if (name.ends_with("_MODULE")) return config_.find(name.substr(0, name.size() - 7)) == "m";
  return false;
}

void Macros::define(std::string_view name, std::string_view body) {
  macros_[std::string(name)] = {std::nullopt, std::string(body)};
}

void Macros::add_define(std::string_view rest) {
  std::string name(take_name(rest));
  if (name.empty()) return;
  Macro macro;
  if (rest.starts_with("(")) {
    auto parameters = take_argument(rest);
    if (!parameters) return;
    macro.parameter = std::string(take_name(*parameters));
    skip_spaces(*parameters);
    if (!parameters->empty()) return;  // more than one: none of the macros we ask for
  }
  skip_spaces(rest);
  macro.body = rest;
  macros_[name] = std::move(macro);
}

bool Macros::include(std::string_view header, int depth) {
  // Headers guard themselves against a second reading; here the name does.
  if (depth >= kMaxDepth || !included_.insert(std::string(header)).second) return false;
  std::optional<std::string> raw = open_(header);
  if (!raw) return false;

  struct Level {
    bool active;  // this branch is read
    bool taken;   // a branch of this #if was
    bool outer;   // what surrounds the #if is read
  };
  std::vector<Level> levels;
  std::string text = clean(*raw);
  for_each_line(text, [&](std::string_view line) {
    if (!take(line, "#")) return;
    std::string_view directive = take_name(line);
    bool active = levels.empty() || levels.back().active;
    auto open = [&](bool value) { levels.push_back({active && value, value, active}); };
    if (directive == "ifdef") {
      open(defined(take_name(line)));
    } else if (directive == "ifndef") {
      open(!defined(take_name(line)));
    } else if (directive == "if") {
      open(active && condition(line));
    } else if (directive == "elif" && !levels.empty()) {
      Level& level = levels.back();
      level.active = level.outer && !level.taken && condition(line);
      level.taken |= level.active;
    } else if (directive == "else" && !levels.empty()) {
      Level& level = levels.back();
      level.active = level.outer && !level.taken;
      level.taken = true;
    } else if (directive == "endif" && !levels.empty()) {
      levels.pop_back();
    } else if (!active) {
      return;
    } else if (directive == "define") {
      add_define(line);
    } else if (directive == "undef") {
      if (auto found = macros_.find(take_name(line)); found != macros_.end()) macros_.erase(found);
    } else if (directive == "include") {
      skip_spaces(line);
      size_t end = line.find_first_of(">\"", 1);
      if (line.size() > 2 && end != std::string_view::npos)
        include(line.substr(1, end - 1), depth + 1);
    }
  });
  return true;
}

void Macros::expand_text(std::string_view body, std::string& out, int& budget) const {
  while (!body.empty() && --budget >= 0) {
    if (body.front() == '"') {
      size_t end = body.find('"', 1);
      out += body.substr(1, end == std::string_view::npos ? end : end - 1);
      body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    } else if (is_name(body.front())) {
      auto found = macros_.find(take_name(body));
      if (found != macros_.end()) expand_text(found->second.body, out, budget);
    } else {
      body.remove_prefix(1);
    }
  }
}

std::optional<std::string> Macros::text(std::string_view name) const {
  auto found = macros_.find(name);
  if (found == macros_.end()) return std::nullopt;
  std::string out;
  int budget = 10 * kBudget;  // names and the characters between them
  expand_text(found->second.body, out, budget);
  return out;
}

std::optional<int64_t> Macros::number(std::string_view name) const {
  auto found = macros_.find(name);
  if (found == macros_.end() || found->second.parameter) return std::nullopt;
  int budget = kBudget;
  Expression expression{*this, found->second.body, budget};
  int64_t value = expression.whole();
  return expression.failed ? std::nullopt : std::optional(value);
}

}  // namespace ring3::target
