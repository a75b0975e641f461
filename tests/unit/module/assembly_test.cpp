// How features become one server.
#include <stoa/module/assembly.hpp>
#include <stoa/storage/engines.hpp>

#include <gtest/gtest.h>

namespace stoa {
namespace {

constexpr realtime::TopicKind kTopic{"garden"};
constexpr realtime::TopicKind kSameTopic{"garden"};
constexpr realtime::TopicKind kUsersTopic{"user"};
constexpr Code kWithered{"WITHERED", 409, "It has withered"};
constexpr Code kSameCode{"NOT_FOUND", 404, "Again"};

Module nothing(const Platform&) {
  return {};
}

class Assembled : public testing::Test {
 protected:
  void assemble(const std::vector<Feature>& features) {
    assembly_.reset();
    assembly_ = std::make_unique<Assembly>(
        features, Assembly::Base{config_, "1", db_, jobs_, fetch_, disk_, *storage_, runtime_,
                                 gateway_, *roster_, limiter_});
  }

  Config config_;
  pg::Database db_{{.url = "postgresql://127.0.0.1:1/none", .connections = 1}};
  Metrics metrics_;
  fetch::Fetcher fetch_{config_.fetch, metrics_};
  disk::Disk disk_{config_.disk, metrics_};
  net::Runtime runtime_{1};
  std::unique_ptr<storage::Storage> storage_ = storage::make(config_, disk_, fetch_, runtime_);
  jobs::Queue jobs_{db_, runtime_, config_.jobs};
  net::RateLimiter limiter_{config_.rate_limits};
  realtime::Gateway gateway_{runtime_, config_, limiter_};
  std::unique_ptr<realtime::Roster> roster_ = realtime::make_local_roster();
  std::unique_ptr<Assembly> assembly_;
};

TEST_F(Assembled, RefusesWhatStandsThereTwice) {
  const auto refused = [&](const std::vector<Feature>& features) {
    EXPECT_THROW(assemble(features), std::logic_error);
  };
  assemble({{.name = "a", .codes = {kWithered}, .topics = {&kTopic}, .make = &nothing}});
  refused({{.name = "a", .make = &nothing}, {.name = "a", .make = &nothing}});
  refused({{.name = "a", .codes = {kWithered}, .make = &nothing},
           {.name = "b", .codes = {kWithered}, .make = &nothing}});
  refused({{.name = "a", .codes = {kSameCode}, .make = &nothing}});
  refused({{.name = "a", .topics = {&kTopic}, .make = &nothing},
           {.name = "b", .topics = {&kSameTopic}, .make = &nothing}});
  refused({{.name = "a", .topics = {&kUsersTopic}, .make = &nothing}});
}

TEST_F(Assembled, AKindOfJobHasOneHandler) {
  const auto tidies = [](const Platform&) {
    Module module;
    module.chores = {{"leaves", [](pg::Tx&, int) { return 0; }}};
    return module;
  };
  const auto rakes = [](const Platform&) {
    Module module;
    module.jobs = {{"leaves", {}, [](jobs::Attempt, const std::string&) -> Task<> { co_return; }}};
    return module;
  };
  assemble({{.name = "a", .make = rakes}, {.name = "b", .make = &nothing}});
  jobs::Queue queue(db_, runtime_, config_.jobs);
  assembly_->add_jobs(queue);
  EXPECT_EQ(queue.kinds(), std::vector<std::string>{"leaves"});
  assemble({{.name = "a", .make = rakes}, {.name = "b", .make = tidies}});
  jobs::Queue another(db_, runtime_, config_.jobs);
  EXPECT_THROW(assembly_->add_jobs(another), std::logic_error);
}

TEST_F(Assembled, AFeatureMayStopTheStart) {
  const auto refuses = [](const Platform&) {
    Module module;
    module.check = [] { throw ConfigError("a key is missing"); };
    return module;
  };
  assemble({{.name = "a", .make = &nothing}});
  EXPECT_NO_THROW(assembly_->check());
  assemble({{.name = "a", .make = &nothing}, {.name = "b", .make = refuses}});
  EXPECT_THROW(assembly_->check(), ConfigError);
}

TEST_F(Assembled, ListsTheCommonCodesAndTheFeatures) {
  assemble({{.name = "a", .codes = {kWithered}, .make = &nothing}});
  ASSERT_EQ(assembly_->codes().size(), common_codes().size() + 1);
  EXPECT_EQ(assembly_->codes().back(), kWithered);
}

TEST_F(Assembled, WhoAsksForPeoplesPartsHasThoseOfLaterFeaturesToo) {
  static const people::Parts* asks = nullptr;
  const auto asking = [](const Platform& on) {
    asks = &on.people;
    return Module{};
  };
  const auto keeps = [](const Platform&) {
    Module module;
    module.leaving.afterwards = [](pg::Tx&, const Caller&) { return false; };
    module.exports = {
        [](UserId, std::string) -> Task<people::Piece> { co_return people::Piece{}; }};
    return module;
  };
  assemble({{.name = "asks", .make = asking}, {.name = "keeps", .make = keeps}});
  ASSERT_EQ(asks->leaving.size(), 2U);
  EXPECT_FALSE(asks->leaving[0].afterwards);
  EXPECT_TRUE(asks->leaving[1].afterwards);
  EXPECT_EQ(asks->exports.size(), 1U);
}

TEST_F(Assembled, AFeatureGetsWhatAnEarlierOneOffers) {
  static int offered = 7;
  static const int* got = nullptr;
  const Feature offers{.name = "offers", .make = [](const Platform& on) {
                         on.services.offer(offered);
                         return Module{};
                       }};
  const Feature needs{.name = "needs", .make = [](const Platform& on) {
                        got = &on.services.need<int>();
                        return Module{};
                      }};
  assemble({offers, needs});
  EXPECT_EQ(got, &offered);
  EXPECT_THROW(assemble({needs, offers}), std::logic_error);
  Feature again = offers;
  again.name = "again";
  EXPECT_THROW(assemble({offers, again}), std::logic_error);
}

std::vector<std::string> ended;

struct Plant : realtime::SessionObserver {
  explicit Plant(std::string n) : name(std::move(n)) {}
  ~Plant() override { ended.push_back(name); }
  void session_ended(realtime::Session&) override {}
  std::string name;
};

Module plant(const std::string& name) {
  auto plant = std::make_shared<Plant>(name);
  Module module;
  module.observer = plant.get();
  module.keep = std::move(plant);
  return module;
}

TEST_F(Assembled, LaterFeaturesEndAndHearOfEndsFirst) {
  assemble({{.name = "tree", .make = [](const Platform&) { return plant("tree"); }},
            {.name = "leaf", .make = [](const Platform&) { return plant("leaf"); }}});
  const auto observers = assembly_->observers();
  ASSERT_EQ(observers.size(), 2u);
  EXPECT_EQ(static_cast<Plant*>(observers[0])->name, "leaf");
  EXPECT_EQ(static_cast<Plant*>(observers[1])->name, "tree");
  ended.clear();
  assembly_.reset();
  EXPECT_EQ(ended, (std::vector<std::string>{"leaf", "tree"}));
}

struct Nobody : Authenticator {
  Task<Caller> authenticate(std::string, Client) override { throw Error(Code::invalid_token); }
  std::optional<Uuid> counted_for(const std::string&) const noexcept override { return {}; }
  Task<Role> role_of(Caller) override { throw Error(Code::invalid_token); }
};
Nobody nobody;

TEST_F(Assembled, OneFeatureSaysWhoAClientIs) {
  const auto gate = [](const Platform&) {
    Module module;
    module.authenticator = &nobody;
    return module;
  };
  assemble({{.name = "a", .make = gate}, {.name = "b", .make = &nothing}});
  EXPECT_EQ(&assembly_->authenticator(), &nobody);
  EXPECT_THROW(assembly_->socket_authenticator(), std::logic_error);
  assemble({{.name = "a", .make = gate}, {.name = "b", .make = gate}});
  EXPECT_THROW(assembly_->authenticator(), std::logic_error);
}

}  // namespace
}  // namespace stoa
