// SPDX-License-Identifier: GPL-2.0-only
// The language of modprobe.d. Lines end with a newline; a backslash takes the newline after it
// away, and before anything else it disappears. A line whose first character is # is a comment.
// Words are separated by blanks and tabs; in names dashes become underscores.
#include "index/config.h"

#include <fmt/format.h>

#include <optional>

#include "index/module_names.h"
#include "index/names.h"

namespace ring3::index {
namespace {

constexpr std::string_view kBlanks = " \t";

// Hands out logical lines.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    number_++;
    size_t end = rest_.find_first_of("\n\\");
    if (end == std::string_view::npos || rest_[end] == '\n') return plain(end);
    joined_.clear();
    while (!rest_.empty()) {
      char c = take();
      if (c == '\n') break;
      if (c == '\\') {
        if (rest_.empty()) break;
        c = take();
        if (c == '\n') {
          number_++;
          continue;
        }
      }
      joined_ += c;
    }
    return until_nul(joined_);
  }
  uint32_t number() const { return number_; }

 private:
  char take() {
    char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  std::string_view plain(size_t end) {
    std::string_view line = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    return until_nul(line);
  }
  static std::string_view until_nul(std::string_view line) {
    return line.substr(0, line.find('\0'));
  }

  std::string_view rest_;
  std::string joined_;
  uint32_t number_ = 0;
};

// The next word, and the one blank behind it; nothing at the end.
std::optional<std::string_view> take_word(std::string_view& rest, std::string_view blanks) {
  size_t begin = rest.find_first_not_of(blanks);
  if (begin == std::string_view::npos) {
    rest = {};
    return std::nullopt;
  }
  rest.remove_prefix(begin);
  size_t end = rest.find_first_of(blanks);
  std::string_view word = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return word;
}

std::optional<std::string> take_name(std::string_view& rest) {
  auto word = take_word(rest, kBlanks);
  return word ? normalized_alias(*word) : std::nullopt;
}

constexpr std::string_view kSpaces = " \t\n\v\f\r";

void split_softdep(std::string_view text, ConfigSoftdep& dep) {
  std::vector<std::string>* list = nullptr;
  while (auto word = take_word(text, kSpaces)) {
    if (*word == "pre:")
      list = &dep.before;
    else if (*word == "post:")
      list = &dep.after;
    else if (list)
      list->emplace_back(*word);
  }
}

// One directive; false: the line is bad.
bool directive(Config& config, std::string_view word, std::string_view rest, Origin origin) {
  auto name = take_name(rest);
  if (!name) return false;
  if (word == "alias") {
    auto module = take_name(rest);
    if (!module) return false;
    config.aliases.push_back({std::move(*name), std::move(*module), origin});
    return true;
  }
  if (word == "blacklist") {
    config.blacklist.push_back({std::move(*name), origin});
    return true;
  }
  if (rest.empty()) return false;
  if (word == "options") {
    std::string text(rest);
    for (char& c : text)
      if (c == '\t') c = ' ';
    config.options.push_back({std::move(*name), std::move(text), origin});
  } else if (word == "install") {
    config.install.push_back({std::move(*name), std::string(rest), origin});
  } else if (word == "remove") {
    config.remove.push_back({std::move(*name), std::string(rest), origin});
  } else if (word == "softdep") {
    ConfigSoftdep dep{std::move(*name), {}, {}, origin};
    split_softdep(rest, dep);
    config.softdeps.push_back(std::move(dep));
  } else if (word == "weakdep") {
    ConfigWeakdep dep{std::move(*name), {}, origin};
    while (auto other = take_word(rest, kSpaces)) dep.names.emplace_back(*other);
    config.weakdeps.push_back(std::move(dep));
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string ConfigSoftdep::text() const {
  std::string text;
  for (const auto& [list, word] : {std::pair(&before, "pre:"), std::pair(&after, "post:")}) {
    if (list->empty()) continue;
    text += text.empty() ? "" : " ";
    text += word;
    for (const std::string& name : *list) text += " " + name;
  }
  return text;
}

bool Config::blacklisted(std::string_view module) const {
  for (const ConfigBlacklist& entry : blacklist)
    if (entry.module == module) return true;
  return false;
}

std::string Config::options_of(std::string_view module, std::string_view alias) const {
  std::string text;
  for (const ConfigOptions& entry : options) {
    if (entry.module != module && (alias.empty() || entry.module != alias)) continue;
    if (!text.empty()) text += ' ';
    text += entry.text;
  }
  return text;
}

namespace {

const std::string* first_command(const std::vector<ConfigCommand>& commands,
                                 const std::string& module) {
  for (const ConfigCommand& entry : commands)
    if (matches(entry.pattern, module)) return &entry.command;
  return nullptr;
}

}  // namespace

const std::string* Config::install_command(const std::string& module) const {
  return first_command(install, module);
}
const std::string* Config::remove_command(const std::string& module) const {
  return first_command(remove, module);
}

void parse_config(Config& config, std::string_view text, std::string_view file,
                  Diagnostics& diagnostics) {
  config.files.emplace_back(file);
  Origin origin{static_cast<uint32_t>(config.files.size() - 1), 0};
  Lines lines(text);
  while (auto line = lines.next()) {
    if (line->empty() || line->front() == '#') continue;
    std::string_view rest = *line;
    auto word = take_word(rest, kBlanks);
    if (!word) continue;
    origin.line = lines.number();
    if (*word == "include" || *word == "config")
      diagnostics.warning(
          fmt::format("{}: command {} is deprecated and not parsed anymore", file, *word));
    else if (!directive(config, *word, rest, origin))
      diagnostics.warning(fmt::format("{} line {}: ignoring bad line starting with '{}'", file,
                                      origin.line, *word));
  }
}

}  // namespace ring3::index
