// What a mail leaves in the transaction that causes it.
#include "../postgres/support.hpp"

#include <stoa/auth/auth_config.hpp>
#include <stoa/mail/mail.hpp>
#include <stoa/postgres/migrator.hpp>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::mail {
namespace {

constexpr char kLink[] = "https://stoa.example/#/reset?token=SECRET";

void accept(const auth::AuthConfig&, const Config&) {}

class MailerTest : public testing::Test {
 protected:
  MailerTest() {
    for (const pg::Migration& migration : pg::migrations()) {
      if (migration.name == "0011_jobs") schema.script(std::string(migration.sql));
    }
  }

  static Config load(std::map<std::string, std::string> environment) {
    environment.emplace("STOA_AUTH_SEALING_KEYS", "2026:" + std::string(40, 'x'));
    const std::vector<config::SectionType> sections = {
        config::section<MailConfig, &check>("mail"),
        config::section<auth::AuthConfig, &accept>("auth")};
    return load_config(std::nullopt, environment, sections);
  }
  std::vector<std::string> payloads() {
    return db.run_blocking(
        [](pg::Tx& tx) { return tx.list<std::string>("select payload::text from jobs"); });
  }
  void send(const Mailer& mailer, const Values& values, const Values& secret) {
    db.run_blocking([&](pg::Tx& tx) {
      mailer.send(tx, {"reset_password", "ada@example.org", "de", values}, secret);
    });
  }

  pg::test::Schema schema;
  pg::Database db{schema.options(2)};
  net::Runtime runtime{1};
};

TEST_F(MailerTest, LeavesAJobThatShowsNoSecret) {
  const Config config = load({{"STOA_MAIL_URL", "smtp://127.0.0.1:9"}});
  jobs::Queue queue(db, runtime, config.jobs);
  const Mailer mailer(queue, config);
  send(mailer, {{"minutes", "10"}}, {{"link", kLink}});
  const auto rows = payloads();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].find("SECRET"), std::string::npos);
  EXPECT_NE(rows[0].find("\"sealed\": \"2026."), std::string::npos) << rows[0];
  EXPECT_NE(rows[0].find("ada@example.org"), std::string::npos);
}

TEST_F(MailerTest, LeavesNothingWhereTheTransactionIsUndone) {
  const Config config = load({{"STOA_MAIL_URL", "smtp://127.0.0.1:9"}});
  jobs::Queue queue(db, runtime, config.jobs);
  const Mailer mailer(queue, config);
  const auto undone = [&] {
    db.run_blocking([&](pg::Tx& tx) {
      mailer.send(tx, {"password_changed", "ada@example.org", "en"});
      throw std::runtime_error("undone");
    });
  };
  EXPECT_THROW(undone(), std::runtime_error);
  EXPECT_TRUE(payloads().empty());
}

TEST_F(MailerTest, RefusesAMailWithoutOneOfItsValues) {
  const Config config = load({{"STOA_MAIL_URL", "smtp://127.0.0.1:9"}});
  jobs::Queue queue(db, runtime, config.jobs);
  const Mailer mailer(queue, config);
  EXPECT_THROW(send(mailer, {{"minutes", "10"}}, {}), std::invalid_argument);
  EXPECT_THROW(send(mailer, {}, {{"link", kLink}}), std::invalid_argument);
  EXPECT_TRUE(payloads().empty());
}

TEST_F(MailerTest, IsOffWithoutAMailServerWhereOthersAreServed) {
  const Config off = load({{"STOA_LISTEN", "0.0.0.0:0"}});
  jobs::Queue queue(db, runtime, off.jobs);
  const Mailer mailer(queue, off);
  EXPECT_FALSE(mailer.is_on());
  send(mailer, {{"minutes", "10"}}, {{"link", kLink}});
  EXPECT_TRUE(payloads().empty());
  // Behind a proxy on the same machine.
  EXPECT_EQ(way_of(load({{"STOA_SERVER_PUBLIC_URL", "https://stoa.example"}})), Way::off);
  EXPECT_EQ(way_of(load({})), Way::log);
  for (const char* url : {"http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000"}) {
    EXPECT_EQ(
        way_of(load({{"STOA_LISTEN", "127.0.0.1:0,[::1]:0"}, {"STOA_SERVER_PUBLIC_URL", url}})),
        Way::log)
        << url;
  }
}

}  // namespace
}  // namespace stoa::mail
