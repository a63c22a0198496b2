// SPDX-License-Identifier: GPL-2.0-only
// Levels and facilities by name: syslog(3)'s numbers.
#pragma once

#include <array>
#include <bitset>
#include <optional>
#include <string>
#include <string_view>

namespace ring3::dmesg {

inline constexpr std::array<const char*, 8> kLevels = {"emerg", "alert",  "crit", "err",
                                                       "warn",  "notice", "info", "debug"};
inline constexpr std::array<const char*, 24> kFacilities = {
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "authpriv", "ftp",    "res0",   "res1",   "res2",   "res3",
    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};

// "err,warn": names or numbers. LEVEL+ is that level and those above it (emerg is the highest),
// +LEVEL that level and those below. What is none is returned.
std::optional<std::string> add_levels(std::string_view list, std::bitset<8>& levels);
std::optional<std::string> add_facilities(std::string_view list, std::bitset<32>& facilities);

// The argument of --console-level: 1 to 8, or the name of the last level that is shown.
std::optional<int> console_level(std::string_view text);

}  // namespace ring3::dmesg
