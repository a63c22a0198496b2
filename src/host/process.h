// SPDX-License-Identifier: GPL-2.0-only
// A process that stays when its starter goes: who the user is, a folder for that user alone, a lock
// that lasts as long as its holder, a copy of this process in the background.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "host/handle.h"

namespace ring3::host {

unsigned user_id();
int process_id();
// The path of the running program; empty when /proc does not say.
std::string own_program();

// Is it a folder of this user's?
bool is_own_folder(const std::string& path);
// Makes the folder with mode 0700, or checks that what is there is a folder (no link), this user's,
// and closed to others.
Result<void> make_private_folder(const std::string& path);

// An exclusive lock on a file (made with mode 0600, emptied) that ends with the last process that
// has the handle. EAGAIN: somebody else holds it. With it comes a second one, for the time that
// the holder needs until others may come: start_is_over() ends that, or the holder's own end.
Result<Handle> lock_file(const std::string& path);
void start_is_over(int lock);
void wait_for_start(const std::string& path);  // until nobody is in it
// Asks without taking the lock for a moment, which would be in a starter's way.
bool is_locked(const std::string& path);
// A file that this process writes later: made with mode 0600, its content kept until then.
Result<Handle> open_for_log(const std::string& path);
void replace_content(int fd, const std::string& text);
// Without the final links' being followed.
void remove_file(const std::string& path);
// Never waits, as for somebody who writes into a pipe.
Result<Handle> open_for_reading(const std::string& path);
// The bytes in a memory file, to be handed to another process.
Result<Handle> memory_file_with(const void* bytes, size_t size);

// Runs `body` in a copy of this process that has a session of its own, nothing behind its standard
// input and output, and `errors` behind standard error; its result is the exit status. The caller
// goes on at once.
Result<int> run_in_background(int errors, const std::function<int()>& body);
// Runs `body` in a copy of this process that ends with it.
Result<int> run_in_copy(const std::function<int()>& body);
void reap(int process);  // waits for the end of such a copy

// Can be waited for (wait_readable, EventPoll): it has something to read once the process ended,
// with all that it held. ESRCH: there is none.
Result<Handle> watch_process(int process);
int parent_process();

// Closes what is open, but for the standard descriptors and one.
void close_all_but(int fd);
// SIGTERM calls this, on any thread: it may do only what is async-signal-safe.
void on_terminate(void (*handler)());

// As many descriptors as the host allows.
void raise_descriptor_limit();
// Ends this process now, without destructors.
[[noreturn]] void end_process(int status);
// The same by a signal, as if it had come from outside.
[[noreturn]] void end_by_signal(int signal);
[[noreturn]] void wait_for_ever();

}  // namespace ring3::host
