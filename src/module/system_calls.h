// SPDX-License-Identifier: GPL-2.0-only
// init_module(2), finit_module(2) and delete_module(2) as functions of the machine, with Linux's
// arguments, errnos and order of checks (CONTRACT 5.1). Everybody who loads or removes a module
// comes in here: tools, tests, and the boundary for user programs. Arguments are addresses in the
// caller's memory, so a caller brings its memory along.
#pragma once

#include <map>

#include "base/address.h"
#include "module/loader.h"

namespace ring3::module {

class UserMemory {
 public:
  virtual ~UserMemory() = default;
  // All or nothing.
  virtual bool read(void* to, UserAddress from, size_t size) const = 0;
  // Up to and without the NUL, which must be among the first `limit` bytes. EFAULT, ENAMETOOLONG.
  Result<std::string> string(UserAddress from, size_t limit) const;
};

// The memory of this process, for callers that are part of it.
class OwnMemory final : public UserMemory {
 public:
  bool read(void* to, UserAddress from, size_t size) const override;
  static UserAddress at(const void* pointer) { return {reinterpret_cast<uint64_t>(pointer)}; }
};

enum InitFlags : int { kIgnoreModversions = 1, kIgnoreVermagic = 2, kCompressedFile = 4 };

class SystemCalls {
 public:
  // `may_load`: does the running task have CAP_SYS_MODULE.
  SystemCalls(Loader& loader, std::function<bool()> may_load);

  // Each answers 0 or a positive errno. `path` is for people, in reports.
  int init_module(const UserMemory& memory, UserAddress image, uint64_t length, UserAddress args,
                  std::string path = {});
  // `fd` is a descriptor of this process.
  int finit_module(const UserMemory& memory, int fd, UserAddress args, int flags,
                   std::string path = {});
  int delete_module(const UserMemory& memory, UserAddress name, unsigned flags);

 private:
  int may_init() const;
  int load(Bytes file, const UserMemory& memory, UserAddress args, int flags, std::string path);
  int load_descriptor(const UserMemory& memory, int fd, UserAddress args, int flags,
                      std::string path);
  Result<std::vector<std::byte>> unpack(Bytes packed, const std::string& path) const;
  int load_once(uint64_t inode, const std::function<int()>& body);

  Loader& loader_;
  std::function<bool()> may_load_;
  // Files that are being loaded, where the target's kernel loads each only once at a time.
  struct InFlight {
    int task = 0;  // whose load it is
    bool done = false;
    int result = 0;
  };
  machine::SpinLock lock_;
  std::map<uint64_t, std::shared_ptr<InFlight>> in_flight_;
};

}  // namespace ring3::module
