#pragma once
// Requests that wait for their answer, over sockets of this machine whose own address can be chosen: to a server, all of
// 127.0.0.0/8 are different clients. For what is made before an attack begins; not for speed.

#include <cstdint>
#include <string>
#include <string_view>

namespace attack {

// A socket from `source` to 127.0.0.1; where it does not wait, the connection is under way. -1: it failed, see errno.
int connect_from(const std::string& source, std::uint16_t port, bool waits);

struct Answer {
  int status = 0;
  std::string body;
};

class Http {
 public:
  Http(std::string source, std::uint16_t port);
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  // `token`: empty, or whose request it is. Throws std::runtime_error when no answer comes.
  Answer ask(std::string_view method, std::string_view path, std::string_view token = {},
             std::string_view json = {});

 private:
  const std::string source_;
  const std::uint16_t port_;
  int fd_ = -1;
};

// One request as it goes over the wire.
std::string request(std::string_view method, std::string_view path, std::string_view token = {},
                    std::string_view body = {}, std::string_view more = {});
// The string that follows the first `"name":"` of a JSON text; empty: there is none.
std::string member(std::string_view json, std::string_view name);

}  // namespace attack
