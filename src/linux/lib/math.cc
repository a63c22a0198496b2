// SPDX-License-Identifier: GPL-2.0-only
// lib/math and what GCC's own library gives other programs: gcd, lcm, int_sqrt, int_pow, rational,
// reciprocal, div64, clz_ctz, bcd, hweight, linear_ranges.
#include <bit>
#include <cerrno>
#include <cstdint>
#include <numeric>

#include "kapi/kapi.h"

namespace ring3::k {
struct reciprocal_value {
  uint32_t m;
  uint8_t sh1, sh2;
};
struct reciprocal_value_adv {
  uint32_t m;
  uint8_t sh, exp;
  bool is_wide_m;
};
struct linear_range {
  unsigned min;
  unsigned min_sel;
  unsigned max_sel;
  unsigned step;
};
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

KAPI(gcd, Real, unsigned long, (unsigned long a, unsigned long b)) { return std::gcd(a, b); }
KAPI(lcm, Real, unsigned long, (unsigned long a, unsigned long b)) {
  return a && b ? a / std::gcd(a, b) * b : 0;
}
KAPI(lcm_not_zero, Real, unsigned long, (unsigned long a, unsigned long b)) {
  unsigned long multiple = a && b ? a / std::gcd(a, b) * b : 0;
  return multiple ? multiple : b ? b : a;
}

KAPI(int_sqrt, Real, unsigned long, (unsigned long x)) {
  unsigned long root = 0;
  for (unsigned long bit = 1ul << 31; bit; bit >>= 1)
    if ((root | bit) <= x / (root | bit)) root |= bit;
  return root;
}
KAPI(int_pow, Real, uint64_t, (uint64_t base, unsigned exponent)) {
  uint64_t result = 1;
  for (; exponent; exponent >>= 1, base *= base)
    if (exponent & 1) result *= base;
  return result;
}

// The convergents of the continued fraction; the last one that fits, or the largest
// semi-convergent when that is nearer.
KAPI(rational_best_approximation, Real, void,
     (unsigned long numerator, unsigned long denominator, unsigned long max_numerator,
      unsigned long max_denominator, unsigned long* best_numerator,
      unsigned long* best_denominator)) {
  unsigned long n0 = 0, d0 = 1, n1 = 1, d1 = 0;
  unsigned long n = numerator, d = denominator;
  while (d) {
    unsigned long term = n / d, divisor = d;
    d = n % d;
    n = divisor;
    unsigned long n2 = n0 + term * n1, d2 = d0 + term * d1;
    if (n2 > max_numerator || d2 > max_denominator) {
      unsigned long part = ~0ul;
      if (d1) part = (max_denominator - d0) / d1;
      if (n1 && (max_numerator - n0) / n1 < part) part = (max_numerator - n0) / n1;
      if (!d1 || 2 * part > term || (2 * part == term && d0 * divisor > d1 * d)) {
        n1 = n0 + part * n1;
        d1 = d0 + part * d1;
      }
      break;
    }
    n0 = n1;
    d0 = d1;
    n1 = n2;
    d1 = d2;
  }
  *best_numerator = n1;
  *best_denominator = d1;
}

// Division by multiplication (Granlund and Montgomery): the smallest l with 2^l >= d.
int ceiling_log2(uint32_t d) { return static_cast<int>(std::bit_width(d - 1)); }

KAPI(reciprocal_value, Real, k::reciprocal_value, (uint32_t d)) {
  int l = ceiling_log2(d);
  uint64_t m = (uint64_t{1} << 32) * ((uint64_t{1} << l) - d) / d + 1;
  return {static_cast<uint32_t>(m), static_cast<uint8_t>(l < 1 ? l : 1),
          static_cast<uint8_t>(l > 1 ? l - 1 : 0)};
}
KAPI(reciprocal_value_adv, Real, k::reciprocal_value_adv, (uint32_t d, uint8_t precision)) {
  int l = ceiling_log2(d), shift = l;
  uint64_t low = (uint64_t{1} << (32 + l)) / d;
  uint64_t high = ((uint64_t{1} << (32 + l)) + (uint64_t{1} << (32 + l - precision))) / d;
  for (; shift > 0; shift--) {
    uint64_t lower = low >> 1, higher = high >> 1;
    if (lower >= higher) break;
    low = lower;
    high = higher;
  }
  return {static_cast<uint32_t>(high), static_cast<uint8_t>(shift), static_cast<uint8_t>(l),
          high > UINT32_MAX};
}

KAPI(iter_div_u64_rem, Real, uint32_t, (uint64_t dividend, uint32_t divisor, uint64_t* remainder)) {
  *remainder = dividend % divisor;
  return static_cast<uint32_t>(dividend / divisor);
}

KAPI(__clzsi2, Real, int, (int value)) { return std::countl_zero(static_cast<uint32_t>(value)); }
KAPI(__ctzsi2, Real, int, (int value)) {
  return value ? std::countr_zero(static_cast<uint32_t>(value)) : -1;
}
KAPI(__clzdi2, Real, int, (uint64_t value)) { return std::countl_zero(value); }
KAPI(__ctzdi2, Real, int, (uint64_t value)) { return value ? std::countr_zero(value) : -1; }

KAPI(_bcd2bin, Real, unsigned, (unsigned char value)) { return (value >> 4) * 10 + (value & 15); }
KAPI(_bin2bcd, Real, unsigned char, (unsigned value)) {
  return static_cast<unsigned char>(value / 10 << 4 | value % 10);
}

KAPI_ASM(__sw_hweight32, Real, ring3_hweight32);
KAPI_ASM(__sw_hweight64, Real, ring3_hweight64);

unsigned maximum(const k::linear_range* range) {
  return range->min + (range->max_sel - range->min_sel) * range->step;
}
unsigned value_count(const k::linear_range* range) {
  return range ? range->max_sel - range->min_sel + 1 : 0;
}
bool value_at(const k::linear_range* range, unsigned selector, unsigned* value) {
  if (range->min_sel > selector || range->max_sel < selector) return false;
  *value = range->min + (selector - range->min_sel) * range->step;
  return true;
}
int selector_below(const k::linear_range* range, unsigned value, unsigned* selector, bool* found) {
  *found = false;
  if (range->min > value) return -EINVAL;
  if (maximum(range) < value) {
    *selector = range->max_sel;
    return 0;
  }
  *found = true;
  *selector = range->step ? (value - range->min) / range->step + range->min_sel : range->min_sel;
  return 0;
}

KAPI(linear_range_values_in_range, Real, unsigned, (const k::linear_range* range)) {
  return value_count(range);
}
KAPI(linear_range_values_in_range_array, Real, unsigned,
     (const k::linear_range* ranges, int count)) {
  unsigned sum = 0;
  for (int i = 0; i < count; i++) {
    unsigned values = value_count(ranges + i);
    if (!values) return values;
    sum += values;
  }
  return sum;
}
KAPI(linear_range_get_max_value, Real, unsigned, (const k::linear_range* range)) {
  return maximum(range);
}
KAPI(linear_range_get_value, Real, int,
     (const k::linear_range* range, unsigned selector, unsigned* value)) {
  return value_at(range, selector, value) ? 0 : -EINVAL;
}
KAPI(linear_range_get_value_array, Real, int,
     (const k::linear_range* ranges, int count, unsigned selector, unsigned* value)) {
  for (int i = 0; i < count; i++)
    if (value_at(ranges + i, selector, value)) return 0;
  return -EINVAL;
}
KAPI(linear_range_get_selector_low, Real, int,
     (const k::linear_range* range, unsigned value, unsigned* selector, bool* found)) {
  return selector_below(range, value, selector, found);
}
KAPI(linear_range_get_selector_low_array, Real, int,
     (const k::linear_range* ranges, int count, unsigned value, unsigned* selector, bool* found)) {
  int result = -EINVAL;
  for (int i = 0; i < count; i++) {
    if (!selector_below(ranges + i, value, selector, found)) result = 0;
    if (*found) break;
  }
  return result;
}
KAPI(linear_range_get_selector_high, Real, int,
     (const k::linear_range* range, unsigned value, unsigned* selector, bool* found)) {
  *found = false;
  if (maximum(range) < value) return -EINVAL;
  if (range->min > value) {
    *selector = range->min_sel;
    return 0;
  }
  *found = true;
  *selector = range->step ? (value - range->min + range->step - 1) / range->step + range->min_sel
                          : range->max_sel;
  return 0;
}
KAPI(linear_range_get_selector_within, Real, void,
     (const k::linear_range* range, unsigned value, unsigned* selector)) {
  if (range->min > value)
    *selector = range->min_sel;
  else if (maximum(range) < value)
    *selector = range->max_sel;
  else
    *selector = range->step ? (value - range->min) / range->step + range->min_sel : range->min_sel;
}

}  // namespace
}  // namespace ring3::kernel
