#include "infra/postgres/libpqxx.hpp"

#include <cstddef>
#include <utility>

#include <pqxx/prepared_statement>
#include <pqxx/version>
#if PQXX_VERSION_MAJOR < 7
#include <array>
#include <optional>
#include <tuple>

#include <pqxx/binarystring>
#endif

namespace stoa::pg {

#if PQXX_VERSION_MAJOR < 7

namespace {

template <class T>
auto list_of(const std::optional<T>& value) {
  const T* const begin = value ? &*value : nullptr;
  return pqxx::prepare::make_dynamic_params(begin, value ? begin + 1 : begin);
}

// libpqxx 6 takes any number of values of one type, and any types of a number of values that the compiler knows. So each
// place is two lists, one of texts and one of binary values, with nothing or one in them.
class Place {
 public:
  Place(const Params& params, std::size_t index) {
    if (index >= params.size()) return;
    if (params.is_binary(index)) {
      const auto bytes = params.at(index);
      binary_.emplace(bytes.data(), bytes.size());
    } else {
      text_.emplace(params.c_str(index));
    }
  }
  auto text() const { return list_of(text_); }
  auto binary() const { return list_of(binary_); }

 private:
  std::optional<const char*> text_;
  std::optional<pqxx::binarystring> binary_;
};

template <class Execute, std::size_t... Index>
pqxx::result execute_with(const Params& params, const Execute& execute,
                          std::index_sequence<Index...>) {
  const std::array<Place, sizeof...(Index)> places{Place(params, Index)...};
  return std::apply(
      execute, std::tuple_cat(std::make_tuple(places[Index].text(), places[Index].binary())...));
}

template <class Execute>
pqxx::result execute_with(const Params& params, const Execute& execute) {
  return execute_with(params, execute, std::make_index_sequence<Params::kMost>());
}

// What libpqxx 6 would write to stderr is in the exceptions too.
struct Quiet final : pqxx::errorhandler {
  using pqxx::errorhandler::errorhandler;
  bool operator()(const char[]) noexcept override { return false; }
};

}  // namespace

std::unique_ptr<pqxx::errorhandler> configure(pqxx::connection& connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
  connection.set_verbosity(pqxx::connection::verbose);
  return std::make_unique<Quiet>(connection);
}

void disconnect(pqxx::connection& connection) noexcept {
  connection.disconnect();
}

void prepare(pqxx::connection& connection, const std::string& name, const std::string& sql) {
  connection.prepare(name, sql);
  try {
    connection.prepare_now(name);
  } catch (...) {
    connection.unprepare(name);  // only libpqxx knows of it
    throw;
  }
}

pqxx::result execute_prepared(pqxx::transaction_base& transaction, const std::string& name,
                              const Params& params) {
  return execute_with(
      params, [&](const auto&... list) { return transaction.exec_prepared(name, list...); });
}

pqxx::result execute_once(pqxx::transaction_base& transaction, const std::string& sql,
                          const Params& params) {
  return execute_with(params,
                      [&](const auto&... list) { return transaction.exec_params(sql, list...); });
}

#else

// libpqxx 7 neither writes to stderr nor connects anew by itself.
std::unique_ptr<pqxx::errorhandler> configure(pqxx::connection& connection) {
  connection.set_verbosity(pqxx::error_verbosity::verbose);
  return nullptr;
}

void disconnect(pqxx::connection& connection) noexcept {
  connection.close();
}

void prepare(pqxx::connection& connection, const std::string& name, const std::string& sql) {
  connection.prepare(name, sql);
}

namespace {

pqxx::params values_of(const Params& params) {
  pqxx::params values;
  values.reserve(params.size());
  for (std::size_t i = 0; i < params.size(); ++i) {
    if (params.is_null(i)) {
      values.append();
    } else if (params.is_binary(i)) {
      const auto bytes = params.at(i);
      values.append(
          pqxx::bytes_view(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()));
    } else {
      values.append(pqxx::zview(params.at(i)));  // not a copy
    }
  }
  return values;
}

}  // namespace

pqxx::result execute_prepared(pqxx::transaction_base& transaction, const std::string& name,
                              const Params& params) {
  return transaction.exec(pqxx::prepped{name}, values_of(params));
}

pqxx::result execute_once(pqxx::transaction_base& transaction, const std::string& sql,
                          const Params& params) {
  return transaction.exec(sql, values_of(params));
}

#endif

}  // namespace stoa::pg
