// SPDX-License-Identifier: GPL-2.0-only
// A kernel for the module tools, as a preloaded library: paths below FAKE_ROOT replace those of the
// system, and the module system calls only change files below FAKE_ROOT/sys/module and write what
// they were asked into FAKE_ROOT/calls. FAKE_ROOT/errors ("NAME ERRNO" in each line) says which of
// them fail, and FAKE_ROOT/release is uname -r.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

// The path below FAKE_ROOT if it is one of those that are replaced.
static const char* mapped(const char* path, char* buffer) {
  static const char* const kPlaces[] = {"/proc/modules", "/proc/cmdline", "/sys/", "/dev/kmsg",
                                        "/etc/modprobe.d", "/run/modprobe.d", "/lib/modprobe.d",
                                        "/usr/lib/modprobe.d", "/usr/local/lib/modprobe.d",
                                        "/lib/modules/", NULL};
  const char* root = getenv("FAKE_ROOT");
  if (!root || !path) return path;
  for (const char* const* place = kPlaces; *place; place++) {
    if (strncmp(path, *place, strlen(*place)) != 0) continue;
    snprintf(buffer, PATH_MAX, "%s%s", root, path);
    return buffer;
  }
  return path;
}

static mode_t mode_of(int flags, va_list arguments) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name)                                             \
  int name(const char* path, int flags, ...) {                 \
    char buffer[PATH_MAX];                                     \
    va_list arguments;                                         \
    va_start(arguments, flags);                                \
    mode_t mode = mode_of(flags, arguments);                   \
    va_end(arguments);                                         \
    return NEXT(name)(mapped(path, buffer), flags, mode);      \
  }
OPEN(open)
OPEN(open64)

#define FOPEN(name)                                            \
  FILE* name(const char* path, const char* mode) {             \
    char buffer[PATH_MAX];                                     \
    return NEXT(name)(mapped(path, buffer), mode);             \
  }
FOPEN(fopen)
FOPEN(fopen64)

#define STAT(name, type)                                       \
  int name(const char* path, struct type* st) {                \
    char buffer[PATH_MAX];                                     \
    return NEXT(name)(mapped(path, buffer), st);               \
  }
STAT(stat, stat)
STAT(stat64, stat64)
STAT(lstat, stat)

DIR* opendir(const char* path) {
  char buffer[PATH_MAX];
  return NEXT(opendir)(mapped(path, buffer));
}

static FILE* below_root(const char* path, const char* mode) {
  char buffer[PATH_MAX];
  snprintf(buffer, sizeof(buffer), "%s/%s", getenv("FAKE_ROOT"), path);
  return NEXT(fopen)(buffer, mode);
}

int uname(struct utsname* name) {
  int result = NEXT(uname)(name);
  FILE* file = getenv("FAKE_ROOT") ? below_root("release", "r") : NULL;
  if (file) {
    if (fscanf(file, "%64s", name->release) != 1) name->release[0] = '\0';
    fclose(file);
  }
  return result;
}

static void note(const char* call, const char* name, const char* args, unsigned flags) {
  FILE* file = below_root("calls", "a");
  if (!file) return;
  fprintf(file, "%s %s '%s' %x\n", call, name, args, flags);
  fclose(file);
}

// 0, or the errno that FAKE_ROOT/errors has for this name.
static int error_of(const char* name) {
  char known[256];
  int error = 0, found = 0;
  FILE* file = below_root("errors", "r");
  if (!file) return 0;
  while (!found && fscanf(file, "%255s %d", known, &error) == 2) found = strcmp(known, name) == 0;
  fclose(file);
  return found ? error : 0;
}

static void write_attribute(const char* name, const char* attribute, const char* text) {
  char path[PATH_MAX];
  snprintf(path, sizeof(path), "sys/module/%s/%s", name, attribute);
  FILE* file = below_root(path, "w");
  if (!file) return;
  fputs(text, file);
  fclose(file);
}

static long load(const char* call, const char* name, const char* args, unsigned flags) {
  char path[PATH_MAX];
  note(call, name, args, flags);
  int error = error_of(name);
  snprintf(path, sizeof(path), "%s/sys/module/%s", getenv("FAKE_ROOT"), name);
  if (!error && mkdir(path, 0755) != 0) error = errno;
  if (error) {
    errno = error;
    return -1;
  }
  write_attribute(name, "initstate", "live\n");
  write_attribute(name, "refcnt", "0\n");
  write_attribute(name, "coresize", "16384\n");
  strcat(path, "/holders");
  mkdir(path, 0755);
  return 0;
}

long init_module(const void* image, unsigned long size, const char* args) {
  // The name is in the image; which module it is, tests know by the order of the calls.
  char name[64];
  snprintf(name, sizeof(name), "image_%lu", size);
  return load("init_module", name, args, 0);
}

static long finit(int fd, const char* args, unsigned flags) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, path, sizeof(path) - 1);
  if (size < 0) return -1;
  path[size] = '\0';
  char* name = strrchr(path, '/') + 1;
  name[strcspn(name, ".")] = '\0';
  for (char* c = name; *c; c++)
    if (*c == '-') *c = '_';
  return load("finit_module", name, args, flags);
}

long finit_module(int fd, const char* args, int flags) { return finit(fd, args, (unsigned)flags); }

long syscall(long number, ...) {
  va_list list;
  long a[6];
  va_start(list, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);
  if (number == SYS_finit_module && getenv("FAKE_ROOT"))
    return finit((int)a[0], (const char*)a[1], (unsigned)a[2]);
  return NEXT(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

long delete_module(const char* name, unsigned flags) {
  char path[PATH_MAX], command[4 * PATH_MAX];
  note("delete_module", name, "", flags);
  int error = error_of(name);
  snprintf(path, sizeof(path), "%s/sys/module/%s", getenv("FAKE_ROOT"), name);
  struct stat st;
  if (!error && NEXT(stat)(path, &st) != 0) error = ENOENT;
  if (error) {
    errno = error;
    return -1;
  }
  // It holds no other module any more.
  snprintf(command, sizeof(command),
           "cd '%s/..' && for link in */holders/%s; do [ -L $link ] || continue; rm $link; "
           "count=${link%%%%/*}/refcnt; echo $(($(cat $count) - 1)) >$count; done; rm -r %s",
           path, name, name);
  if (system(command) != 0) return -1;
  return 0;
}
