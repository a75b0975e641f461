#pragma once
// What each subcommand of `stoa` does once the command line and the configuration are read. Each answers
// the process's exit code: 0 done, 1 failed, 2 wrong usage or configuration. Runs on the main thread.
#include <stoa/core/config.hpp>
#include <stoa/core/ids.hpp>

#include <string>
#include <vector>

namespace stoa::pg {
class Tx;
}

namespace stoa::app {

int serve(const Config& config);
int migrate(const Config& config);
int print_configuration(const Config& config);
int seed(const Config& config);
// One of <stoa/auth/account_acts.hpp>.
using AccountAct = void (*)(pg::Tx& tx, const std::string& email);
int act_on_account(const Config& config, AccountAct act, const std::string& address);
// The same of what no running server keeps.
int act_on_thing(const Config& config, AccountAct act, const std::string& which);
// Of the account with that address, or that id.
int reset_totp(const Config& config, const std::string& who);
// Prints a link that sets the account's next password.
int print_reset_link(const Config& config, const std::string& address);
// Seals what rows keep with the first of the keys, so that the others can be taken away.
int reseal(const Config& config);
// Prints an access token a line, for scripts and load tests on one's own server.
int mint_tokens(const Config& config, const std::vector<UserId>& users);
int print_openapi(const Config& config);
int print_asyncapi(const Config& config);
int print_version();

}  // namespace stoa::app
