// The command line of `stoa`.
#include "app/audit_commands.hpp"
#include "app/commands.hpp"
#include "app/file_commands.hpp"
#include "app/job_commands.hpp"
#include "app/mail_commands.hpp"
#include "app/modules.hpp"
#include "app/version.hpp"

#include <stoa/auth/account_acts.hpp>
#include <stoa/avatars/operator_acts.hpp>
#include <stoa/core/config.hpp>
#include <stoa/core/error.hpp>
#include <stoa/module/assembly.hpp>
#include <stoa/notes/operator_acts.hpp>
#include <stoa/rooms/operator_acts.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX asks for it

// Of jemalloc, where it is linked: what a flood has taken goes back to the system within seconds, by threads of jemalloc's own,
// also when nobody allocates any more.
extern "C" {
const char* malloc_conf = "background_thread:true,dirty_decay_ms:5000";
}

namespace {

using namespace stoa;

constexpr int kUsageError = 2;

std::map<std::string, std::string> stoa_environment() {
  std::map<std::string, std::string> found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view line(*entry);
    const auto equals = line.find('=');
    if (line.starts_with("STOA_") && equals != std::string_view::npos) {
      found.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
  }
  return found;
}

Config load(const std::string& file) {
  auto environment = stoa_environment();
  environment.erase("STOA_CONFIG");
  std::optional<std::filesystem::path> path;
  if (!file.empty()) path = file;
  return load_config(path, environment, sections_of(app::all_features()));
}

std::vector<UserId> read_users(const std::vector<std::string>& ids, const std::string& file) {
  std::vector<std::string> lines = ids;
  if (!file.empty()) {
    std::ifstream in(file);
    if (!in) throw ConfigError("cannot read " + file);
    for (std::string line; std::getline(in, line);) {
      if (!line.empty()) lines.push_back(line);
    }
  }
  std::vector<UserId> users;
  for (const auto& line : lines) {
    const auto id = UserId::parse(line);
    if (!id) throw ConfigError("'" + line + "' is not a user's id");
    users.push_back(*id);
  }
  return users;
}

// The word that stands where a command was wanted, behind those that there are; empty where none does.
std::string stray_word(const CLI::App& cli) {
  const auto strays = cli.remaining(true);
  if (strays.empty() || strays.front().starts_with('-')) return {};
  std::string words;
  for (const auto* chosen : cli.get_subcommands()) words += chosen->get_name() + ' ';
  return words + strays.front();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli{
      "Stoa, a self-hosted peer-learning server: accounts, rooms, durable chat and mesh calls."};
  cli.require_subcommand(1);
  cli.fallthrough();
  cli.set_version_flag("--version", "stoa " + std::string(app::kVersion), "Print the version");
  cli.footer(
      "The configuration is TOML; config/stoa.toml shows every key. Each key can be overridden by "
      "the\n"
      "environment as STOA_<SECTION>_<KEY>, for example STOA_DATABASE_URL.");

  std::string config_file;
  cli.add_option("-c,--config", config_file, "The configuration file; without it the defaults hold")
      ->envname("STOA_CONFIG");

  // What the chosen subcommand will do; run after parsing, so that every error has one way out.
  std::function<int()> action;
  const auto command = [&](CLI::App& parent, const char* name, const char* help, auto run) {
    auto* sub = parent.add_subcommand(name, help);
    sub->callback([&action, run] { action = run; });
    return sub;
  };

  command(cli, "serve", "Bring the database up to date, then serve until SIGTERM or SIGINT",
          [&] { return app::serve(load(config_file)); });
  command(cli, "migrate", "Bring the database's schema up to date and stop",
          [&] { return app::migrate(load(config_file)); });
  command(cli, "config", "Print the configuration in force, secrets masked",
          [&] { return app::print_configuration(load(config_file)); });
  command(cli, "seed", "Add demo people and rooms; harmless when they are there already",
          [&] { return app::seed(load(config_file)); });
  command(cli, "openapi", "Print the OpenAPI 3.1 document of the REST interface",
          [&] { return app::print_openapi(load(config_file)); });
  command(cli, "asyncapi", "Print the AsyncAPI document of the socket events",
          [&] { return app::print_asyncapi(load(config_file)); });
  command(cli, "version", "Print the version", [] { return app::print_version(); });

  auto* admin =
      cli.add_subcommand("admin", "What an operator does to accounts and what people show");
  admin->require_subcommand(1);
  admin->fallthrough();
  std::string email;
  const auto on_account = [&](const char* name, const char* help, app::AccountAct act) {
    command(*admin, name, help,
            [&, act] { return app::act_on_account(load(config_file), act, email); })
        ->add_option("account", email, "The account's address, or its id")
        ->required();
  };
  on_account("promote", "Make an account an administrator", &auth::promote);
  on_account("demote", "Make an administrator a learner again", &auth::demote);
  on_account("suspend", "Let nobody use that account, and close its sockets", &auth::suspend);
  on_account("unsuspend", "Let its owner use that account again", &auth::unsuspend);
  command(*admin, "delete-note", "Delete a note, whosever it is, with its files",
          [&] { return app::act_on_thing(load(config_file), &notes::delete_note, email); })
      ->add_option("note", email, "Its id")
      ->required();
  command(*admin, "delete-avatar", "Take away the picture that somebody shows of himself",
          [&] { return app::act_on_thing(load(config_file), &avatars::delete_avatar, email); })
      ->add_option("account", email, "The account's address, or its id")
      ->required();
  command(*admin, "delete-logo", "Take away the picture that a room shows",
          [&] { return app::act_on_thing(load(config_file), &rooms::delete_logo, email); })
      ->add_option("room", email, "Its id")
      ->required();
  command(*admin, "reset-password",
          "Print a link that sets a new password, to be given to the account's owner",
          [&] { return app::print_reset_link(load(config_file), email); })
      ->add_option("email", email, "The account's address")
      ->required();
  command(
      *admin, "reset-totp",
      "Take an account's second factor away: its password alone signs in, and its owner is told",
      [&] { return app::reset_totp(load(config_file), email); })
      ->add_option("account", email, "The account's address, or its id")
      ->required();
  command(*admin, "reseal", "Seal the secrets of second factors with the first of the keys",
          [&] { return app::reseal(load(config_file)); });
  std::vector<std::string> user_ids;
  std::string users_file;
  auto* token = command(*admin, "token", "Print an access token for each user, one a line", [&] {
    return app::mint_tokens(load(config_file), read_users(user_ids, users_file));
  });
  token->add_option("--user", user_ids, "A user's id; may be given again");
  token->add_option("--users-file", users_file, "A file with one id a line");

  auto* jobs = cli.add_subcommand("jobs", "What is to be done later, and what has failed");
  jobs->require_subcommand(1);
  jobs->fallthrough();
  app::JobListing listing;
  auto* list = command(*jobs, "list", "Show jobs, the parked ones first",
                       [&] { return app::list_jobs(load(config_file), listing); });
  list->add_option("--kind", listing.kind, "Only of this kind");
  list->add_flag("--parked", listing.parked, "Only those that have failed too often");
  list->add_option("--limit", listing.limit, "At most so many")->check(CLI::Range(1, 100'000));
  std::string job_id;
  const auto on_job = [&](const char* name, const char* help, auto run) {
    command(*jobs, name, help, [&, run] { return run(load(config_file), job_id); })
        ->add_option("id", job_id, "The job's id, as `stoa jobs list` shows it")
        ->required();
  };
  bool is_retrying_parked = false;
  std::string retried_kind;
  auto* retry = command(*jobs, "retry", "Do a job now, with all its attempts before it", [&] {
    if (is_retrying_parked) return app::retry_parked(load(config_file), retried_kind);
    if (job_id.empty()) throw CLI::RequiredError("id");
    return app::retry_job(load(config_file), job_id);
  });
  auto* one = retry->add_option("id", job_id, "The job's id, as `stoa jobs list` shows it");
  auto* kind = retry->add_option("--kind", retried_kind, "Which kind, with --parked");
  auto* parked = retry->add_flag("--parked", is_retrying_parked, "All parked ones of a kind");
  parked->needs(kind)->excludes(one);
  kind->needs(parked);
  on_job("drop", "Forget a job", app::drop_job);

  auto* files = cli.add_subcommand("files", "What people have brought");
  files->require_subcommand(1);
  files->fallthrough();
  bool mends_files = false;
  command(*files, "check", "Say which files have lost their bytes, and which bytes no file has",
          [&] { return app::check_files(load(config_file), mends_files); })
      ->add_flag("--mend", mends_files,
                 "Give up the files that have none, and remove the bytes that nothing names");

  auto* audit = cli.add_subcommand("audit", "Who did what to what");
  audit->require_subcommand(1);
  audit->fallthrough();
  app::AuditListing acts;
  auto* list_acts = command(*audit, "list", "Show what was done, the newest first",
                            [&] { return app::list_audit(load(config_file), acts); });
  list_acts->add_option("--actor", acts.actor, "Only what this user did, by the address or the id");
  list_acts->add_option("--target", acts.target,
                        "Only what was done to this, or in it: a user's address, or an id");
  list_acts->add_option("--since", acts.since,
                        "Only from this time on, as in 2026-01-15T10:30:00Z");
  list_acts->add_option("--limit", acts.limit, "At most so many")->check(CLI::Range(1, 100'000));

  auto* mail = cli.add_subcommand("mail", "What is sent by mail");
  mail->require_subcommand(1);
  mail->fallthrough();
  app::MailPreview mail_preview;
  auto* preview = command(*mail, "preview", "Print a mail, with samples for its values",
                          [&] { return app::preview_mail(load(config_file), mail_preview); });
  preview->add_option("name", mail_preview.name, "Which one; without it the names are listed");
  preview->add_option("--locale", mail_preview.locale,
                      "For somebody of this language, as in de-AT");
  preview->add_option("--part", mail_preview.part, "subject, txt, html, or raw for all of it")
      ->check(CLI::IsMember({"subject", "txt", "html", "raw"}));
  std::string mail_to;
  command(*mail, "test", "Send a mail to an address, and say what the mail server answers",
          [&] { return app::test_mail(load(config_file), mail_to); })
      ->add_option("to", mail_to, "The address")
      ->required();

  try {
    cli.parse(argc, argv);
    return action();
  } catch (const CLI::RequiredError& error) {
    const auto word = stray_word(cli);
    if (word.empty()) return cli.exit(error) == 0 ? 0 : kUsageError;
    std::cerr << "stoa: no such command: " << word << " (see --help)\n";
    return kUsageError;
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kUsageError;
  } catch (const ConfigError& error) {
    std::cerr << "stoa: " << error.what() << "\n";
    return kUsageError;
  } catch (const Error& error) {
    std::cerr << "stoa: " << error.message() << "\n";
    return 1;
  } catch (const std::exception& error) {
    std::cerr << "stoa: " << error.what() << "\n";
    return 1;
  }
}
