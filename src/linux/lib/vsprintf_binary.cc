// SPDX-License-Identifier: GPL-2.0-only
// vbin_printf and bstr_printf: the arguments of a call saved now, formatted later. Numbers are
// saved at their alignment (8-byte ones at 4), strings whole; pointers whose objects may be gone by
// then are formatted at once, as in Linux.
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/arguments.h"
#include "linux/include/ctype.h"
#include "linux/include/format_convert.h"

namespace ring3::kernel {
namespace {

using format::Output;
using format::Size;
using format::Spec;

size_t aligned(size_t offset, size_t align) { return (offset + align - 1) & ~(align - 1); }

// %p, %pS, %ps, %px, %pK, %pe print from the pointer alone.
bool saved_raw(const char* letters) {
  return !is_letter_or_digit(*letters) || (*letters && std::strchr("SsxKe", *letters));
}

// Reads a call's arguments and keeps them in a buffer.
class Saver {
 public:
  Saver(va_list arguments, uint32_t* buffer, size_t words)
      : source_(arguments), buffer_(reinterpret_cast<char*>(buffer)), room_(words * 4) {}

  uint64_t integer(Size size, bool is_signed) {
    uint64_t value = source_.integer(size, is_signed);
    static constexpr size_t kBytes[] = {1, 2, 4, 8};
    save(&value, kBytes[static_cast<int>(size)]);
    return value;
  }
  int number() {
    int value = source_.number();
    save(&value, 4);
    return value;
  }
  char character() {
    char value = source_.character();
    save(&value, 1);
    return value;
  }
  const char* string(const Spec&) {
    const char* value = source_.string({});
    // What cannot be read is saved as what it would print.
    format::Piece<16> refusal;
    const char* text = value;
    size_t size;
    if (format::bad_pointer(refusal, value, {})) {
      text = refusal.view().data();
      size = refusal.view().size();
    } else {
      size = std::strlen(value);
    }
    put(text, size);
    put("", 1);
    return value;
  }
  void pointer(Output&, const char* letters, const Spec& spec) {
    const void* value = source_.address();
    if (saved_raw(letters)) return save(&value, 8);
    char text[512];
    Output out(text, sizeof(text));
    format::pointer(out, letters, value, spec);
    out.terminate();
    put(text, std::strlen(text) + 1);
  }
  size_t words() const { return aligned(used_, 4) / 4; }

 private:
  void save(const void* value, size_t size) {
    used_ = aligned(used_, std::min<size_t>(size, 4));
    put(value, size);
  }
  void put(const void* bytes, size_t size) {
    if (used_ + size <= room_) std::memcpy(buffer_ + used_, bytes, size);
    used_ += size;
  }
  format::VaSource source_;
  char* buffer_;
  size_t room_;
  size_t used_ = 0;
};

// Gives back what a Saver kept.
class Saved {
 public:
  explicit Saved(const uint32_t* buffer) : buffer_(reinterpret_cast<const char*>(buffer)) {}

  uint64_t integer(Size size, bool is_signed) {
    switch (size) {
      case Size::kChar:
        return format::extended(load<int8_t>(), size, is_signed);
      case Size::kShort:
        return format::extended(load<int16_t>(), size, is_signed);
      case Size::kInt:
        return format::extended(load<int32_t>(), size, is_signed);
      default:
        return load<uint64_t>();
    }
  }
  int number() { return load<int>(); }
  char character() { return load<char>(); }
  const char* string(const Spec&) {
    const char* text = buffer_ + used_;
    used_ += std::strlen(text) + 1;
    return text;
  }
  void pointer(Output& out, const char* letters, const Spec& spec) {
    if (saved_raw(letters))
      format::pointer(out, letters, load<const void*>(), spec);
    else
      out.put(std::string_view(string(spec)));
  }

 private:
  template <class T>
  T load() {
    used_ = aligned(used_, std::min<size_t>(sizeof(T), 4));
    T value;
    std::memcpy(&value, buffer_ + used_, sizeof(T));
    used_ += sizeof(T);
    return value;
  }
  const char* buffer_;
  size_t used_ = 0;
};

int save_arguments(uint32_t* buffer, size_t words, const char* format, va_list arguments) {
  Saver saver(arguments, buffer, words);
  Output nowhere(nullptr, 0);
  format::convert_all(nowhere, format, saver);
  return static_cast<int>(saver.words());
}

KAPI(vbin_printf, Real, int,
     (uint32_t * buffer, size_t words, const char* format, VaList arguments)) {
  return save_arguments(buffer, words, format, list_of(arguments));
}
KAPI_VA(bprintf, Real, int, (uint32_t * buffer, size_t words, const char* format), arguments) {
  return save_arguments(buffer, words, format, arguments);
}
KAPI(bstr_printf, Real, int,
     (char* text, size_t size, const char* format, const uint32_t* buffer)) {
  if (size > INT_MAX) return 0;
  Output out(text, size);
  Saved saved(buffer);
  format::convert_all(out, format, saved);
  out.terminate();
  return static_cast<int>(out.used());
}

}  // namespace
}  // namespace ring3::kernel
