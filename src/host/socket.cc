// SPDX-License-Identifier: GPL-2.0-only
#include "host/socket.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace ring3::host {
namespace {

constexpr int kBacklog = 4096;  // the host's own limit (net.core.somaxconn) holds as well

Error failed(const char* what, const std::string& path, int code) {
  return Error{code, fmt::format("{}: cannot {}: {}", path, what, std::strerror(code))};
}

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return Error{ENAMETOOLONG,
                 fmt::format("{}: a socket's path has at most {} bytes, this one has {}; set "
                             "XDG_RUNTIME_DIR to a shorter folder",
                             path, sizeof(address.sun_path) - 1, path.size())};
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// Keeps the first descriptor of a message and closes the others.
void take_descriptors(msghdr& message, Handle& handle) {
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(head) + i * sizeof(int), sizeof(int));
      Handle received(fd);
      if (!handle) handle = std::move(received);
    }
  }
}

// recvmsg with room for a few descriptors. 0: the other end is gone.
ssize_t receive_some(int socket, void* to, size_t size, Handle& handle) {
  alignas(cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))];
  for (;;) {
    iovec part{to, size};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    ssize_t n = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (n < 0 && errno == EINTR) continue;
    if (n >= 0) take_descriptors(message, handle);
    return n;
  }
}

}  // namespace

Result<Handle> listen_at(const std::string& path) {
  sockaddr_un address = TRY(address_of(path));
  Handle socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return failed("make a socket", path, errno);
  // The file that bind() makes takes its mode from the socket: there is no moment with another one.
  if (::fchmod(socket.get(), 0600) != 0 ||
      ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(socket.get(), kBacklog) != 0)
    return failed("listen", path, errno);
  return socket;
}

Result<Handle> connect_to(const std::string& path) {
  sockaddr_un address = TRY(address_of(path));
  Handle socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return failed("make a socket", path, errno);
  while (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
    if (errno != EINTR) return failed("connect", path, errno);
  return socket;
}

Result<Handle> accept_from(int listener) {
  Handle socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  if (!socket) return Error{errno, ""};
  return socket;
}

Result<SocketPair> socket_pair(bool packets) {
  int ends[2];
  if (::socketpair(AF_UNIX, (packets ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_CLOEXEC, 0, ends) != 0)
    return Error{errno, fmt::format("cannot make a pair of sockets: {}", std::strerror(errno))};
  return SocketPair{Handle(ends[0]), Handle(ends[1])};
}

Result<Peer> peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return Error{errno, "the other end of the socket does not say who it is"};
  return Peer{credentials.pid, credentials.uid};
}

Result<void> send_all(int socket, Bytes bytes, int descriptor) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  for (size_t at = 0; at < bytes.size();) {
    iovec part{const_cast<std::byte*>(bytes.data()) + at, bytes.size() - at};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (descriptor >= 0 && at == 0) {
      message.msg_control = control;
      message.msg_controllen = sizeof(control);
      cmsghdr* head = CMSG_FIRSTHDR(&message);
      head->cmsg_level = SOL_SOCKET;
      head->cmsg_type = SCM_RIGHTS;
      head->cmsg_len = CMSG_LEN(sizeof(int));
      std::memcpy(CMSG_DATA(head), &descriptor, sizeof(int));
    }
    ssize_t n = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error{errno, std::strerror(errno)};
    at += static_cast<size_t>(n);
  }
  return {};
}

Result<void> receive_all(int socket, void* to, size_t size, Handle& handle) {
  char* place = static_cast<char*>(to);
  for (size_t at = 0; at < size;) {
    ssize_t n = receive_some(socket, place + at, size - at, handle);
    if (n < 0) return Error{errno, std::strerror(errno)};
    if (n == 0) return Error{ECONNRESET, at ? "the connection ended inside a message" : ""};
    at += static_cast<size_t>(n);
  }
  return {};
}

Result<std::vector<std::byte>> receive_packet(int socket, size_t limit, Handle& handle) {
  std::vector<std::byte> bytes(limit);
  ssize_t n = receive_some(socket, bytes.data(), limit, handle);
  if (n < 0) return Error{errno, std::strerror(errno)};
  bytes.resize(static_cast<size_t>(n));
  return bytes;
}

void shut_down(int socket) { ::shutdown(socket, SHUT_RDWR); }

EventPoll::EventPoll() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  CHECK(epoll_.get() >= 0, "epoll_create1: {}", std::strerror(errno));
}

void EventPoll::add(int fd, uint64_t tag, Watch watch) {
  epoll_event event{};
  event.events = watch == kReadable ? uint32_t{EPOLLIN} : uint32_t{EPOLLRDHUP} | EPOLLONESHOT;
  event.data.u64 = tag;
  CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl: {}",
        std::strerror(errno));
}

std::vector<uint64_t> EventPoll::wait(int milliseconds) {
  epoll_event events[64];
  int n = ::epoll_wait(epoll_.get(), events, std::size(events), milliseconds);
  std::vector<uint64_t> tags;
  tags.reserve(std::size(events));
  for (int i = 0; i < n; i++) tags.push_back(events[i].data.u64);
  return tags;
}

bool wait_readable(int fd, int milliseconds) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, milliseconds) > 0;
}

Flag::Flag() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK(event_.get() >= 0, "eventfd: {}", std::strerror(errno));
}

void Flag::set() {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t n = ::write(event_.get(), &one, sizeof(one));
}

}  // namespace ring3::host
