// SPDX-License-Identifier: GPL-2.0-only
// Pointer formats of network addresses: %pM %pm (hardware), %pI4 %pI6 and their lower case forms
// without separators, %pIS (a sockaddr of either family). The structs are user ABI and the same in
// every kernel.
#include <netinet/in.h>

#include "linux/include/format.h"

namespace ring3::kernel::format {
namespace {

void put_byte(Output& out, uint8_t byte) {
  out.put("0123456789abcdef"[byte >> 4]);
  out.put("0123456789abcdef"[byte & 15]);
}

// I: as people write it; i: three digits each. h and l are the host's order, little-endian here.
void ip4(Output& out, const uint8_t* address, char form, char order) {
  bool reversed = order == 'h' || order == 'l';
  for (int i = 0; i < 4; i++) {
    if (i) out.put('.');
    decimal(out, address[reversed ? 3 - i : i], form == 'i' ? 3 : 1);
  }
}

void ip6_full(Output& out, const uint8_t* address, char form) {
  for (int i = 0; i < 16; i++) {
    if (i && i % 2 == 0 && form == 'I') out.put(':');
    put_byte(out, address[i]);
  }
}

// RFC 5952: the first of the longest runs of two or more zero words becomes "::"; addresses that
// carry an IPv4 address (mapped, ISATAP) end in its dotted form.
void ip6_compressed(Output& out, const uint8_t* address) {
  uint16_t words[8];
  for (int i = 0; i < 8; i++)
    words[i] = static_cast<uint16_t>(address[2 * i] << 8 | address[2 * i + 1]);
  bool mapped = !words[0] && !words[1] && !words[2] && !words[3] && !words[4] && words[5] == 0xffff;
  bool isatap = (words[4] | 0x200) == 0x200 && words[5] == 0x5efe;
  int range = mapped || isatap ? 6 : 8;

  int longest = 1, longest_at = -1;
  for (int i = 0; i < range; i++) {
    int end = i;
    while (end < range && !words[end]) end++;
    if (end - i > longest) {
      longest = end - i;
      longest_at = i;
    }
    if (end > i) i = end;
  }
  bool colon = false;
  for (int i = 0; i < range; i++) {
    if (i == longest_at) {
      if (colon || i == 0) out.put(':');
      out.put(':');
      colon = false;
      i += longest - 1;
      continue;
    }
    if (colon) out.put(':');
    number(out, words[i], {.flags = kSmall, .base = 16});
    colon = true;
  }
  if (range == 6) {
    if (colon) out.put(':');
    ip4(out, address + 12, 'I', 0);
  }
}

// %pIS: p adds the port, f the flow, s the scope, c compresses, h and l as for %pI4.
void socket_address(Output& out, const char* letters, const void* argument, const Spec& spec) {
  const sockaddr* address = static_cast<const sockaddr*>(argument);
  bool port = false, flow = false, scope = false, compress = false;
  char order = 0;
  for (const char* at = letters + 2; (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
       at++) {
    if (*at == 'p') port = true;
    if (*at == 'f') flow = true;
    if (*at == 's') scope = true;
    if (*at == 'c') compress = true;
    if (*at == 'h' || *at == 'l' || *at == 'n' || *at == 'b') order = *at;
  }
  Piece<96> piece;
  if (address->sa_family == AF_INET) {
    const sockaddr_in* in = static_cast<const sockaddr_in*>(argument);
    ip4(piece, reinterpret_cast<const uint8_t*>(&in->sin_addr), letters[0], order);
    if (port) {
      piece.put(':');
      decimal(piece, ntohs(in->sin_port));
    }
  } else if (address->sa_family == AF_INET6) {
    const sockaddr_in6* in = static_cast<const sockaddr_in6*>(argument);
    bool brackets = port || flow || scope;
    if (brackets) piece.put('[');
    if (letters[0] == 'I' && compress)
      ip6_compressed(piece, in->sin6_addr.s6_addr);
    else
      ip6_full(piece, in->sin6_addr.s6_addr, letters[0]);
    if (brackets) piece.put(']');
    if (port) {
      piece.put(':');
      decimal(piece, ntohs(in->sin6_port));
    }
    if (flow) {
      piece.put('/');
      decimal(piece, ntohl(in->sin6_flowinfo & htonl(0x0fffffff)));
    }
    if (scope) {
      piece.put('%');
      decimal(piece, in->sin6_scope_id);
    }
  } else {
    piece.put(std::string_view("(einval)"));
  }
  padded(out, piece.view(), spec);
}

}  // namespace

// %pM, %pMF (dashes), %pm (nothing between); R for the reverse order (Bluetooth).
void mac_address(Output& out, const char* letters, const void* argument, const Spec& spec) {
  if (bad_pointer(out, argument, spec)) return;
  bool reversed = letters[1] == 'R';
  char separator = letters[1] == 'F' ? '-' : ':';
  const uint8_t* bytes = static_cast<const uint8_t*>(argument);
  Piece<20> piece;
  for (int i = 0; i < 6; i++) {
    if (i && letters[0] == 'M') piece.put(separator);
    put_byte(piece, bytes[reversed ? 5 - i : i]);
  }
  padded(out, piece.view(), spec);
}

void ip_address(Output& out, const char* letters, const void* argument, const Spec& spec) {
  if (bad_pointer(out, argument, spec)) return;
  const uint8_t* bytes = static_cast<const uint8_t*>(argument);
  Piece<48> piece;
  switch (letters[1]) {
    case '4':
      ip4(piece, bytes, letters[0], letters[2]);
      break;
    case '6':
      if (letters[0] == 'I' && letters[2] == 'c')
        ip6_compressed(piece, bytes);
      else
        ip6_full(piece, bytes, letters[0]);
      break;
    case 'S':
      return socket_address(out, letters, argument, spec);
    default:
      return text(out, letters[0] == 'i' ? "(%pi?)" : "(%pI?)", spec);
  }
  padded(out, piece.view(), spec);
}

}  // namespace ring3::kernel::format
