// SPDX-License-Identifier: GPL-2.0-only
// String functions of the kernel that runtime code shares.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ring3::kernel {

// strscpy: the length that was copied, or -E2BIG when the text was cut.
int64_t copy_string(char* target, const char* source, size_t size);

// What memparse reads: a number with an optional K, M, G, T, P or E.
uint64_t parse_size(const char* text, const char** end);
// simple_strtoull: base 0 takes 0x and 0; stops at the first character that is no digit, or after
// max_chars.
uint64_t parse_digits(const char* text, const char** end, unsigned base,
                      size_t max_chars = INT32_MAX);
// The same as a signed number: a '-' in front.
int64_t parse_signed_digits(const char* text, const char** end, unsigned base,
                            size_t max_chars = INT32_MAX);
// kstrtoull and kstrtoll: the whole text but for one newline; 0 or a negative errno.
int parse_unsigned(const char* text, unsigned base, uint64_t& value);
int parse_signed(const char* text, unsigned base, int64_t& value);

}  // namespace ring3::kernel
