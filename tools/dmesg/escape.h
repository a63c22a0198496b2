// SPDX-License-Identifier: GPL-2.0-only
// A log's bytes as text: what the terminal's character set cannot print becomes \xNN.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ring3::dmesg {

struct EscapeStyle {
  bool escape = true;
  size_t indent = 0;  // spaces behind a newline that something follows
  char after = 0;     // what stands behind the text; 0: nothing
};
void append_escaped(std::string& out, std::string_view text, const EscapeStyle& style);

// The text as JSON: valid UTF-8 stays, any other byte counts as a character of Latin-1.
void append_json_string(std::string& out, std::string_view text);

}  // namespace ring3::dmesg
