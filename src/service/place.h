// SPDX-License-Identifier: GPL-2.0-only
// Where a user's machines are found. The user's runtime folder ($XDG_RUNTIME_DIR, else
// /run/user/UID, else /tmp) has a folder that nobody else may enter, and in it for each machine
//
//   NAME.lock     locked by the machine as long as it lives, the host ends the lock with the
//   process;
//                 in it the number of the process, once the machine listens
//   NAME.socket   where it listens, mode 0600
//   NAME.log      the kernel log of the last machine of this name, written when it ended
//   NAME.errors   standard error of its process: what the runtime itself had to complain about
//
// The lock alone says whether there is a machine. Who holds it may remove the socket that a dead
// machine left and put its own there, so of two starters one wins.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ring3::service {

struct Place {
  std::string name;
  std::string lock, socket, log, errors;  // paths
};

// The name of the machine that tools mean: `said` (--machine), else RING3_MACHINE, else "default".
std::string machine_name(const std::string& said);

// Makes the folder if it is not there. EINVAL: no name for a machine. EPERM: the folder is not
// safe.
Result<Place> place_of(const std::string& name);
// The names that have a lock file, sorted. Nothing is made.
std::vector<std::string> known_machines();
// Does a process hold the lock?
bool is_running(const Place& place);
// Waits until the process that holds the lock and listens has ended; at once if there is none.
// False: it has not after so many milliseconds.
bool wait_for_end(const Place& place, int milliseconds);

}  // namespace ring3::service
