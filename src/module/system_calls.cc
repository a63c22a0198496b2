// SPDX-License-Identifier: GPL-2.0-only
#include "module/system_calls.h"

#include <fmt/format.h>

#include <climits>
#include <cstring>

#include "host/descriptor.h"

namespace ring3::module {
namespace {

constexpr size_t kNameSize = 56;                 // MODULE_NAME_LEN
constexpr unsigned kTrunc = 01000;               // O_TRUNC
constexpr size_t kHeaderSize = 64;               // sizeof(Elf64_Ehdr)
constexpr size_t kArgumentsLimit = 0x7fff'ffff;  // strndup_user(uargs, ~0UL >> 1)
constexpr int kErestartsys = 512;

bool alive(int task) {
  for (machine::Task* other : machine::Machine::instance()->scheduler().tasks())
    if (other->id() == task) return !other->finished();
  return false;
}

}  // namespace

Result<std::string> UserMemory::string(UserAddress from, size_t limit) const {
  constexpr size_t kPiece = 256;  // never across the end of the page that the NUL may be in
  std::string text;
  while (text.size() < limit) {
    char piece[kPiece];
    uint64_t at = from.value + text.size();
    size_t size = std::min({kPiece - at % kPiece, limit - text.size()});
    if (!read(piece, {at}, size)) return Error{EFAULT, ""};
    size_t length = strnlen(piece, size);
    text.append(piece, length);
    if (length < size) return text;
  }
  return Error{ENAMETOOLONG, ""};
}

bool OwnMemory::read(void* to, UserAddress from, size_t size) const {
  return host::copy_checked(to, reinterpret_cast<const void*>(from.value), size);
}

SystemCalls::SystemCalls(Loader& loader, std::function<bool()> may_load)
    : loader_(loader), may_load_(std::move(may_load)) {}

int SystemCalls::may_init() const {
  return may_load_() && !loader_.options().modules_disabled ? 0 : EPERM;
}

int SystemCalls::load(Bytes file, const UserMemory& memory, UserAddress args, int flags,
                      std::string path) {
  // Linux copies the arguments late (step 15); a bad address is only then noticed. They are read
  // here and the error is kept for that moment.
  auto text = memory.string(args, kArgumentsLimit);
  LoadFlags load{.ignore_modversions = (flags & kIgnoreModversions) != 0,
                 .ignore_vermagic = (flags & kIgnoreVermagic) != 0};
  if (!text) load.arguments_error = text.error().code;
  auto loaded = loader_.load(file, text ? text.take() : std::string(), load, std::move(path));
  if (loaded) return 0;
  if (!loaded.error().text.empty()) loader_.services().log(3, loaded.error().text);
  return loaded.error().code;
}

int SystemCalls::init_module(const UserMemory& memory, UserAddress image, uint64_t length,
                             UserAddress args, std::string path) {
  if (int error = may_init()) return error;
  if (length < kHeaderSize) return ENOEXEC;
  if (length > INT_MAX) return ENOMEM;  // more than vmalloc has
  std::vector<std::byte> bytes(length);
  if (!memory.read(bytes.data(), image, length)) return EFAULT;
  return load(bytes, memory, args, 0, std::move(path));
}

int SystemCalls::finit_module(const UserMemory& memory, int fd, UserAddress args, int flags,
                              std::string path) {
  if (int error = may_init()) return error;
  if (flags & ~(kIgnoreModversions | kIgnoreVermagic | kCompressedFile)) return EINVAL;
  // struct idempotent came with the rule that one file is not loaded twice at a time.
  bool once = loader_.services().binding->target().size_of("idempotent").has_value();
  auto body = [&] { return load_descriptor(memory, fd, args, flags, std::move(path)); };
  if (!once) return body();
  auto readable = host::readable_file(fd);
  if (!readable) return readable.error().code;
  return load_once(readable->inode, body);
}

// kernel/module/decompress.c: the one format that the kernel is configured for.
Result<std::vector<std::byte>> SystemCalls::unpack(Bytes packed, const std::string& path) const {
  struct Format {
    const char *option, *name;
    std::string_view magic;
  };
  static constexpr Format kFormats[] = {
      {"CONFIG_MODULE_COMPRESS_GZIP", "a gzip", "\x1f\x8b"},
      {"CONFIG_MODULE_COMPRESS_XZ", "an xz",
       "\xfd"
       "7zXZ"},
      {"CONFIG_MODULE_COMPRESS_ZSTD", "a zstd", "\x28\xb5\x2f\xfd"}};
  for (const Format& format : kFormats) {
    if (!loader_.services().binding->target().config(format.option)) continue;
    if (as_text(packed).starts_with(format.magic)) return elf::decompress(packed, path);
    loader_.services().log(3, fmt::format("not {} compressed module", format.name));
    return Error{EINVAL, ""};
  }
  return Error{EOPNOTSUPP, ""};
}

int SystemCalls::load_descriptor(const UserMemory& memory, int fd, UserAddress args, int flags,
                                 std::string path) {
  auto info = host::readable_file(fd);
  if (!info) return info.error().code;
  if (!info->regular) return EINVAL;
  if (host::open_for_writing(fd)) return ETXTBSY;
  if (info->size == 0) return EINVAL;
  if (info->size > INT_MAX) return EFBIG;
  auto bytes = host::read_descriptor(fd, info->size);
  if (!bytes) return bytes.error().code;
  if (flags & kCompressedFile) {
    if (!loader_.services().binding->target().config("CONFIG_MODULE_DECOMPRESS")) return EOPNOTSUPP;
    auto plain = unpack(*bytes, path);
    if (!plain) return plain.error().code;
    *bytes = plain.take();
  }
  return load(*bytes, memory, args, flags, std::move(path));
}

// idempotent_init_module: who comes while the same file is being loaded gets that load's result.
int SystemCalls::load_once(uint64_t inode, const std::function<int()>& body) {
  std::shared_ptr<InFlight> load;
  bool mine = false;
  {
    machine::SpinGuard guard(lock_);
    auto& slot = in_flight_[inode];
    // A load that died in an oops never ends; nobody waits for it.
    mine = !slot || !alive(slot->task);
    if (mine)
      slot = std::make_shared<InFlight>(InFlight{.task = machine::Scheduler::current()->id()});
    load = slot;
  }
  if (mine) {
    load->result = body();
    {
      machine::SpinGuard guard(lock_);
      in_flight_.erase(inode);
      load->done = true;
    }
    loader_.registry().wake();
    return load->result;
  }
  auto waited = loader_.registry().wait([&] {
    machine::SpinGuard guard(lock_);
    return !load->done && alive(load->task);
  });
  return waited == machine::Parked::kUnneeded ? load->result : kErestartsys;
}

int SystemCalls::delete_module(const UserMemory& memory, UserAddress name, unsigned flags) {
  if (int error = may_init()) return error;
  auto text = memory.string(name, kNameSize);
  if (!text) return text.error().code == EFAULT ? EFAULT : ENOENT;
  auto unloaded = loader_.unload(*text, flags & kTrunc);
  return unloaded ? 0 : unloaded.error().code;
}

}  // namespace ring3::module
