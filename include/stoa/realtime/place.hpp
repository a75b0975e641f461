#pragma once
// Where somebody can be: in a room, in a call, at a PeerJS id. Each kind of place belongs to the feature that brings people
// there, which declares it as a constant:
//
//   inline constexpr realtime::PlaceKind kCallPlace{"call", &realtime::kCodecOf<Seat>};
//   realtime::Place{&kCallPlace, room.uuid}
//
// Plain values, safe on any thread; who is where is said by <stoa/realtime/roster.hpp>.
#include <stoa/core/binding.hpp>
#include <stoa/core/ids.hpp>
#include <stoa/realtime/hub.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

namespace stoa::realtime {

// ---- What is kept ----

// How values of one type travel to another node: as JSON. Known by its address.
struct DataCodec {
  std::string (*write)(const void* value);
  // Throws Error for what is no such value.
  std::shared_ptr<const void> (*read)(JsonView json);
};
// Of a described struct that can be read as well as written.
template <class T>
inline constexpr DataCodec kCodecOf{
    [](const void* value) { return write(*static_cast<const T*>(value)); },
    [](JsonView json) -> std::shared_ptr<const void> {
      return std::make_shared<const T>(read<T>(json));
    }};

// A value that a place or somebody there has, or none. Immutable; copies share it.
class RosterData {
 public:
  RosterData() = default;
  template <class T>
  static RosterData of(T value) {
    return RosterData(&kCodecOf<T>, std::make_shared<const T>(std::move(value)));
  }
  // As text() wrote it on another node. Throws Error for what is no such value.
  static RosterData parse(const DataCodec* codec, std::string_view text);

  explicit operator bool() const noexcept { return value_ != nullptr; }
  // Throws std::logic_error where it is none or of another type.
  template <class T>
  const T& as() const {
    if (codec_ != &kCodecOf<T> || !value_) throw std::logic_error("another type is kept here");
    return *static_cast<const T*>(value_.get());
  }
  std::string text() const { return value_ ? codec_->write(value_.get()) : std::string(); }
  const DataCodec* codec() const noexcept { return codec_; }  // null where there is none

 private:
  RosterData(const DataCodec* codec, std::shared_ptr<const void> value)
      : codec_(codec), value_(std::move(value)) {}

  const DataCodec* codec_ = nullptr;
  std::shared_ptr<const void> value_;
};

// ---- Places ----

// Known by its address: a constant at namespace scope, one in the whole program.
struct PlaceKind {
  std::string_view name;
  const DataCodec* data = nullptr;   // what is kept of each session there; null: nothing
  const DataCodec* about = nullptr;  // what is kept of the place itself
};

using PlaceId = std::variant<Uuid, std::string>;

struct Place {
  const PlaceKind* kind;
  PlaceId id;
  friend bool operator==(const Place&, const Place&) = default;
};

// A session at a place.
struct Entry {
  SessionId session;
  std::optional<UserId> user;  // whose session it is; empty for a guest
  RosterData data;
  std::uint64_t order = 0;  // of its coming, growing within the place
  bool here = true;         // it is a session of this node
};

// A place as it stands; good only while it is looked at.
struct PlaceView {
  std::span<const Entry> entries;  // in the order of their coming
  const RosterData& about;         // none where the place is not there
  const std::unordered_map<UserId, std::uint32_t>& sessions_of;  // users, each with at least one

  const Entry* find(SessionId session) const noexcept {
    for (const Entry& entry : entries) {
      if (entry.session == session) return &entry;
    }
    return nullptr;
  }
  std::size_t sessions(UserId user) const noexcept {
    const auto found = sessions_of.find(user);
    return found == sessions_of.end() ? 0 : found->second;
  }
};

}  // namespace stoa::realtime

template <>
struct std::hash<stoa::realtime::Place> {
  std::size_t operator()(const stoa::realtime::Place& place) const noexcept {
    return std::hash<stoa::realtime::PlaceId>{}(place.id) * 31 +
           std::hash<const void*>{}(place.kind);
  }
};
