// SPDX-License-Identifier: GPL-2.0-only
// Which sanitizer this build has, in one spelling for g++ and clang.
#pragma once

#ifdef __SANITIZE_ADDRESS__
#define RING3_ASAN 1
#endif
#ifdef __SANITIZE_THREAD__
#define RING3_TSAN 1
#endif
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define RING3_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define RING3_TSAN 1
#endif
#endif

// For what a signal handler runs wherever the signal finds the thread, be it inside of tsan's own
// runtime: no calls into that, hence plain words, __atomic builtins and functions marked likewise.
#if defined(RING3_TSAN) && defined(__clang__)
#define RING3_UNINSTRUMENTED __attribute__((disable_sanitizer_instrumentation))
#else
#define RING3_UNINSTRUMENTED
#endif
