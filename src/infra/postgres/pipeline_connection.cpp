#include "infra/postgres/pipeline_connection.hpp"

#include "infra/postgres/failures.hpp"

#include <array>
#include <utility>

#include <openssl/ssl.h>
#include <poll.h>

namespace stoa::pg {
namespace {

// Bytes that OpenSSL has decrypted already: the socket does not show them.
bool has_decrypted(PGconn* connection) {
  auto* const tls = static_cast<SSL*>(PQsslStruct(connection, "OpenSSL"));
  return tls != nullptr && SSL_pending(tls) > 0;
}

bool ends_the_connection(const PGresult& result) {
  const std::string severity = error_field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  // Without a state it was libpq itself that noticed the end.
  return severity == "FATAL" || severity == "PANIC" ||
         error_field(result, PG_DIAG_SQLSTATE).empty();
}

}  // namespace

PipelineConnection::PipelineConnection(asio::io_context& context, PgConn connection)
    : connection_(std::move(connection)),
      descriptor_(context.get_executor(), PQsocket(connection_.get())) {}

PipelineConnection::~PipelineConnection() {
  descriptor_.release();  // libpq closes it
}

bool PipelineConnection::send(StatementCallPtr call, Clock::time_point now) {
  if (sent_.empty()) first_since_ = now;
  Sent& sent = sent_.emplace_back();
  sent.call = std::move(call);
  if (!submit(sent) || PQpipelineSync(connection_.get()) != 1) {
    return broken(first_line(PQerrorMessage(connection_.get())));
  }
  return flush();
}

bool PipelineConnection::submit(Sent& sent) {
  PGconn* const connection = connection_.get();
  const Statement& statement = sent.call->statement;
  const char* const sql = statement.sql.c_str();
  const int count = static_cast<int>(statement.params.size());
  std::array<const char*, Params::kMost> values;
  std::array<int, Params::kMost> sizes;
  std::array<int, Params::kMost> formats;
  for (std::size_t i = 0; i < statement.params.size(); ++i) {
    values[i] = statement.params.c_str(i);
    sizes[i] = static_cast<int>(statement.params.at(i).size());
    formats[i] = statement.params.is_binary(i) ? 1 : 0;
  }

  const auto known = prepared_.find(sql);
  if (known != prepared_.end()) {
    sent.was_prepared = true;
    return PQsendQueryPrepared(connection, known->second.c_str(), count, values.data(),
                               sizes.data(), formats.data(), 0) == 1;
  }
  // While another's preparation is under way it is not known whether there will be such a name.
  if (preparing_.contains(sql) || prepared_.size() + preparing_.size() >= kMaxPrepared) {
    return PQsendQueryParams(connection, sql, count, nullptr, values.data(), sizes.data(),
                             formats.data(), 0) == 1;
  }
  preparing_.emplace(sql);
  sent.preparing = "p" + std::to_string(++names_);
  sent.ends = 2;
  return PQsendPrepare(connection, sent.preparing.c_str(), sql, 0, nullptr) == 1 &&
         PQsendQueryPrepared(connection, sent.preparing.c_str(), count, values.data(), sizes.data(),
                             formats.data(), 0) == 1;
}

bool PipelineConnection::flush() {
  const int left = PQflush(connection_.get());
  unflushed_ = left == 1;
  if (left < 0) return broken(first_line(PQerrorMessage(connection_.get())));
  return true;
}

bool PipelineConnection::receive(std::vector<ServerAnswer>& answers, Clock::time_point now) {
  if (sent_.empty()) {
    // What it says unasked is the end, or near it.
    return disturbed() ? broken("the server ended it") : true;
  }
  bool open = true;
  do {
    open = PQconsumeInput(connection_.get()) == 1;
    // What came before the end is an answer all the same.
    if (!take_results(answers, now)) return false;
  } while (open && has_decrypted(connection_.get()));
  if (!open) return broken(first_line(PQerrorMessage(connection_.get())));
  return !unflushed_ || flush();
}

bool PipelineConnection::take_results(std::vector<ServerAnswer>& answers, Clock::time_point now) {
  // Never asked for more than what is owed: libpq may repeat the end of a connection without end.
  while (!sent_.empty() && PQisBusy(connection_.get()) == 0) {
    Sent& first = sent_.front();
    PgResult result(PQgetResult(connection_.get()));
    if (!result) {
      if (--first.ends < 0) return broken("libpq has no answer");
    } else if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
      if (!first.result) return broken("a statement without an answer");
      if (!first.preparing.empty()) {
        preparing_.erase(first.call->statement.sql.c_str());
      }
      answers.push_back({std::move(first.call), std::move(first.result), first.was_prepared});
      sent_.pop_front();
      first_since_ = now;
    } else if (!take(first, std::move(result))) {
      return false;
    }
  }
  return true;
}

bool PipelineConnection::take(Sent& first, PgResult result) {
  switch (PQresultStatus(result.get())) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      if (!first.preparing.empty() && first.ends == 2) {
        prepared_.emplace(first.call->statement.sql.c_str(), first.preparing);
      } else {
        first.result = std::move(result);
      }
      return true;
    case PGRES_PIPELINE_ABORTED:
      return true;  // skipped: its preparation has failed
    case PGRES_FATAL_ERROR:
      if (ends_the_connection(*result)) {
        return broken(first_line(PQresultErrorMessage(result.get())));
      }
      first.result = std::move(result);
      return true;
    default:
      return broken("an answer that no single statement has");
  }
}

void PipelineConnection::forget(const Sql& sql) {
  prepared_.erase(sql.c_str());
}

bool PipelineConnection::disturbed() const noexcept {
  pollfd state{PQsocket(connection_.get()), POLLIN | POLLRDHUP, 0};
  return ::poll(&state, 1, 0) > 0;
}

std::vector<StatementCallPtr> PipelineConnection::take_calls() {
  std::vector<StatementCallPtr> calls;
  for (auto& sent : sent_) calls.push_back(std::move(sent.call));
  sent_.clear();
  return calls;
}

bool PipelineConnection::broken(std::string why) {
  if (why_.empty()) why_ = std::move(why);
  return false;
}

}  // namespace stoa::pg
