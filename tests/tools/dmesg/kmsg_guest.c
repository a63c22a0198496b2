// SPDX-License-Identifier: GPL-2.0-only
// Does what kmsg.script says to the running kernel's /dev/kmsg and syslog(2), and prints what came of
// it, one line for each. Runs as root in QEMU (kmsg_test.py), never on a machine that somebody uses.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

static char text[1 << 16], answer[1 << 20];
static long first_sequence = -1;
static int mask;

static int number_after(const char **at, int base, int digits) {
  char word[16] = {0};
  memcpy(word, *at, digits);
  *at += digits;
  return (int)strtol(word, NULL, base);
}

// Bytes of a text with \n, \t, \\, \xNN and \RcN; (c may be \xNN).
static size_t unescape(const char *at) {
  size_t size = 0;
  while (*at) {
    int times = 1, byte = (unsigned char)*at++;
    if (byte == '\\') {
      byte = (unsigned char)*at++;
      int repeat = byte == 'R';
      if (repeat) {
        byte = (unsigned char)*at++;
        if (byte == '\\') byte = (unsigned char)*at++;
      }
      if (byte == 'x' && (!repeat || at[-2] == '\\')) byte = number_after(&at, 16, 2);
      else if (byte == 'n') byte = '\n';
      else if (byte == 't') byte = '\t';
      if (repeat) {
        times = (int)strtol(at, (char **)&at, 10);
        at++;
      }
    }
    while (times--) text[size++] = (char)byte;
  }
  return size;
}

// Runs of one byte are counted.
static void show(const char *at, size_t size) {
  for (size_t i = 0; i < size;) {
    unsigned char byte = (unsigned char)at[i];
    size_t run = 1;
    while (i + run < size && at[i + run] == at[i]) run++;
    if (byte == '\n') printf("\\n"), run = 1;
    else if (byte < ' ' || byte > 126) printf(run > 20 ? "\\x%02x{%zu}" : "\\x%02x", byte, run), run = run > 20 ? run : 1;
    else if (run > 20) printf("%c{%zu}", byte, run);
    else putchar(byte), run = 1;
    i += run;
  }
}

// "\x80\x80..." becomes "(\x80){N}"; N is not shown when the record fills `all`, the largest size of one, since
// it then depends on how many digits the time has.
static size_t show_escaped_run(const char *at, size_t size, size_t all) {
  size_t run = 0;
  while (run * 4 + 4 <= size && !memcmp(at + run * 4, "\\x80", 4)) run++;
  if (run < 3) return 0;
  if (all >= 2047 && all <= 2048) return printf("cut to %zu bytes", all), size - 1;
  printf("(\\x80){%zu}", run);
  return run * 4;
}

static void show_record(const char *at, size_t size) {
  char *comma;
  long level = strtol(at, &comma, 10), sequence = strtol(comma + 1, &comma, 10);
  strtol(comma + 1, &comma, 10);
  if (first_sequence < 0) first_sequence = sequence;
  if (mask) printf("%ld,*", level);
  else printf("%ld,%ld", level, sequence - first_sequence);
  size_t from = (size_t)(comma - at);
  while (from < size && at[from] != ';') putchar(at[from++]);
  if (from < size) putchar(at[from++]);
  size_t skipped = show_escaped_run(at + from, size - from, size);
  show(at + from + skipped, size - from - skipped);
}

static void result(long value) {
  if (value < 0) printf("errno %d", errno);
  else printf("%ld", value);
}

int main(int argc, char **argv) {
  FILE *script = fopen(argv[1], "r");
  int writer = open("/dev/kmsg", O_WRONLY), reader = -1;
  static char line[4096];
  (void)argc;
  if (!script || writer < 0) return 1;
  while (fgets(line, sizeof(line), script)) {
    line[strcspn(line, "\n")] = 0;
    if (*line == '#' || !*line) continue;
    char *word = strchr(line, ' ');
    if (word) *word++ = 0;
    long one = word ? strtol(word, &word, 10) : 0, two = word && *word ? strtol(word, NULL, 10) : 0;
    if (!strcmp(line, "write")) {
      size_t size = unescape(line + strlen(line) + 1);
      printf("write ");
      result(write(writer, text, size));
    } else if (!strcmp(line, "open")) {
      if (reader >= 0) close(reader);
      reader = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
      printf("open %s", reader < 0 ? "failed" : "ok");
    } else if (!strcmp(line, "read")) {
      long size = read(reader, answer, (size_t)one);
      printf("read %ld: ", one);
      if (size < 0) result(size);
      else printf("%s", ""), show_record(answer, (size_t)size);
    } else if (!strcmp(line, "seek")) {
      printf("seek %ld %ld: ", one, two);
      result(lseek(reader, two, (int)one));
    } else if (!strcmp(line, "syslog")) {
      long size = klogctl((int)one, answer, (int)two);
      printf("syslog %ld %ld: ", one, two);
      result(size);
      if (size > 0 && one >= 2 && one <= 4) putchar(' '), show(answer, (size_t)size);
    } else if (!strcmp(line, "cut")) {
      long all = klogctl(3, answer, sizeof(answer)), last = -1;
      for (long size = 1; size <= all; size++) {
        long now = klogctl(3, answer, (int)size);
        if (now == last) continue;
        last = now;
        printf("cut %ld: %ld ", size, now);
        show(answer, now > 0 ? (size_t)now : 0);
        printf("%s", size < all && now != all ? "\n" : "");
      }
    } else if (!strcmp(line, "drain")) {
      while (klogctl(9, NULL, 0) > 0) klogctl(2, answer, sizeof(answer));
      printf("drain %d", klogctl(9, NULL, 0));
    } else if (!strcmp(line, "flood")) {
      memset(text, 'y', (size_t)two);
      for (long i = 0; i < one; i++) (void)!write(writer, text, (size_t)two);
      printf("flood");
    } else if (!strcmp(line, "mask")) {
      mask = 1;
      continue;
    } else if (!strcmp(line, "levels")) {
      int fd = open("/proc/sys/kernel/printk", O_RDONLY);
      long size = read(fd, answer, 64);
      close(fd);
      printf("levels %.*s", (int)(size > 0 ? strcspn(answer, "\t") : 0), answer);
    } else {
      printf("what is '%s'?", line);
    }
    putchar('\n');
    fflush(stdout);
  }
  return 0;
}
