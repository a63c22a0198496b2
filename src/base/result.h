// SPDX-License-Identifier: GPL-2.0-only
// Errors as values. Result<T> is a T or an Error; TRY(expr) unwraps a Result or returns its Error
// to the caller. An Error carries the errno that Linux would return and the sentence a person
// reads: the file, section, offset or symbol, the cause, and what to do. The sentence is empty
// where Linux is silent as well. There are no exceptions below tools/ (a module's frames carry no
// .eh_frame).
#pragma once

#include <cerrno>
#include <string>
#include <utility>
#include <variant>

namespace ring3 {

struct [[nodiscard]] Error {
  int code = 0;      // a positive errno
  std::string text;  // one line without newline; may be empty
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  bool ok() const { return state_.index() == 0; }
  T& value() { return *std::get_if<0>(&state_); }
  const T& value() const { return *std::get_if<0>(&state_); }
  T&& take() { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return *std::get_if<1>(&state_); }
  Error&& take_error() { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  explicit operator bool() const { return !failed_; }
  bool ok() const { return !failed_; }
  void take() {}
  const Error& error() const { return error_; }
  Error&& take_error() { return std::move(error_); }

 private:
  Error error_;
  bool failed_ = false;
};

}  // namespace ring3

// TRY(expr): the value of a Result, or return its Error from the enclosing function.
#define TRY(...)                             \
  ({                                         \
    auto ring3_try_result = (__VA_ARGS__);   \
    if (!ring3_try_result.ok()) [[unlikely]] \
      return ring3_try_result.take_error();  \
    ring3_try_result.take();                 \
  })
