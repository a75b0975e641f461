#include "app/modules.hpp"
#include "core/config_table.hpp"
#include "core/config_value.hpp"

#include <stoa/auth/auth_config.hpp>
#include <stoa/calls/calls_config.hpp>
#include <stoa/core/config.hpp>
#include <stoa/module/assembly.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace stoa {
namespace {

using Environment = std::map<std::string, std::string>;
const std::vector<config::SectionType>& all_sections() {
  static const auto kAll = sections_of(app::all_features());
  return kAll;
}
const std::filesystem::path kShipped = std::filesystem::path(STOA_SOURCE_DIR) / "config";

// Written anew for each test, named in the errors.
class ConfigFile : public testing::Test {
 protected:
  Config load(const std::string& text, const Environment& environment = {}) {
    std::ofstream(path_) << text;
    return load_config(path_, environment, all_sections());
  }
  std::string refusal(const std::string& text, const Environment& environment = {}) {
    try {
      load(text, environment);
    } catch (const ConfigError& error) {
      std::string what = error.what();
      EXPECT_EQ(what.find('\n'), std::string::npos) << "one line: " << what;
      const auto at = what.find(path_.string());
      if (at != std::string::npos) what.replace(at, path_.string().size(), "FILE");
      return what;
    }
    return "accepted";
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() /
      ("stoa-config-" + std::to_string(getpid()) + "-" +
       testing::UnitTest::GetInstance()->current_test_info()->name() + ".toml");
};

std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ConfigShipped, StatesTheDefaults) {
  const Config defaults = load_config(std::nullopt, {}, all_sections());
  const Config shipped = load_config(kShipped / "stoa.toml", {}, all_sections());
  EXPECT_EQ(print_config(shipped), print_config(defaults));
  EXPECT_EQ(shipped.database.url.value, defaults.database.url.value);
  EXPECT_EQ(shipped.section<calls::TurnConfig>().secret.value,
            defaults.section<calls::TurnConfig>().secret.value);
}

// The names of one table's keys as they stand in `text`, commented out or not.
void expect_named(const std::string& text, const config::Table& table, std::string_view section) {
  for (const config::Field& field : table.fields) {
    if (std::holds_alternative<config::TableList>(field.value)) continue;  // a heading of its own
    const std::string key = std::string(field.name) + " = ";
    EXPECT_TRUE(text.find('\n' + key) != std::string::npos ||
                text.find("\n# " + key) != std::string::npos)
        << section << '.' << field.name << " is missing in stoa.toml";
  }
}

TEST(ConfigShipped, NamesEveryKeyWithItsReason) {
  const std::string text = slurp(kShipped / "stoa.toml");
  const auto below = [&](const std::string& heading) {
    auto start = text.find('\n' + heading);
    if (start == std::string::npos) start = text.find("\n# " + heading);
    EXPECT_NE(start, std::string::npos) << heading << " is missing";
    return text.substr(start + 1, text.find("\n[", start + 1) - start - 1);
  };
  Config config = load_config(std::nullopt, {}, all_sections());
  for (const auto& field : config::root_of(config).fields) {
    const std::string name(field.name);
    if (const auto* table = std::get_if<config::Table>(&field.value)) {
      expect_named(below('[' + name + ']'), *table, name);
      for (const auto& inner : table->fields) {
        const auto* list = std::get_if<config::TableList>(&inner.value);
        const std::string path = name + '.' + std::string(inner.name);
        if (list != nullptr) expect_named(below("[[" + path + "]]"), list->sample(), path);
      }
    } else if (const auto* list = std::get_if<config::TableList>(&field.value)) {
      expect_named(below("[[" + name + "]]"), list->sample(), name);
    }
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#') || line.find(" = ") == std::string::npos) continue;
    EXPECT_NE(line.find('#'), std::string::npos) << "without a reason: " << line;
  }
}

TEST(ConfigShipped, TestConfigurationIsAccepted) {
  const Config config = load_config(kShipped / "test.toml", {}, all_sections());
  EXPECT_EQ(config.section<auth::AuthConfig>().bcrypt_cost, 4u);
  EXPECT_EQ(config.listener.at(0).port, 0);
}

TEST_F(ConfigFile, PrintsWhatItReadsAgain) {
  const Config config = load(
      "[[listener]]\naliases = {\"/\" = \"/ws\", \"/old/*\" = \"/*\"}\n"
      "[server]\nname = \"A \\\"quoted\\\" name\"\n"
      "[http]\nbody_timeout = \"90s\"\nmax_body_bytes = \"1536KiB\"\n"
      "[realtime]\nevents_per_second = 12.5\norigins = [\"https://a.example\", "
      "\"https://b.example\"]\n"
      "[rate_limits]\nread = { requests = 7, window = \"2h\" }\n");
  const std::string printed = print_config(config);
  EXPECT_NE(printed.find("body_timeout = \"90s\""), std::string::npos);
  EXPECT_NE(printed.find("max_body_bytes = \"1536KiB\""), std::string::npos);
  EXPECT_NE(printed.find("read = { requests = 7, window = \"2h\" }"), std::string::npos);
  EXPECT_NE(printed.find("aliases = { \"/\" = \"/ws\", \"/old/*\" = \"/*\" }"), std::string::npos);
  EXPECT_EQ(print_config(load(printed)), printed);
}

TEST_F(ConfigFile, MasksSecrets) {
  const Config config = load(
      "[database]\nurl = \"postgresql://u:hunter2@h/d\"\n[turn]\nsecret = \"hunter2\"\n"
      "[[auth.keys]]\nkid = \"k\"\nsecret = \"hunter2hunter2hunter2hunter2hunter2\"\n");
  EXPECT_EQ(print_config(config).find("hunter2"), std::string::npos);
  EXPECT_EQ(config.section<auth::AuthConfig>().keys.at(0).secret.value,
            "hunter2hunter2hunter2hunter2hunter2");
}

TEST_F(ConfigFile, NamesTheNearestKnownKey) {
  EXPECT_EQ(refusal("[database]\nurl = \"x\"\nconections = 4\n"),
            "FILE:3: unknown key \"database.conections\"; the nearest known key is "
            "\"database.connections\"");
  EXPECT_EQ(refusal("[rate_limits]\nread = { request = 4 }\n"),
            "FILE:2: unknown key \"rate_limits.read.request\"; the nearest known key is "
            "\"rate_limits.read.requests\"");
  EXPECT_EQ(refusal("[[auth.keys]]\nkdi = \"a\"\n"),
            "FILE:2: unknown key \"auth.keys.kdi\"; the nearest known key is \"auth.keys.kid\"");
  EXPECT_EQ(refusal("[[listener]]\nprot = 1\n"),
            "FILE:2: unknown key \"listener.prot\"; the nearest known key is \"listener.port\"");
}

TEST_F(ConfigFile, NamesTheNearestKnownSection) {
  EXPECT_EQ(refusal("[servr]\nname = \"x\"\n"),
            "FILE:1: unknown section \"servr\"; the nearest known section is \"server\"");
  EXPECT_EQ(refusal("[[listner]]\nport = 1\n"),
            "FILE:1: unknown section \"listner\"; the nearest known section is \"listener\"");
  EXPECT_EQ(refusal("[rate_limits]\nraed = { requests = 4 }\n"),
            "FILE:2: unknown key \"rate_limits.raed\"; the nearest known key is "
            "\"rate_limits.read\"");
}

TEST_F(ConfigFile, SaysWhatIsWrongInOneLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"[database]\nconnections = \"eight\"",
       "FILE:2: database.connections: expected a whole number, found \"eight\""},
      {"[database]\nconnections = -1",
       "FILE:2: database.connections: expected a whole number, found -1"},
      {"[database]\nconnections = 1.5",
       "FILE:2: database.connections: expected a whole number, found a number"},
      {"[database]\nconnections = 0", "FILE: database.connections: must be 1 to 1000, not 0"},
      {"[database]\nurl = 4", "FILE:2: database.url: expected a string, found a whole number"},
      {"[http]\nhsts = \"yes\"", "FILE:2: http.hsts: expected true or false, found \"yes\""},
      {"[http]\ncors_origins = \"*\"",
       "FILE:2: http.cors_origins: expected a list of strings, found \"*\""},
      {"[http]\ncors_origins = [\"https://a.example/x\"]",
       "FILE: http.cors_origins: \"https://a.example/x\" is no origin; write it as in "
       "\"https://example.org\", without a path"},
      {"[server]\npublic_url = \"https://*.a.example\"",
       "FILE: server.public_url: must be an http or https address"},
      {"[realtime]\norigins = [\"https://*.a.example\"]",
       "FILE: realtime.origins: \"https://*.a.example\" has a wildcard; name each origin, as in "
       "\"https://example.org\", or write \"*\" for any"},
      {"[realtime]\norigins = [\"wss://a.example\"]",
       "FILE: realtime.origins: \"wss://a.example\" is no origin; write it as in "
       "\"https://example.org\", without a path"},
      {"[http]\nmax_body_bytes = \"10MB\"",
       "FILE:2: http.max_body_bytes: expected a size as in \"512B\", \"64KiB\" or \"10MiB\", "
       "found \"10MB\""},
      {"[http]\nmax_body_bytes = \"10GiB\"",
       "FILE: http.max_body_bytes: must be \"1KiB\" to \"64MiB\", not \"10GiB\""},
      {"[http]\nidle_timeout = \"99999999999999999999s\"",
       "FILE:2: http.idle_timeout: expected a time as in \"250ms\", \"30s\", \"15m\", \"2h\" or "
       "\"7d\", found \"99999999999999999999s\""},
      {"[server]\nnode = \"a_b\"",
       "FILE: server.node: must be at most 32 letters, digits and hyphens, or \"\""},
      {"[log]\nlevel = \"loud\"",
       "FILE:2: log.level: expected one of trace, debug, info, warn, error, off, found \"loud\""},
      {"[realtime]\nevents_per_second = nan",
       "FILE:2: realtime.events_per_second: expected a number, found a number"},
      {"database = 3", "FILE:1: database: expected [database], found a whole number"},
      {"listener = [3]", "FILE:1: listener: expected [[listener]], found a whole number"},
      {"[rate_limits]\nsensitive = \"400 / 15m\"",
       "FILE:2: rate_limits.sensitive: expected { requests = 100, window = \"15m\" }, found a "
       "string"},
      {"[listener]\nport = 1", "FILE:1: listener: expected [[listener]], found a table"},
      {"[[listener]]\nport = 70000",
       "FILE:2: listener.port: expected a whole number up to 65535, found 70000"},
      {"[[listener]]\naddress = \"localhost\"",
       "FILE: listener.address: \"localhost\" is no numeric address"},
      {"[[listener]]\ntls_key = \"k.pem\"",
       "FILE: listener.tls_certificate: tls_certificate and tls_key go together; one is missing"},
      {"[[listener]]\naliases = \"/ws\"",
       "FILE:2: listener.aliases: expected a table of strings, found \"/ws\""},
      {"[[listener]]\naliases = {\"/a\" = 1}",
       "FILE:2: listener.aliases: expected a table of strings, found a table"},
      {"[[listener]]\naliases = {\"signal\" = \"/ws\"}",
       "FILE: listener.aliases: \"signal\" is no path; write \"/old\", or \"/old/*\" for all that "
       "is below it"},
      {"[[listener]]\naliases = {\"/a\" = \"/b/../c\"}",
       "FILE: listener.aliases: \"/b/../c\" is no path; write \"/old\", or \"/old/*\" for all "
       "that is below it"},
      {"[[listener]]\naliases = {\"/a/*\" = \"/ws\"}",
       "FILE: listener.aliases: \"/a/*\" leads to \"/ws\"; either both end in /* or neither does"},
      {"[[listener]]\naliases = {\"/ws\" = \"/ws\"}",
       "FILE: listener.aliases: \"/ws\" leads to \"/ws\", which is the same"},
      {"[[listener]]\naliases = {\"/a\" = \"/b\", \"/b\" = \"/ws\"}",
       "FILE: listener.aliases: \"/a\" leads to \"/b\", which is an alias itself"},
      {"[[listener]]\naddress = \"0.0.0.0\"",
       "FILE: auth.keys: no key signs the tokens; only a server that listens on loopback alone "
       "makes its own. Set STOA_AUTH_KEYS=name:secret, the secret as from: openssl rand -hex 32"},
      {"[fetch]\nhosts = [\"ftp://example.org\"]",
       "FILE: fetch.hosts: \"ftp://example.org\" is no host; write it as in \"example.org\", "
       "\"*.example.org\" or \"http://10.0.0.7:9000\""},
      {"[fetch]\nprivate_networks = [\"intranet\"]",
       "FILE: fetch.private_networks: \"intranet\" is neither an address nor a network as in "
       "\"10.0.0.0/8\""},
      {"[fetch]\nrefused_networks = [\"2a00::/129\"]",
       "FILE: fetch.refused_networks: \"2a00::/129\" is neither an address nor a network as in "
       "\"10.0.0.0/8\""},
      {"[fetch]\ncalls = 4", "FILE: fetch.calls_per_purpose: must be 1 to 4, not 16"},
      {"[s3]\nsweep_interval = \"1ms\"",
       "FILE: s3.sweep_interval: must be \"100ms\" to \"1d\", not \"1ms\""},
      {"[s3]\nabandoned_after = \"0s\"",
       "FILE: s3.abandoned_after: must be \"1s\" to \"30d\", not \"0ms\""},
      {"[storage]\nengine = \"s3\"\n[s3]\nendpoint = \"https://s3.example.org\"\nbucket = \"b\"\n"
       "access_key = \"a\"\nsecret_key = \"s\"\nabandoned_after = \"30m\"",
       "FILE: s3.abandoned_after: must not be shorter than files.upload_time: what still comes "
       "would be ended"},
      {"[jobs]\nfirst_wait = \"2h\"",
       "FILE: jobs.longest_wait: must be \"2h\" to \"7d\", not \"1h\""},
      {"[[auth.keys]]\nkid = \"a\"\nsecret = \"short\"",
       "FILE: auth.keys.secret: the key \"a\" has fewer than 32 bytes"},
      {"[[auth.sealing_keys]]\nkid = \"a\"\nsecret = \"short\"",
       "FILE: auth.sealing_keys.secret: the key \"a\" has fewer than 32 bytes"},
      {"[auth]\nfresh_for = \"10s\"",
       "FILE: auth.fresh_for: must be \"1m\" to \"1d\", not \"10s\""},
      {"[second_factor]\nissuer = \"Stoa: ours\"",
       "FILE: second_factor.issuer: must have no colon: apps take it for the end of the name"},
      {"[second_factor]\nattempts = 0", "FILE: second_factor.attempts: must be 1 to 100, not 0"},
      {"[second_factor]\nrecovery_codes = 4",
       "FILE: second_factor.recovery_codes: must be 5 to 20, not 4"},
      {"[mail]\nurl = \"mail.example.org\"",
       "FILE: mail.url: \"mail.example.org\" is no mail server; write it as in "
       "\"smtp://mail.example.org:587\" or \"smtps://mail.example.org:465\""},
      {"[mail]\nurl = \"smtp://me:secret@mail.example.org\"",
       "FILE: mail.url: who signs in there is mail.user, with mail.password"},
      {"[mail]\nurl = \"smtps://mail.example.org\"\ntls = \"none\"",
       "FILE: mail.tls: \"none\" goes with smtp:// alone"},
      {"[mail]\nuser = \"stoa\"",
       "FILE: mail.password: is missing, and mail.user is there (from the configuration's file): "
       "set both or neither, the password by STOA_MAIL_PASSWORD"},
      {"[mail]\npassword = \"secret\"",
       "FILE: mail.user: is missing, and mail.password is there (from the configuration's file): "
       "set both or neither, the password by STOA_MAIL_PASSWORD"},
      {"[mail]\nfrom = \"Stoa\"",
       "FILE: mail.from: \"Stoa\" is no sender; write it as in \"Stoa <stoa@example.org>\""},
      {"[mail]\nlocale = \"fr\"", "FILE: mail.locale: there is no fr/account_deleted.txt"},
      {"[mail]\nlocale = \"english\"",
       "FILE: mail.locale: \"english\" is no language tag as in \"en\" or \"pt-BR\""},
      {"[mail]\nca_file = \"/nowhere/ca.pem\"",
       "FILE: mail.ca_file: no certificates can be read from /nowhere/ca.pem, which is to be a PEM "
       "file"},
      {"[mail]\nca_file = \"/etc/hostname\"",
       "FILE: mail.ca_file: no certificates can be read from /etc/hostname, which is to be a PEM "
       "file"},
      {"[fetch]\nca_file = \"/nowhere/ca.pem\"",
       "FILE: fetch.ca_file: no certificates can be read from /nowhere/ca.pem, which is to be a "
       "PEM file"},
      {"[phone]\nprovider = \"sms\"",
       "FILE:2: phone.provider: expected one of off, log, twilio, found \"sms\""},
      {"[phone]\nprovider = \"log\"\n[server]\npublic_url = \"https://stoa.example\"",
       "FILE: phone.provider: \"log\" is for a server whose listeners and server.public_url are "
       "this machine's"},
      {"[phone]\nprovider = \"twilio\"",
       "FILE: phone.account_sid: is no account's SID as Twilio's console shows it: AC..."},
      {"[phone]\nprovider = \"twilio\"\naccount_sid = \"AC00000000000000000000000000000000\"",
       "FILE: phone.auth_token: is missing: set STOA_PHONE_AUTH_TOKEN"},
      {"[phone]\nprovider = \"twilio\"\naccount_sid = \"AC00000000000000000000000000000000\"\n"
       "auth_token = \"x\"\nservice_sid = \"VA00000000000000000000000000000000\"",
       "FILE: phone.countries: is empty: name the countries whose numbers get messages, as in "
       "[\"+49\"]; whoever earns by messages to far countries would have them sent there"},
      {"[phone]\ncountries = [\"49\"]",
       "FILE: phone.countries: \"49\" is nothing that numbers begin with, as in \"+49\""},
      {"[mail]\nthreads = 17", "FILE: mail.threads: must be 1 to 16, not 17"},
      {"[auth]\naccess_token_ttl = \"60d\"",
       "FILE: auth.refresh_token_ttl: must not be shorter than auth.access_token_ttl"},
      {"[turn]\nurls = [\"turn:t.example\"]",
       "FILE: turn.secret: turn.urls need the secret that the TURN server knows"},
      {"[server]\ntrusted_proxies = [\"10.0.0.0/33\"]",
       "FILE: server.trusted_proxies: \"10.0.0.0/33\" is neither an address nor a network as in "
       "\"10.0.0.0/8\""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(refusal(text), expected) << text;
  EXPECT_TRUE(refusal("[database\n").starts_with("FILE:1: not TOML: ")) << refusal("[database\n");
  EXPECT_TRUE(refusal("[log]\naccess = true\naccess = false\n").starts_with("FILE:3: not TOML: "));
}

TEST(Config, AnAbsentFileIsOneLine) {
  std::string what;
  try {
    load_config("/nowhere/stoa.toml", {}, all_sections());
  } catch (const ConfigError& error) {
    what = error.what();
  }
  EXPECT_EQ(what, "/nowhere/stoa.toml: the file cannot be read");
}

TEST_F(ConfigFile, TheEnvironmentOverrides) {
  const Config config =
      load("[database]\nconnections = 2\n",
           {{"STOA_DATABASE_CONNECTIONS", "5"},
            {"STOA_DATABASE_URL", "postgresql:///other"},
            {"STOA_RATE_LIMITS_SENSITIVE_REQUESTS", "9"},
            {"STOA_RATE_LIMITS_SENSITIVE_WINDOW", "2m"},
            {"STOA_HTTP_CORS_ORIGINS", "https://a.example, https://b.example"},
            {"STOA_HTTP_METRICS_ALLOW", ""},
            {"STOA_HTTP_HSTS", "true"},
            {"STOA_LOG_LEVEL", "warn"},
            {"STOA_LISTEN", "127.0.0.1:0,[::1]:8080"},
            {"STOA_AUTH_KEYS",
             "new:0123456789abcdef0123456789abcdef,old:fedcba9876543210fedcba9876543210"},
            {"STOA_ELSEWHERE", "another program's"},
            {"PATH", "/bin"}});
  EXPECT_EQ(config.database.connections, 5u);
  EXPECT_EQ(config.database.url.value, "postgresql:///other");
  EXPECT_EQ(config.rate_limits.sensitive.requests, 9u);
  EXPECT_EQ(config.rate_limits.sensitive.window, std::chrono::minutes(2));
  EXPECT_EQ(config.http.cors_origins,
            (std::vector<std::string>{"https://a.example", "https://b.example"}));
  EXPECT_TRUE(config.http.metrics_allow.empty());
  EXPECT_TRUE(config.http.hsts);
  EXPECT_EQ(config.log.level, config::LogLevel::warn);
  ASSERT_EQ(config.listener.size(), 2u);
  EXPECT_EQ(config.listener[1].address, "::1");
  EXPECT_EQ(config.listener[1].port, 8080);
  ASSERT_EQ(config.section<auth::AuthConfig>().keys.size(), 2u);
  EXPECT_EQ(config.section<auth::AuthConfig>().keys[0].kid, "new");
}

TEST_F(ConfigFile, TheEnvironmentIsCheckedToo) {
  EXPECT_EQ(refusal("", {{"STOA_MAIL_PASSWORD", "secret"}}),
            "FILE: mail.user: is missing, and mail.password is there (from STOA_MAIL_PASSWORD): "
            "set both or neither, the password by STOA_MAIL_PASSWORD");
  EXPECT_EQ(refusal("", {{"STOA_DATABASE_CONECTIONS", "5"}}),
            "unknown environment variable STOA_DATABASE_CONECTIONS; the nearest known one is "
            "STOA_DATABASE_CONNECTIONS");
  EXPECT_EQ(refusal("", {{"STOA_RATE_LIMITS_SENSITIVE", "4"}}),
            "unknown environment variable STOA_RATE_LIMITS_SENSITIVE; the nearest known one is "
            "STOA_RATE_LIMITS_SENSITIVE_REQUESTS");
  EXPECT_EQ(refusal("", {{"STOA_LISTENS", "5"}}),
            "unknown environment variable STOA_LISTENS; the nearest known one is STOA_LISTEN");
  EXPECT_EQ(refusal("", {{"STOA_DATABASE_CONNECTIONS", "five"}}),
            "STOA_DATABASE_CONNECTIONS: expected a whole number, found \"five\"");
  EXPECT_EQ(refusal("", {{"STOA_LISTEN", "3000"}}),
            "STOA_LISTEN: expected address:port, several separated by commas, found \"3000\"");
  EXPECT_EQ(
      refusal("", {{"STOA_AUTH_KEYS", "hunter2"}}),
      "STOA_AUTH_KEYS: expected kid:secret, several separated by commas, found something else");
}

TEST(Config, VariablesAreAllKnownAndSorted) {
  const auto names = config_variables(all_sections());
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const char* name :
       {"STOA_LISTEN", "STOA_AUTH_KEYS", "STOA_DATABASE_URL", "STOA_RATE_LIMITS_READ_WINDOW"}) {
    EXPECT_TRUE(std::binary_search(names.begin(), names.end(), name)) << name;
  }
}

TEST(Config, EditDistanceCountsSwapsAsOne) {
  EXPECT_EQ(config::edit_distance("", ""), 0u);
  EXPECT_EQ(config::edit_distance("port", ""), 4u);
  EXPECT_EQ(config::edit_distance("prot", "port"), 1u);
  EXPECT_EQ(config::edit_distance("kitten", "sitting"), 3u);
}

struct Garden {
  std::size_t trees = 3;
};
BOOST_DESCRIBE_STRUCT(Garden, (), (trees))

void check(const Garden& garden, const Config& all) {
  if (garden.trees > all.http.max_headers) throw ConfigError("garden.trees: too many");
}
void check_nothing(const Garden&, const Config&) {}

TEST_F(ConfigFile, AFeaturesSectionIsReadCheckedAndPrintedLikeAnyOther) {
  const std::vector sections = {config::section<Garden, &check>("garden")};
  std::ofstream(path_) << "[garden]\ntrees = 7\n";
  EXPECT_EQ(load_config(path_, {}, sections).section<Garden>().trees, 7u);
  const Config config = load_config(path_, {{"STOA_GARDEN_TREES", "8"}}, sections);
  EXPECT_EQ(config.section<Garden>().trees, 8u);
  EXPECT_NE(print_config(config).find("[garden]\ntrees = 8\n"), std::string::npos);
  EXPECT_THROW(load_config(path_, {{"STOA_GARDEN_TREES", "101"}}, sections), ConfigError);
  EXPECT_THROW(load_config(path_, {}), ConfigError) << "without it the section is unknown";
  EXPECT_THROW(load_config(std::nullopt, {}).section<Garden>(), std::logic_error);
}

TEST(Config, ASecondSectionOfANameStopsTheStart) {
  for (const char* name : {"garden", "http"}) {
    const std::vector sections = {config::section<Garden, &check>("garden"),
                                  config::section<Garden, &check_nothing>(name)};
    EXPECT_THROW(load_config(std::nullopt, {}, sections), std::logic_error) << name;
  }
}

}  // namespace
}  // namespace stoa
