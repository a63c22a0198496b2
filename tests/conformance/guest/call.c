// SPDX-License-Identifier: GPL-2.0-only
// The module system calls as they are, without what insmod and rmmod do around them. In the guest:
//
//   call init_module FILE LENGTH [PARAMETER...]     LENGTH: a number, or - for the whole file
//   call finit_module FILE FLAGS [PARAMETER...]
//   call delete_module NAME FLAGS
//   call without CAPABILITY PROGRAM [ARGUMENT...]   a number, as in linux/capability.h
//
// Prints "CALL: why" when the call fails. Some names stand for what has no file; `ring3 script` knows
// the same ones: @closed, @directory, @empty, @write-only:FILE, @busy:FILE (somebody has it open for
// writing), @fault (an address that is not there; also as the only parameter), @long (60 characters).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char *const fault = (char *)8;

static int say(const char *call, long result) {
  if (result == 0) return 0;
  printf("%s: %s\n", call, strerror(errno));
  return 1;
}

// The words from `first` on, with a blank between them.
static char *joined(char **words) {
  static char text[65536];
  if (*words && !strcmp(*words, "@fault")) return fault;
  for (char *end = text; *words; words++) end += sprintf(end, "%s%s", end == text ? "" : " ", *words);
  return text;
}

static int opened(const char *name) {
  const char *colon = strchr(name, ':');
  if (!strcmp(name, "@closed")) return 99;
  if (!strcmp(name, "@directory")) return open("/", O_RDONLY);
  if (!strcmp(name, "@empty")) {
    close(open("/tmp/empty", O_CREAT | O_WRONLY, 0600));
    return open("/tmp/empty", O_RDONLY);
  }
  if (!strncmp(name, "@write-only:", 12)) return open(colon + 1, O_WRONLY);
  if (!strncmp(name, "@busy:", 6)) {
    (void)!open(colon + 1, O_RDWR);
    return open(colon + 1, O_RDONLY);
  }
  return open(name, O_RDONLY);
}

static int init_module(char **words) {
  if (!strcmp(words[0], "@fault"))
    return say("init_module", syscall(SYS_init_module, fault, strtoul(words[1], 0, 0), joined(words + 2)));
  int fd = opened(words[0]);
  struct stat status;
  if (fstat(fd, &status)) return say(words[0], -1);
  char *bytes = malloc(status.st_size + 1);
  if (read(fd, bytes, status.st_size) != status.st_size) return say(words[0], -1);
  size_t length = strcmp(words[1], "-") ? strtoul(words[1], 0, 0) : (size_t)status.st_size;
  return say("init_module", syscall(SYS_init_module, bytes, length, joined(words + 2)));
}

static int finit_module(char **words) {
  int fd = opened(words[0]);
  if (fd < 0) return say(words[0], -1);
  return say("finit_module", syscall(SYS_finit_module, fd, joined(words + 2), (int)strtoul(words[1], 0, 0)));
}

static int delete_module(char **words) {
  static const char sixty[] = "a_name_of_sixty_characters_that_no_module_has_or_could_have_";
  const char *name = words[0];
  if (!strcmp(name, "@empty")) name = "";
  if (!strcmp(name, "@long")) name = sixty;
  if (!strcmp(name, "@fault")) name = fault;
  return say("delete_module", syscall(SYS_delete_module, name, (unsigned)strtoul(words[1], 0, 0)));
}

static int without(char **words) {
  int capability = atoi(words[0]);
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  if (prctl(PR_CAPBSET_DROP, capability) || syscall(SYS_capget, &header, data)) return say("capget", -1);
  data[capability / 32].effective &= ~(1u << capability % 32);
  data[capability / 32].permitted &= ~(1u << capability % 32);
  data[capability / 32].inheritable &= ~(1u << capability % 32);
  if (syscall(SYS_capset, &header, data)) return say("capset", -1);
  execvp(words[1], words + 1);
  return say(words[1], -1);
}

int main(int count, char **words) {
  static const struct {
    const char *name;
    int (*run)(char **words);
  } commands[] = {{"init_module", init_module},
                  {"finit_module", finit_module},
                  {"delete_module", delete_module},
                  {"without", without}};
  for (size_t i = 0; count >= 4 && i < sizeof commands / sizeof *commands; i++)
    if (!strcmp(words[1], commands[i].name)) return commands[i].run(words + 2);
  fprintf(stderr, "call: see the head of tests/conformance/guest/call.c\n");
  return 2;
}
