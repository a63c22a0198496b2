// SPDX-License-Identifier: GPL-2.0-only
// A preloaded library as distributions' build and test tools have it: /lib/modules and the folders of
// configuration are below ELSEWHERE, uname() says ELSEWHERE_RELEASE, and the module system calls
// are only written down in ELSEWHERE/calls. Only the functions of libc that such libraries know are
// replaced: a tool that reaches a file in another way reaches the real one.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static const char* elsewhere(const char* path, char* buffer) {
  static const char* const kPlaces[] = {"/lib/modules", "/etc/depmod.d", "/etc/modprobe.d", "/sys/module",
                                        "/proc/modules", "/proc/cmdline", NULL};
  const char* root = getenv("ELSEWHERE");
  for (const char* const* place = kPlaces; root && *place; place++) {
    if (strncmp(path, *place, strlen(*place)) != 0) continue;
    snprintf(buffer, PATH_MAX, "%s%s", root, path);
    return buffer;
  }
  return path;
}

#define OPEN(name)                                                         \
  int name(const char* path, int flags, ...) {                             \
    char buffer[PATH_MAX];                                                 \
    va_list list;                                                          \
    va_start(list, flags);                                                 \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0; \
    va_end(list);                                                          \
    return NEXT(name)(elsewhere(path, buffer), flags, mode);               \
  }
OPEN(open)
OPEN(open64)

#define ON_PATH(type, name, parameters, ...)  \
  type name parameters {                      \
    char buffer[PATH_MAX];                    \
    path = elsewhere(path, buffer);           \
    return NEXT(name)(__VA_ARGS__);           \
  }
ON_PATH(FILE*, fopen, (const char* path, const char* mode), path, mode)
ON_PATH(FILE*, fopen64, (const char* path, const char* mode), path, mode)
ON_PATH(int, stat, (const char* path, struct stat* st), path, st)
ON_PATH(int, stat64, (const char* path, struct stat64* st), path, st)
ON_PATH(int, lstat, (const char* path, struct stat* st), path, st)
ON_PATH(DIR*, opendir, (const char* path), path)
ON_PATH(int, mkdir, (const char* path, mode_t mode), path, mode)
ON_PATH(int, remove, (const char* path), path)
ON_PATH(int, unlink, (const char* path), path)

int rename(const char* from, const char* to) {
  char a[PATH_MAX], b[PATH_MAX];
  return NEXT(rename)(elsewhere(from, a), elsewhere(to, b));
}

int uname(struct utsname* name) {
  int result = NEXT(uname)(name);
  const char* release = getenv("ELSEWHERE_RELEASE");
  if (release) snprintf(name->release, sizeof(name->release), "%s", release);
  return result;
}

static long note(const char* call, const char* text) {
  char path[PATH_MAX];
  snprintf(path, sizeof(path), "%s/calls", getenv("ELSEWHERE"));
  FILE* file = NEXT(fopen)(path, "a");
  if (!file) return -1;
  fprintf(file, "%s %s\n", call, text);
  fclose(file);
  return 0;
}
long init_module(const void* image, unsigned long size, const char* args) { return note("insert", args); }
long finit_module(int fd, const char* args, int flags) { return note("insert", args); }
long delete_module(const char* name, unsigned flags) { return note("delete", name); }
