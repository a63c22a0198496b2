// SPDX-License-Identifier: GPL-2.0-only
// For compare.py: every program that it runs lives at one moment, so that two of them can be compared
// to the microsecond. Preloaded.
#define _GNU_SOURCE
#include <sys/time.h>
#include <time.h>

// The system started at 1700000000 and runs for 100000.5 s, 40000 s of which it slept.
static const struct timespec now = {1700100000, 500000000}, since_boot = {100000, 500000000}, running = {60000, 500000000};

int clock_gettime(clockid_t id, struct timespec *to) {
  *to = id == CLOCK_BOOTTIME ? since_boot : id == CLOCK_MONOTONIC ? running : now;
  return 0;
}
int gettimeofday(struct timeval *restrict to, void *restrict zone) {
  (void)zone;
  to->tv_sec = now.tv_sec;
  to->tv_usec = now.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *to) {
  if (to) *to = now.tv_sec;
  return now.tv_sec;
}
