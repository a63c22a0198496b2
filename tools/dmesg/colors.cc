// SPDX-License-Identifier: GPL-2.0-only
#include "colors.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>

#include "base/text.h"
#include "host/file.h"
#include "host/folder.h"

namespace ring3::dmesg {
namespace {

struct Named {
  std::string_view name;
  const char* sequence;
};
constexpr Named kColorNames[] = {
    {"black", "\033[30m"},      {"blink", "\033[5m"},         {"blue", "\033[34m"},
    {"bold", "\033[1m"},        {"brown", "\033[33m"},        {"cyan", "\033[36m"},
    {"darkgray", "\033[1;30m"}, {"gray", "\033[37m"},         {"green", "\033[32m"},
    {"halfbright", "\033[2m"},  {"lightblue", "\033[1;34m"},  {"lightcyan", "\033[1;36m"},
    {"lightgray", "\033[37m"},  {"lightgreen", "\033[1;32m"}, {"lightmagenta", "\033[1;35m"},
    {"lightred", "\033[1;31m"}, {"magenta", "\033[35m"},      {"red", "\033[31m"},
    {"reset", "\033[0m"},       {"reverse", "\033[7m"},       {"yellow", "\033[1;33m"},
    {"white", "\033[1;37m"}};

// In the order of Color: the name in a scheme file, and what is meant without one.
constexpr Named kRoles[] = {
    {"subsys", "\033[33m"},       {"time", "\033[32m"},           {"timebreak", "\033[32m\033[1m"},
    {"alert", "\033[7m\033[31m"}, {"crit", "\033[1m\033[31m"},    {"err", "\033[31m"},
    {"warn", "\033[1m"},          {"segfault", "\033[2m\033[31m"}};

// A sequence of a scheme file: a name, or "1;31" with backslashes for special bytes. Empty:
// neither.
std::string sequence_of(std::string_view text) {
  constexpr std::string_view kFrom = "abefnrtv\\_#?", kTo = "\a\b\033\f\n\r\t\v\\ #?";
  if (std::isalpha(static_cast<unsigned char>(text[0]))) {
    for (const Named& color : kColorNames)
      if (color.name == text) return color.sequence;
    return {};
  }
  std::string result = "\033[";
  for (size_t i = 0; i < text.size(); i++) {
    size_t known = std::string_view::npos;
    if (text[i] == '\\' && i + 1 < text.size()) known = kFrom.find(text[i + 1]);
    if (known == std::string_view::npos) {
      result += text[i];
    } else {
      result += kTo[known];
      i++;
    }
  }
  return result + 'm';
}

// terminal-colors.d: files NAME@TERM.TYPE, of which either part may be missing. The one that says
// most counts; of each type there is one winner.
struct TerminalColors {
  int enable = 0, disable = 0, scheme = 0;
  std::string scheme_file;
  bool found = false;

  explicit TerminalColors(const std::string& folder) {
    auto names = host::list_folder(folder);
    if (!names) return;
    found = true;
    for (const std::string& name : *names) consider(folder, name);
  }

  void consider(const std::string& folder, const std::string& name) {
    size_t dot = name.rfind('.');
    std::string_view type = name, rest;
    if (dot != std::string::npos) {
      type.remove_prefix(dot + 1);
      rest = std::string_view(name).substr(0, dot);
    }
    int* best = type == "enable"    ? &enable
                : type == "disable" ? &disable
                : type == "scheme"  ? &scheme
                                    : nullptr;
    if (!best || name.starts_with('.')) return;
    size_t at = rest.find('@');
    std::string_view program = rest.substr(0, at);
    int score = 1;
    if (!program.empty()) {
      if (program != "dmesg") return;
      score += 20;
    }
    if (at != std::string_view::npos) {
      if (rest.substr(at + 1) != host::environment("TERM")) return;
      score += 10;
    }
    if (score < *best) return;
    *best = score;
    if (best == &scheme) scheme_file = folder + "/" + name;
  }
};

TerminalColors terminal_colors() {
  constexpr const char* kFolder = "/terminal-colors.d";
  std::string own = host::environment("XDG_CONFIG_HOME");
  if (own.empty() && !host::environment("HOME").empty())
    own = host::environment("HOME") + "/.config";
  if (!own.empty())
    if (TerminalColors colors(own + kFolder); colors.found) return colors;
  return TerminalColors(std::string("/etc") + kFolder);
}

// Without terminfo: a terminal that calls itself nothing or dumb has none.
bool terminal_has_colors() {
  std::string name = host::environment("TERM");
  return !name.empty() && name != "dumb" && !name.starts_with("vt");
}

}  // namespace

Colors::Colors(ColorMode mode) {
  on_ = mode == ColorMode::kAlways;
  if (!on_ && (mode == ColorMode::kNever || !::isatty(STDOUT_FILENO) || !terminal_has_colors()))
    return;
  TerminalColors rules = terminal_colors();
  if (!on_) on_ = mode == ColorMode::kAuto || rules.disable <= rules.enable;
  for (size_t i = 0; i < sequences_.size(); i++) sequences_[i] = kRoles[i].sequence;
  if (on_ && !rules.scheme_file.empty()) read_scheme(rules.scheme_file);
}

// Lines "err 1;31" or "err red". What is none ends the reading, as it does in util-linux.
void Colors::read_scheme(const std::string& path) {
  constexpr uint64_t kLimit = 1 << 20;
  auto bytes = host::read_file(path, kLimit);
  if (!bytes) return;
  bool good = true;
  for_each_line(as_text(*bytes), [&](std::string_view line) {
    while (line.starts_with(' ') || line.starts_with('\t')) line.remove_prefix(1);
    if (line.empty() || line[0] == '#' || !good) return;
    std::string_view role = take_field(line, ' ');
    while (line.starts_with(' ')) line.remove_prefix(1);
    std::string_view value = take_field(line, ' ');
    if (value.empty()) return;
    std::string sequence = sequence_of(value);
    if (sequence.empty()) {
      good = false;
      return;
    }
    for (size_t i = 0; i < sequences_.size(); i++)
      if (kRoles[i].name == role) sequences_[i] = sequence;
  });
}

std::optional<Color> message_color(int level, std::string_view text) {
  constexpr int kAlert = 1, kCritical = 2, kError = 3, kWarning = 4;
  if (level == kAlert) return Color::kAlert;
  if (level == kCritical) return Color::kCritical;
  if (level == kError) return Color::kError;
  if (level == kWarning) return Color::kWarning;
  if (text.find("segfault at") != std::string_view::npos) return Color::kSegfault;
  return std::nullopt;
}

size_t subsystem_size(std::string_view text) {
  for (size_t at = 0; (at = text.find(':', at)) != std::string_view::npos; at++) {
    bool blank = at + 1 < text.size() && (text[at + 1] == ' ' || text[at + 1] == '\t');
    if (blank && at + 2 < text.size()) return at + 2;
  }
  return 0;
}

}  // namespace ring3::dmesg
