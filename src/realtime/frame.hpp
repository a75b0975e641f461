#pragma once
// Bytes that are ready for the wire, made once and shared by the outbound queues of every receiver on one
// shard. The count of its references is not atomic, so a Frame never leaves the shard that made it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <utility>

namespace stoa::realtime {

class Frame {
 public:
  Frame() = default;
  Frame(const Frame& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) ++block_->references;
  }
  Frame(Frame&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Frame& operator=(Frame other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Frame() {
    if (block_ != nullptr && --block_->references == 0) ::operator delete(block_);
  }

  explicit operator bool() const noexcept { return block_ != nullptr; }
  const char* data() const noexcept { return reinterpret_cast<const char*>(block_ + 1); }
  std::size_t size() const noexcept { return block_ != nullptr ? block_->size : 0; }
  std::string_view view() const noexcept {
    return block_ ? std::string_view(data(), size()) : std::string_view();
  }

 private:
  friend class FrameBuilder;
  struct Block {
    std::uint32_t references;
    std::uint32_t size;
  };
  explicit Frame(Block* block) noexcept : block_(block) {}

  Block* block_ = nullptr;
};

// Fills a frame of a size known beforehand, in one allocation.
class FrameBuilder {
 public:
  explicit FrameBuilder(std::size_t size)
      : frame_(::new(::operator new(sizeof(Frame::Block) + size))
                   Frame::Block{1, static_cast<std::uint32_t>(size)}),
        to_(reinterpret_cast<char*>(frame_.block_ + 1)) {}

  FrameBuilder& add(std::string_view text) {
    // Not memcpy, which must not be given an empty view's null.
    to_ = std::copy(text.begin(), text.end(), to_);
    return *this;
  }
  FrameBuilder& add(char c) {
    *to_++ = c;
    return *this;
  }
  Frame take() { return std::move(frame_); }

 private:
  Frame frame_;
  char* to_;
};

}  // namespace stoa::realtime
