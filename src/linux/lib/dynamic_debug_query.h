// SPDX-License-Identifier: GPL-2.0-only
// The query language of dynamic debug: pairs of a keyword and a value that sites must match, then
// an operator (+ - =) with flags. Messages are Linux's; a query that cannot be read is -EINVAL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ring3::kernel {

struct DebugQuery {
  std::optional<std::string> module, function, file, format, class_name;
  unsigned first_line = 0, last_line = 0;  // 0: any
  unsigned keep = ~0u, add = 0;            // what becomes of a site's flags

  unsigned new_flags(unsigned flags) const { return (flags & keep) | add; }
};

// A letter for each flag, in the order in which they are shown.
struct DebugFlag {
  unsigned flag;
  char letter;
};
inline constexpr DebugFlag kDebugFlags[] = {{1, 'p'}, {2, 'm'},  {4, 'f'}, {32, 's'},
                                            {8, 'l'}, {16, 't'}, {0, '_'}};

std::optional<DebugQuery> read_debug_query(std::string_view text, const char* module);
// * is any text, ? any character.
bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace ring3::kernel
