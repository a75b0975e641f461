#include "http/selection.hpp"

#include "http/chars.hpp"
#include "http/media_type.hpp"
#include "http/problem.hpp"

#include <stoa/http/source.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string>

namespace stoa::http {
namespace {

template <class T>
bool read_number(std::string_view text, T& out) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

enum class Verdict { send, not_modified, failed };

// In the order of section 13.2.2.
Verdict judge(const Request& request, const Response& response) {
  const Headers& fields = request.headers;
  const auto in_seconds = [](Timestamp when) { return std::chrono::floor<Seconds>(when); };
  const auto& changed = response.last_modified;
  if (const auto match = fields.find("if-match")) {
    if (!matches_strongly(*match, response.etag)) return Verdict::failed;
  } else if (const auto since = fields.find("if-unmodified-since"); since && changed) {
    const auto date = parse_http_date(*since);
    if (date && in_seconds(*changed) > *date) return Verdict::failed;
  }
  if (const auto none_match = fields.find("if-none-match")) {
    if (matches_etag(*none_match, response.etag)) return Verdict::not_modified;
  } else if (const auto since = fields.find("if-modified-since"); since && changed) {
    const auto date = parse_http_date(*since);
    if (date && in_seconds(*changed) <= *date) return Verdict::not_modified;
  }
  return Verdict::send;
}

// Whether the Range field counts (section 13.1.5). A date never does: within its second there may have been two files.
bool wants_range(const Request& request, const Response& response) {
  if (request.method != Method::get || !request.headers.find("range")) return false;
  const auto condition = request.headers.find("if-range");
  return !condition || (*condition == response.etag && condition->starts_with('"'));
}

void forget_content(Response& response) {
  response.body.clear();
  response.static_body = {};
  response.source.reset();
  for (const char* of_content : {"content-type", "content-encoding", "content-disposition"}) {
    response.headers.erase(of_content);
  }
}

std::optional<std::uint64_t> size_of(const Response& response) {
  return response.source ? response.source->size()
                         : std::optional<std::uint64_t>(response.content().size());
}

void cut(Response& response, const Part& part) {
  if (response.source) {
    response.first = part.first;
    response.count = part.count;
    return;
  }
  const auto first = static_cast<std::size_t>(part.first);
  const auto count = static_cast<std::size_t>(part.count);
  if (response.static_body.empty()) {
    response.body = response.body.substr(first, count);
  } else {
    response.static_body = response.static_body.substr(first, count);
  }
}

void take_part(const Request& request, std::uint64_t size, Response& response) {
  const auto part = read_range(*request.headers.find("range"), size);
  if (!part) return;
  const std::string whole = "/" + std::to_string(size);
  if (part->count == 0) {
    response = problem(Error(Code::range_not_satisfiable), request.client.request_id);
    response.headers.set("content-range", "bytes *" + whole);
    return;
  }
  response.status = 206;
  response.headers.set("content-range", "bytes " + std::to_string(part->first) + "-" +
                                            std::to_string(part->first + part->count - 1) + whole);
  cut(response, *part);
}

}  // namespace

std::optional<Part> read_range(std::string_view range, std::uint64_t size) noexcept {
  constexpr std::string_view kUnit = "bytes=";
  if (range.size() < kUnit.size() || size == 0 ||
      !equals_ignoring_case(range.substr(0, kUnit.size()), kUnit)) {
    return std::nullopt;
  }
  const auto set = trim_ows(range.substr(kUnit.size()));
  const auto dash = set.find('-');
  if (dash == std::string_view::npos || set.find(',') != std::string_view::npos) {
    return std::nullopt;
  }
  const auto from = set.substr(0, dash);
  const auto to = set.substr(dash + 1);
  std::uint64_t first = 0, last = 0;
  if (from.empty()) {
    if (!read_number(to, last)) return std::nullopt;
    const auto count = std::min(last, size);
    return Part{size - count, count};
  }
  if (!read_number(from, first)) return std::nullopt;
  if (to.empty()) {
    last = size - 1;
  } else if (!read_number(to, last) || last < first) {
    return std::nullopt;
  }
  if (first >= size) return Part{};
  return Part{first, std::min(last, size - 1) - first + 1};
}

std::optional<Timestamp> parse_http_date(std::string_view text) noexcept {
  static constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != kForm.size() || text.substr(3, 2) != ", " || text.substr(25) != " GMT" ||
      text[19] != ':' || text[22] != ':') {
    return std::nullopt;
  }
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  unsigned day = 0, year = 0, hour = 0, minute = 0, second = 0;
  if (month == kMonths.end() || !read_number(text.substr(5, 2), day) ||
      !read_number(text.substr(12, 4), year) || !read_number(text.substr(17, 2), hour) ||
      !read_number(text.substr(20, 2), minute) || !read_number(text.substr(23, 2), second)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(
      std::chrono::year(static_cast<int>(year)),
      std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(day));
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date) + std::chrono::hours(hour) +
                   std::chrono::minutes(minute) + Seconds(second));
}

void select(const Request& request, Response& response) {
  const bool is_file = response.source || !response.static_body.empty();
  if (!is_file && response.etag.empty() && !response.last_modified) return;
  if (response.status != 200) return;
  if (request.method != Method::get && request.method != Method::head) return;
  const auto size = size_of(response);
  if (is_file && size) response.headers.set("accept-ranges", "bytes");
  if (!response.etag.empty()) response.headers.set("etag", response.etag);
  if (response.last_modified) {
    response.headers.set("last-modified", to_http_date(*response.last_modified));
  }
  const Verdict verdict = judge(request, response);
  if (verdict == Verdict::failed) {
    response = problem(Error(Code::precondition_failed), request.client.request_id);
  } else if (verdict == Verdict::not_modified) {
    response.status = 304;
    forget_content(response);
  } else if (is_file && size && wants_range(request, response)) {
    take_part(request, *size, response);
  }
}

}  // namespace stoa::http
