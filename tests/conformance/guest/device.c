// SPDX-License-Identifier: GPL-2.0-only
// A program that opens one character device and makes calls on it. In the guest:
//
//   device MAJOR:MINOR FLAGS CALL...
//
// FLAGS: r, w or rw, and n (O_NONBLOCK), a (O_APPEND). Each call is one word of the shell:
//   "read N"  "pread N OFFSET"  "readv N N..."  "write TEXT"  "pwrite OFFSET TEXT"  "lseek OFFSET WHENCE"
//   "ioctl NUMBER VALUE"  "ioctl NUMBER @TEXT" (a buffer of 16 bytes that begins with it)
//   "poll EVENTS MILLISECONDS"  "fsync"  "fdatasync"  "sleep SECONDS"
// and read, pread, write and ioctl take @fault for an address that is not there, @edge for one whose
// fifth byte is not. Prints a line for each: what it gave, and the bytes, or why it failed.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static char *edge;  // four bytes are there

static void show(const char *call, long result, const char *bytes) {
  printf("%s: ", call);
  if (result < 0) {
    printf("%s\n", strerror(errno));
    return;
  }
  printf("%ld", result);
  if (bytes) putchar(' ');
  for (long i = 0; bytes && i < result; i++)
    if (bytes[i] >= ' ' && bytes[i] < 127)
      putchar(bytes[i]);
    else
      printf("\\x%02x", (unsigned char)bytes[i]);
  putchar('\n');
}

static char *place(const char *word, char *buffer) {
  if (!strcmp(word, "@fault")) return (char *)8;
  if (!strcmp(word, "@edge")) return edge;
  return buffer;
}

static void perform(int fd, char *line) {
  char call[16] = "", first[80] = "", second[80] = "", third[80] = "", buffer[4096];
  sscanf(line, "%15s %79s %79s %79s", call, first, second, third);
  memset(buffer, '.', sizeof buffer);
  long a = strtol(first, 0, 0), b = strtol(second, 0, 0);
  if (!strcmp(call, "read")) {
    char *to = place(second, buffer);
    show(call, read(fd, to, a), to == (char *)8 ? 0 : to);
  } else if (!strcmp(call, "pread")) {
    show(call, pread(fd, place(third, buffer), a, b), *third ? 0 : buffer);
  } else if (!strcmp(call, "write")) {
    char *text = line + 6;
    char *from = place(text, text);
    show(call, write(fd, from, from == text ? strlen(text) : 8), 0);
  } else if (!strcmp(call, "pwrite")) {
    show(call, pwrite(fd, second, strlen(second), a), 0);
  } else if (!strcmp(call, "lseek")) {
    show(call, lseek(fd, a, (int)b), 0);
  } else if (!strcmp(call, "ioctl")) {
    char small[16] = "";
    if (*second != '@') {
      show(call, ioctl(fd, strtoul(first, 0, 0), b), 0);
    } else {
      char *argument = place(second, small);
      if (argument == small) strncpy(small, second + 1, sizeof small - 1);
      show(call, ioctl(fd, strtoul(first, 0, 0), argument), 0);
      if (argument == small) show("  buffer", 16, small);
    }
  } else if (!strcmp(call, "poll")) {
    struct pollfd one = {fd, (short)a, 0};
    int ready = poll(&one, 1, (int)b);
    printf("poll: %d %x\n", ready, one.revents);
  } else if (!strcmp(call, "fsync")) {
    show(call, fsync(fd), 0);
  } else if (!strcmp(call, "fdatasync")) {
    show(call, fdatasync(fd), 0);
  } else if (!strcmp(call, "sleep")) {
    usleep((useconds_t)(atof(first) * 1e6));
  } else {
    printf("%s: no such call\n", call);
  }
}

int main(int count, char **words) {
  unsigned major_number, minor_number;
  char name[64];
  if (count < 3 || sscanf(words[1], "%u:%u", &major_number, &minor_number) != 2) return 2;
  int flags = strchr(words[2], 'r') ? strchr(words[2], 'w') ? O_RDWR : O_RDONLY : O_WRONLY;
  if (strchr(words[2], 'n')) flags |= O_NONBLOCK;
  if (strchr(words[2], 'a')) flags |= O_APPEND;
  setvbuf(stdout, 0, _IOLBF, 0);
  char *pages = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages + 4096, 4096);
  edge = memcpy(pages + 4092, "edge", 4);
  sprintf(name, "/tmp/device-%d", getpid());
  mknod(name, S_IFCHR | 0600, makedev(major_number, minor_number));
  int fd = open(name, flags);
  int error = errno;
  unlink(name);
  if (fd < 0) {
    printf("open: %s\n", strerror(error));
    return 1;
  }
  for (int i = 3; i < count; i++) perform(fd, words[i]);
  if (close(fd)) printf("close: %s\n", strerror(errno));
  return 0;
}
