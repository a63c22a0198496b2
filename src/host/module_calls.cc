// SPDX-License-Identifier: GPL-2.0-only
#include "host/module_calls.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

// glibc exports these two and declares them nowhere; finit_module(2) it does not have.
extern "C" int init_module(const void* image, unsigned long size, const char* args);
extern "C" int delete_module(const char* name, unsigned flags);

namespace ring3::host {

int init_module(Bytes image, const std::string& args) {
  return ::init_module(image.data(), image.size(), args.c_str()) == 0 ? 0 : errno;
}

int finit_module(int fd, const std::string& args, unsigned flags) {
  return ::syscall(SYS_finit_module, fd, args.c_str(), flags) == 0 ? 0 : errno;
}

int delete_module(const std::string& name, unsigned flags) {
  return ::delete_module(name.c_str(), flags) == 0 ? 0 : errno;
}

}  // namespace ring3::host
