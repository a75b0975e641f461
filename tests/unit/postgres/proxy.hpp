#pragma once
// Stands between libpq and the test server and breaks the connection on purpose. Listens on a Unix socket
// of its own; everything passes until a fault is asked for. Faults may be asked for from any thread.
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace stoa::pg::test {

class Proxy {
 public:
  Proxy();
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  // libpq settings that lead here.
  std::map<std::string, std::string> settings() const {
    return {{"host", folder_}, {"port", "5432"}};
  }

  // Nothing moves in either direction, new connections get no answer: a server that is stopped.
  void freeze(bool frozen) { frozen_ = frozen; }
  // Cuts what is connected and whatever comes: a server that is down.
  void refuse(bool refusing) { refusing_ = refusing; }
  // The next COMMIT reaches the server, but its answer is lost with the connection.
  void lose_next_commit() { lose_answer_to("COMMIT"); }
  // The same for what next holds `text`, a literal.
  void lose_answer_to(const char* text) { losing_ = text; }
  // Connections that have ended, with all that the server said on them at the client.
  int ended() const { return ended_; }

 private:
  void listen();
  void serve(int client);
  void relay(int client, int server);

  std::string folder_;
  int listener_ = -1;
  std::atomic<bool> stopping_ = false, frozen_ = false, refusing_ = false;
  std::atomic<const char*> losing_ = nullptr;
  std::atomic<int> ended_ = 0;
  std::vector<std::thread> relays_;  // of the listening thread until it ends
  std::thread listening_;
};

}  // namespace stoa::pg::test
