// SPDX-License-Identifier: GPL-2.0-only
// The argument of --since and --until, in the forms that util-linux and systemd take:
//
//   2012-09-22 16:34:22, 2012-09-22T16:34:22, 2012-09-22 16:34, 2012-09-22, 16:34:22, 16:34,
//   20120922163422, each with a day of the week in front if one likes; @1348331662
//   now, today, yesterday, tomorrow; +5min, -2h30m, 5 days ago
//
// Where seconds are said, a fraction of them may follow. Times are local ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ring3::dmesg {

// Microseconds since 1970.
std::optional<uint64_t> parse_timestamp(std::string_view text);

}  // namespace ring3::dmesg
