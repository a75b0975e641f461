// The native codec's way in: any bytes, in any pieces, become WebSocket steps, and each message either an
// event or a problem. The pieces make no difference, and neither does memory grow beyond the limits.
#include "realtime/wire/native/native_codec.hpp"

#include "realtime/wire/websocket/frame_reader.hpp"

#include <stoa/core/json.hpp>
#include <stoa/core/values.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace stoa;
using realtime::websocket::FrameReader;
using realtime::websocket::Step;

constexpr realtime::websocket::ReaderLimits kLimits{4096, 8};

void check(bool holds) {
  if (!holds) std::abort();
}

void check_message(std::string_view text) {
  check(text.size() <= kLimits.max_message && is_valid_utf8(text));
  static const realtime::native::NativeCodec codec;
  const realtime::Incoming in = codec.decode(text);
  if (!in.problem) check(!in.type.empty() && in.payload.view().is_object());
  if (!in.id.empty()) {
    const Json id = parse_json(in.id);
    check(id.is_string() || id.is_number());
    const Json answer = parse_json("{\"id\":" + in.id + "}");
    check(answer.contains("id"));
  }
}

std::string read_all(const std::string& bytes, std::size_t piece) {
  FrameReader reader(kLimits);
  std::string steps;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::vector<char> part(
        bytes.begin() + static_cast<std::ptrdiff_t>(at),
        bytes.begin() + static_cast<std::ptrdiff_t>(std::min(bytes.size(), at + piece)));
    std::span<char> input(part);
    for (;;) {
      const Step step = reader.next(input);
      if (step.kind == Step::Kind::need_more) {
        check(input.empty());
        break;
      }
      if (step.kind == Step::Kind::message) check_message(step.data);
      steps += static_cast<char>('a' + static_cast<int>(step.kind));
      steps +=
          std::string(step.data) + std::to_string(step.code) + std::to_string(step.why.code) + ';';
    }
  }
  return steps;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string whole = read_all(bytes, SIZE_MAX / 2);
  const std::string pieces = read_all(bytes, 1 + data[0] % 16);
  check(whole == pieces);
  if (is_valid_utf8(bytes) && bytes.size() <= kLimits.max_message) check_message(bytes);
  return 0;
}
