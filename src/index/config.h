// SPDX-License-Identifier: GPL-2.0-only
// modprobe's configuration: aliases, options, blacklist, install and remove commands, soft and weak
// dependencies. It comes from files of modprobe.d, from modules.softdep and modules.weakdep beside
// the indexes, and from the kernel's command line, and is kept in the order in which it was read.
//
// A bad line is reported and skipped; configuration never makes a tool fail. Each entry remembers
// where it stands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace ring3::index {

struct Origin {
  uint32_t file = 0;  // of Config::files
  uint32_t line = 0;  // the last one, where backslashes join several
};

struct ConfigAlias {
  std::string pattern, module;
  Origin origin;
};
struct ConfigBlacklist {
  std::string module;
  Origin origin;
};
struct ConfigOptions {
  std::string module;  // or an alias
  std::string text;
  Origin origin;
};
struct ConfigCommand {
  std::string pattern, command;
  Origin origin;
};
struct ConfigSoftdep {
  std::string pattern;
  std::vector<std::string> before, after;
  Origin origin;

  std::string text() const;  // "pre: a b post: c"
};
struct ConfigWeakdep {
  std::string pattern;
  std::vector<std::string> names;
  Origin origin;
};

struct Config {
  std::vector<std::string> files;
  std::vector<ConfigAlias> aliases;
  std::vector<ConfigBlacklist> blacklist;
  std::vector<ConfigOptions> options;
  std::vector<ConfigCommand> install, remove;
  std::vector<ConfigSoftdep> softdeps;
  std::vector<ConfigWeakdep> weakdeps;

  bool blacklisted(std::string_view module) const;
  // All that match the module's name, or how it was asked for, with blanks between them.
  std::string options_of(std::string_view module, std::string_view alias) const;
  const std::string* install_command(const std::string& module) const;  // the first that matches
  const std::string* remove_command(const std::string& module) const;
};

// Adds what a file says. Warnings begin with "FILE line N:".
void parse_config(Config& config, std::string_view text, std::string_view file,
                  Diagnostics& diagnostics);

// Adds what the kernel's command line says: "module.parameter=value" and "modprobe.blacklist=a,b".
void parse_command_line(Config& config, std::string_view text, std::string_view file,
                        Diagnostics& diagnostics);

}  // namespace ring3::index
