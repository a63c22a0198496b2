// SPDX-License-Identifier: GPL-2.0-only
// A preprocessor just large enough to ask a kernel header what a macro expands to: the vermagic
// string (linux/vermagic.h) and the numbers of CPU features (asm/cpufeatures.h). Both headers are
// plain lists of #define under #ifdef CONFIG_*; reading them is what keeps us from knowing kernel
// versions by heart. It knows #if/#ifdef/#elif/#else/#endif with defined(), IS_ENABLED(), !, &&, ||
// and parentheses, #define and #undef, and quoted or bracketed #include of files it is given.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "target/config.h"

namespace ring3::target {

class Macros {
 public:
  // `open` gives the text of "linux/vermagic.h"; a header that it does not have is skipped.
  using Opener = std::function<std::optional<std::string>(std::string_view header)>;
  Macros(const Config& config, Opener open) : config_(config), open_(std::move(open)) {}

  // False when the header does not exist or was read before.
  bool include(std::string_view header, int depth = 0);
  void define(std::string_view name, std::string_view body = {});

  bool defined(std::string_view name) const;
  // What `name` expands to as adjacent string literals, joined; macros that are not defined expand
  // to nothing, as they do in our headers when an architecture has no word to add.
  std::optional<std::string> text(std::string_view name) const;
  // ... as a sum of products of numbers and macros: "(NCAPINTS*32 + (3))".
  std::optional<int64_t> number(std::string_view name) const;

  struct Macro {
    std::optional<std::string> parameter;  // function-like with one parameter
    std::string body;
  };
  const std::map<std::string, Macro, std::less<>>& all() const { return macros_; }

 private:
  struct Expression;
  bool condition(std::string_view text) const;
  void add_define(std::string_view rest);
  void expand_text(std::string_view body, std::string& out, int& budget) const;

  const Config& config_;
  Opener open_;
  std::set<std::string, std::less<>> included_;
  std::map<std::string, Macro, std::less<>> macros_;
};

}  // namespace ring3::target
