// Forms: the same parts, fields and refusals whatever the cuts, from the parser and from the reader on top of it; and
// what both take they understand alike.
//
// Of an input the first byte says how many of the next ones are sizes of pieces; the rest is the form.
#include "http/multipart.hpp"

#include "http/form_reader.hpp"

#include <stoa/core/error.hpp>
#include <stoa/core/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace {

using namespace stoa;
using namespace stoa::http;

constexpr std::size_t kMostParts = 5, kMostHead = 256;

void require(bool holds) {
  if (!holds) std::abort();
}

// What the control bytes from 0x10 on stand for: words that take long to be found by chance.
constexpr std::array<std::string_view, 14> kWords = {
    "\r\n--b\r\nContent-Disposition: form-data; name=a\r\n\r\n",
    "\r\n--b\r\nContent-Disposition: form-data; name=file; filename=\"\"\r\n\r\n",
    "\r\n--b--",
    "\r\n--b\r\n",
    "Content-Disposition: form-data",
    "Content-Type: ",
    "Content-Transfer-Encoding: ",
    "binary",
    "; name=",
    "; filename=\"",
    "; filename*=UTF-8''",
    "\r\n\r\n",
    "\\\"",
    "--b"};

std::string with_words(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto word = static_cast<std::size_t>(static_cast<unsigned char>(c)) - 0x10;
    if (word < kWords.size()) {
      out += kWords[word];
    } else {
      out += c;
    }
  }
  return out;
}

// How a form is cut: sizes that come again and again. Empty: not at all.
using Cuts = std::vector<std::size_t>;

// The next piece of `bytes` from `used` on.
std::string_view piece_of(std::string_view bytes, std::size_t used, const Cuts& cuts,
                          std::size_t number) {
  const auto rest = bytes.substr(used);
  return cuts.empty() ? rest : rest.substr(0, cuts[number % cuts.size()]);
}

std::string refusal_of(const Error& error) {
  return std::string(error.code().wire) + " " + error.details().dump();
}

struct Part {
  std::string name;
  std::optional<std::string> file_name;
  std::string type, content;
  bool operator==(const Part&) const = default;
};
struct Parsed {
  std::vector<Part> parts;
  std::size_t used = 0;
  std::string outcome;  // "done", "unfinished", or why it was refused
  bool operator==(const Parsed&) const = default;
};

Parsed parse(std::string_view form, const Cuts& cuts) {
  using Event = MultipartParser::Event;
  MultipartParser parser("b", kMostParts, kMostHead);
  Parsed parsed;
  std::size_t come = 0, pieces = 0;
  try {
    for (;;) {
      // Memory of its own, so that nothing behind what has come can be read.
      const std::vector<char> bytes(form.begin() + static_cast<std::ptrdiff_t>(parsed.used),
                                    form.begin() + static_cast<std::ptrdiff_t>(come));
      const auto step = parser.next({bytes.data(), bytes.size()});
      require(step.used <= bytes.size());
      require((step.event == Event::data) == !step.data.empty());
      parsed.used += step.used;
      if (step.event == Event::part) {
        const auto& head = parser.head();
        parsed.parts.push_back({head.name, head.file_name, head.type, {}});
      } else if (step.event == Event::data) {
        parsed.parts.back().content += step.data;
      } else if (step.event == Event::done) {
        parsed.outcome = "done";
        return parsed;
      } else if (step.used == 0) {
        if (come == form.size()) {
          parsed.outcome = "unfinished";
          return parsed;
        }
        come += piece_of(form, come, cuts, pieces++).size();
      }
    }
  } catch (const Error& error) {
    parsed.outcome = refusal_of(error);
    parsed.used = 0;
  }
  return parsed;
}

// A piece is gone once the next one is asked for.
class Pieces final : public BodyStream {
 public:
  Pieces(std::string_view form, const Cuts& cuts) : form_(form), cuts_(cuts) {}
  Task<std::string_view> next() override {
    const auto piece = piece_of(form_, used_, cuts_, count_++);
    used_ += piece.size();
    present_ = std::vector<char>(piece.begin(), piece.end());
    co_return std::string_view(present_.data(), present_.size());
  }
  std::optional<std::uint64_t> length() const noexcept override { return std::nullopt; }

 private:
  const std::string_view form_;
  const Cuts& cuts_;
  std::size_t used_ = 0, count_ = 0;
  std::vector<char> present_;
};

struct Read {
  FormReader::Fields fields;
  std::optional<Part> file;
  std::string outcome;
  bool operator==(const Read&) const = default;
};

Task<> read_form(FormReader& reader, Pieces& stream, Read& read) {
  try {
    co_await reader.read_fields(stream);
    if (reader.has_file()) {
      const auto& head = reader.file();
      read.file = Part{head.name, head.file_name, head.type, {}};
      for (;;) {
        const auto piece = co_await reader.next();
        if (piece.empty()) break;
        read.file->content += piece;
      }
    }
    read.outcome = "done";
  } catch (const Error& error) {
    read.outcome = refusal_of(error);
  }
  read.fields = reader.fields();
}

FormLimits limits() {
  config::Http options;
  options.max_form_parts = kMostParts;
  options.max_form_header_bytes.bytes = kMostHead;
  options.max_form_field_bytes.bytes = 24;
  options.max_form_fields_bytes.bytes = 40;
  return FormLimits(options);
}

Read read(std::string_view form, const Cuts& cuts) {
  static const FormLimits kLimits = limits();
  Pieces stream(form, cuts);
  FormReader reader("multipart/form-data; boundary=b", {"file", false}, kLimits);
  Read read;
  asio::io_context context;
  asio::co_spawn(context, read_form(reader, stream, read), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
  context.run();
  return read;
}

// What the reader takes are the parser's parts: fields, then one file, without those that were not chosen.
void require_alike(const Parsed& parsed, const Read& read) {
  require(parsed.outcome == "done");
  std::vector<Part> files;
  FormReader::Fields fields;
  for (const auto& part : parsed.parts) {
    if (!part.file_name) {
      fields.emplace_back(part.name, part.content);
    } else if (!part.file_name->empty() || !part.content.empty()) {
      files.push_back(part);
    }
  }
  require(fields == read.fields);
  require(files.size() == (read.file ? 1 : 0));
  if (read.file) require(files.front() == *read.file);
}

void read_boundary(std::string_view parameters) {
  try {
    const auto boundary = form_boundary("multipart/form-data;" + std::string(parameters));
    require(!boundary.empty() && boundary.size() <= 70);
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty()) return 0;
  const auto count = std::min<std::size_t>(data[0] % 8, size - 1);
  Cuts cuts;
  for (std::size_t i = 1; i <= count; ++i) cuts.push_back(std::max<std::size_t>(1, data[i]));
  const std::string form = with_words(input.substr(1 + count));

  const Parsed parsed = parse(form, {});
  const Read whole = read(form, {});
  for (const Cuts& some : {cuts, Cuts{1}, Cuts{7}}) {
    require(parse(form, some) == parsed);
    require(read(form, some) == whole);
  }
  if (whole.outcome == "done") require_alike(parsed, whole);
  read_boundary(form);
  return 0;
}
