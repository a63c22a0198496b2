// SPDX-License-Identifier: GPL-2.0-only
// For tests only: who listens where a machine would, and answers one connection as the test wants.
//
//   FakeMachine machine([](Talk& talk) { talk.answer({.error = ENOENT}); });
//   Client client = Client::connect(machine.place()).take();
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "host/command.h"
#include "host/descriptor.h"
#include "host/socket.h"
#include "service/message.h"
#include "service/place.h"

namespace ring3::service {

// A runtime folder of the test's own.
class RuntimeFolder {
 public:
  RuntimeFolder() { ::setenv("XDG_RUNTIME_DIR", folder_.path().c_str(), 1); }
  const std::string& path() const { return folder_.path(); }

 private:
  host::TemporaryFolder folder_ = host::TemporaryFolder::create("ring3-test-").take();
};

// The machine's end of a connection.
class Talk {
 public:
  explicit Talk(host::Handle socket) : socket_(std::move(socket)) {}
  // The next request; false: the client is gone.
  bool next() {
    std::byte head_bytes[kHeadSize];
    descriptor.close();
    if (!host::receive_all(socket_.get(), head_bytes, kHeadSize, descriptor)) return false;
    std::string why;
    auto head = decode_head(head_bytes, why);
    std::vector<std::byte> body(head ? head->size : 0);
    if (!head || !host::receive_all(socket_.get(), body.data(), body.size(), descriptor))
      return false;
    auto decoded = decode_request(head->operation, body);
    if (decoded) request = *decoded;
    return decoded.has_value();
  }
  void send(const std::string& bytes) { (void)host::send_all(socket_.get(), as_bytes(bytes)); }
  void answer(const Reply& reply) { send(encode(reply)); }
  // What came along with the last request.
  std::string file() const {
    auto info = host::readable_file(descriptor.get());
    if (!info) return "no file";
    return std::string(as_text(host::read_descriptor(descriptor.get(), info->size).take()));
  }
  int socket() const { return socket_.get(); }

  Request request;
  host::Handle descriptor;

 private:
  host::Handle socket_;
};

class FakeMachine {
 public:
  explicit FakeMachine(std::function<void(Talk&)> script)
      : place_(place_of("fake").take()), listener_(host::listen_at(place_.socket).take()) {
    thread_ = std::thread([this, script = std::move(script)] {
      host::wait_readable(listener_.get(), -1);
      auto socket = host::accept_from(listener_.get());
      if (!socket) return;
      Talk talk(socket.take());
      script(talk);
    });
  }
  // The test ends its clients first.
  ~FakeMachine() { thread_.join(); }
  const Place& place() const { return place_; }

 private:
  RuntimeFolder folder_;
  Place place_;
  host::Handle listener_;
  std::thread thread_;
};

}  // namespace ring3::service
