// What a calm client waits for its answers while others attack: see scripts/attack.
#include "attacks.hpp"
#include "bystander.hpp"
#include "flood.hpp"
#include "http.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace attack;

struct Options {
  std::uint16_t port = 3000;
  int server = 0;
  double seconds = 6;
  double settle = 1;
  std::size_t connections = 200;
  std::vector<std::string> only;
  double worst_ms = 0;
};

constexpr int kTries = 60;  // of what the last attack may still keep waiting, one each second

void pause_for(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

Answer must(Http& http, std::string_view path, std::string_view token, const std::string& body) {
  Answer answer;
  for (int i = 0; i < kTries; ++i) {
    answer = http.ask("POST", path, token, body);
    if (answer.status >= 200 && answer.status < 300) return answer;
    if (answer.status != 503) break;
    pause_for(1);
  }
  throw std::runtime_error(std::string(path) + ": " + std::to_string(answer.status) + ' ' +
                           answer.body);
}

std::string sign_up(Http& http, const std::string& name) {
  const std::string body =
      R"({"email":")" + name + R"(@example.org","password":"correct horse 42","fullName":"N"})";
  return member(must(http, "/api/auth/register", {}, body).body, "accessToken");
}

std::string open_room(Http& http, const std::string& token) {
  const std::string body = R"({"name":"R","roomType":"public","maxParticipants":50})";
  return member(must(http, "/api/rooms", token, body).body, "id");
}

// `source`: of all that belongs to the row.
World make_world(const Row& row, const std::string& source, std::uint16_t port,
                 const std::string& name) {
  World world;
  Http http(source, port);
  for (std::size_t i = 0; i < row.accounts; ++i) {
    world.tokens.push_back(sign_up(http, name + std::to_string(i)));
    if (i == 0) {
      world.room = open_room(http, world.tokens[0]);
    } else {
      must(http, "/api/rooms/" + world.room + "/join", world.tokens[i], "{}");
    }
  }
  for (std::size_t i = 0; i < row.messages; ++i) {
    const std::string body = R"({"content":")" + random_words(15 * 1024) + R"("})";
    must(http, "/api/messages/room/" + world.room, world.tokens[i % row.accounts], body);
  }
  return world;
}

// Processor seconds that a process has had.
double cpu_of(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto end = text.rfind(')');
  if (end == std::string::npos) return 0;
  std::istringstream fields(text.substr(end + 2));
  std::string skipped;
  double user = 0, system = 0;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double resident_mb(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/statm");
  double pages = 0;
  in >> pages >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

// The one who is measured waits for no core of the attacked machine: he has one of his own. As far as that may be asked for.
void step_forward() {
  sched_param first{};
  first.sched_priority = sched_get_priority_min(SCHED_RR);
  if (sched_setscheduler(0, SCHED_RR, &first) != 0) setpriority(PRIO_PROCESS, 0, -10);
}

// On the last core, behind all others: whoever really attacks has a machine of his own. Linux shares cores among sessions
// (sched(7), "The autogroup feature"): in the session of the one who is measured an attacker would spend his share.
void step_back() {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  setsid();
  const sched_param none{};
  sched_setscheduler(0, SCHED_OTHER, &none);
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) == 0) {
    int last = -1;
    for (int i = 0; i < CPU_SETSIZE; ++i) {
      if (CPU_ISSET(i, &cores)) last = i;
    }
    CPU_ZERO(&cores);
    CPU_SET(last, &cores);
    sched_setaffinity(0, sizeof cores, &cores);
  }
  setpriority(PRIO_PROCESS, 0, 10);
}

struct Shared {
  Score score;
  std::atomic<bool> stop{false};
};

// Ends with the block, whatever happens in it.
class Attacker {
 public:
  Attacker(const Attack& attack, const std::string& source, const Options& options) {
    void* memory =
        mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("mmap");
    shared_ = new (memory) Shared;
    if (attack.scripts.empty()) return;
    child_ = fork();
    if (child_ < 0) throw std::runtime_error("fork");
    if (child_ > 0) return;
    step_back();
    try {
      run_flood(attack, source, options.port, options.connections, shared_->score, shared_->stop);
    } catch (const std::exception& e) {
      std::cerr << "attacker: " << e.what() << '\n';
    }
    _exit(0);
  }
  Attacker(const Attacker&) = delete;
  Attacker& operator=(const Attacker&) = delete;
  ~Attacker() {
    shared_->stop = true;
    if (child_ > 0) waitpid(child_, nullptr, 0);
    munmap(shared_, sizeof(Shared));
  }
  const Score& score() const { return shared_->score; }

 private:
  Shared* shared_ = nullptr;
  pid_t child_ = -1;
};

std::string quantiles(const load::Histogram& waits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.1f / %.1f / %.0f", waits.quantile_microseconds(0.5) / 1e3,
                waits.quantile_microseconds(0.99) / 1e3, waits.max_microseconds() / 1e3);
  return text;
}

// True: within the limit.
bool measure(const Row& row, std::size_t number, const Options& options) {
  const std::string source = "127.0.1." + std::to_string(number + 1);
  const std::string name = row.name + std::to_string(getpid()) + '-';
  const World world = make_world(row, source, options.port, name);
  const std::string calm = "127.0.2." + std::to_string(number + 1);
  Http http(calm, options.port);
  const std::string token = sign_up(http, name + "calm");
  const std::string room = open_room(http, token);
  Bystander bystander(calm, options.port, token, room);
  Waits waits;
  std::uint64_t out = 0, connections = 0;
  double cpu = 0, memory = 0;
  {
    const Attacker attacker({row.name, row.what, row.scripts(world)}, source, options);
    pause_for(options.settle);
    const double cpu_before = cpu_of(options.server);
    const auto out_before = attacker.score().bytes_out.load();
    const auto connections_before = attacker.score().connections.load();
    waits = bystander.watch(options.seconds);
    cpu = (cpu_of(options.server) - cpu_before) / options.seconds;
    memory = resident_mb(options.server);
    out = attacker.score().bytes_out.load() - out_before;
    connections = attacker.score().connections.load() - connections_before;
  }
  std::printf("| %s | %s | %s | %s | %.2f | %.1f | %.0f | %.0f | %llu |\n", row.what.c_str(),
              quantiles(waits.health).c_str(), quantiles(waits.echo).c_str(),
              quantiles(waits.message).c_str(), cpu,
              static_cast<double>(out) / 1e6 / options.seconds,
              static_cast<double>(connections) / options.seconds, memory,
              static_cast<unsigned long long>(waits.lost));
  std::fflush(stdout);
  if (!waits.refusal.empty()) std::cerr << row.name << ": " << waits.refusal << '\n';
  const auto worst =
      std::max({waits.health.quantile_microseconds(0.99), waits.echo.quantile_microseconds(0.99),
                waits.message.quantile_microseconds(0.99)});
  return worst / 1e3 <= options.worst_ms && waits.lost == 0;
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("Attacks a Stoa server, and says what a calm client of it waits");
  app.add_option("--port", options.port)->required();
  app.add_option("--server", options.server, "the server's process")->required();
  app.add_option("--seconds", options.seconds, "of each attack");
  app.add_option("--connections", options.connections, "of the attacker");
  app.add_option("--only", options.only)->delimiter(',');
  app.add_option("--worst", options.worst_ms, "a 99th percentile beyond so many ms fails");
  CLI11_PARSE(app, argc, argv);
  step_forward();

  std::puts("| attack | `/healthz` | event | message | cores | MB/s | connections/s | MB | lost |");
  std::puts("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
  const auto all = rows();
  bool well = true;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool wanted = options.only.empty() || std::find(options.only.begin(), options.only.end(),
                                                          all[i].name) != options.only.end();
    if (!wanted) continue;
    const bool within = measure(all[i], i, options);
    well = well && (within || options.worst_ms == 0);
  }
  return well ? 0 : 1;
} catch (const std::exception& e) {
  std::cerr << "stoa_attack: " << e.what() << '\n';
  return 2;
}
