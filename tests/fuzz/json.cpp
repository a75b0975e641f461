// The JSON edge: any bytes are either refused with an Error or become a value that is written, and read
// again as the same. What the quick parser reads is what the thorough one reads, and is JSON to whoever only looks at it.
#include "core/json_quick.hpp"

#include <stoa/core/binding.hpp>
#include <stoa/core/json.hpp>
#include <stoa/core/json_skim.hpp>

#include <cstdint>
#include <cstdlib>

namespace {

using namespace stoa;

enum class Kind { one, two };
BOOST_DESCRIBE_ENUM(Kind, one, two)

struct Inner {
  Uuid id;
  std::vector<Text<0, 5>> words;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (id, words))

struct Everything {
  Text<1, 20> name;
  Verbatim<0, 20> secret;
  std::optional<Email> email;
  Patch<WebUrl> link;
  Or<Bounded<int, 2, 500>, 8> size;
  std::optional<Timestamp> when;
  std::optional<Cursor> cursor;
  Or<Kind, Kind::one> kind;
  std::optional<List<Inner, 4>> inner;
  Json any;
  std::optional<double> number;
  std::optional<std::uint8_t> small;
};
BOOST_DESCRIBE_STRUCT(Everything, (),
                      (name, secret, email, link, size, when, cursor, kind, inner, any, number,
                       small))

void check_struct(JsonView json, bool from_text) {
  Everything value;
  Issues issues;
  issues.from_text = from_text;
  Binding<Everything>::read(json, value, issues);
  if (!issues.empty()) return;
  const std::string first = write(value);
  const std::string second = write(read<Everything>(parse_json(first)));
  if (first != second) std::abort();
}

void check_document(const Json& tree, std::string_view text) {
  JsonDocument document = parse_json_document(text);
  if (document.view().copy() != tree) std::abort();
  check_struct(document.view(), false);
  if (!tree.is_object()) return;
  if (document.select("a") != tree.contains("a")) std::abort();
  if (tree.contains("a") && document.view().copy() != tree["a"]) std::abort();
}

void check_same(const Json& quick, std::string_view text) {
  try {
    const Json thorough = parse_json_thoroughly(text, {});
    if (quick != thorough || dump_json(quick) != dump_json(thorough)) std::abort();
  } catch (const Error&) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto quick = parse_json_quickly(text, {})) check_same(*quick, text);
  try {
    const Json json = parse_json(text);
    check_document(json, text);
    if (!is_json(text) && !text.starts_with("\xEF\xBB\xBF")) std::abort();
    if (parse_json(dump_json(json)) != json) std::abort();
    check_struct(json, false);
    check_struct(json, true);
  } catch (const Error&) {
    // Refused: the expected end of most inputs.
  }
  return 0;
}
