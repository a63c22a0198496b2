// SPDX-License-Identifier: GPL-2.0-only
// Unix sockets between processes of one user: listening at a path that only the user may connect
// to, whole messages in both directions, a descriptor handed over with a message, and waiting for
// many of them at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "host/handle.h"

namespace ring3::host {

// The path must be free; the socket has mode 0600. Paths may have 107 bytes (sockaddr_un).
Result<Handle> listen_at(const std::string& path);
Result<Handle> connect_to(const std::string& path);  // ENOENT, ECONNREFUSED: nobody listens
Result<Handle> accept_from(int listener);

struct SocketPair {
  Handle ours, theirs;
};
// `packets`: a message is received as it was sent, whole, or not at all.
Result<SocketPair> socket_pair(bool packets);

struct Peer {
  int process = 0;
  unsigned user = 0;
};
Result<Peer> peer_of(int socket);

// All the bytes; `descriptor` (if not -1) goes along with the first. EPIPE: the other end is gone.
Result<void> send_all(int socket, Bytes bytes, int descriptor = -1);
// Fills `to`. ECONNRESET: the other end is gone; with an empty text when that was before the first
// byte. Of the descriptors that come along the first goes to `handle`, the others are closed.
Result<void> receive_all(int socket, void* to, size_t size, Handle& handle);
// One packet of at most `limit` bytes; empty: the other end is gone.
Result<std::vector<std::byte>> receive_packet(int socket, size_t limit, Handle& handle);
// Ends both directions, for whoever waits on it as well.
void shut_down(int socket);

// Waits for the first of many descriptors.
class EventPoll {
 public:
  EventPoll();
  enum Watch : uint8_t { kReadable, kHangup };
  void add(int fd, uint64_t tag, Watch watch);  // kHangup is told once
  // The tags of those that are ready; empty: the time is over (-1: no limit).
  std::vector<uint64_t> wait(int milliseconds);

 private:
  Handle epoll_;
};

// Waits until `fd` has something to read or its other end is gone. False: the time is over.
bool wait_readable(int fd, int milliseconds);

// A flag that EventPoll can wait for; set() is async-signal-safe.
class Flag {
 public:
  Flag();
  void set();
  int fd() const { return event_.get(); }

 private:
  Handle event_;
};

}  // namespace ring3::host
