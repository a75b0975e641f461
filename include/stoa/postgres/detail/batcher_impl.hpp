#pragma once
// The templates of Batcher.
#include <stoa/core/log.hpp>
#include <stoa/postgres/batcher.hpp>

#include <optional>
#include <stdexcept>

namespace stoa::pg::detail {

template <class In, class Out>
class TypedItem final : public BatchItem {
 public:
  TypedItem(BatchLoop& loop, In&& value) : in(std::move(value)), loop_(loop) {}
  In in;
  std::optional<Out> out;

 private:
  void begin() override { loop_.push(std::static_pointer_cast<BatchItem>(shared_from_this())); }

  BatchLoop& loop_;
};

template <class In, class Out>
class TypedBatchLoop final : public BatchLoop {
 public:
  using Owner = Batcher<In, Out>;

  TypedBatchLoop(DatabaseOptions database, BatcherOptions options, typename Owner::Work work,
                 typename Owner::Committed on_committed, typename Owner::Doubt on_doubt)
      : BatchLoop(std::move(database), options),
        work_(std::move(work)),
        on_committed_(std::move(on_committed)),
        on_doubt_(std::move(on_doubt)) {}

 private:
  void load(std::span<const BatchItemPtr> batch) override {
    inputs_.clear();
    inputs_.reserve(batch.size());
    for (const auto& item : batch) inputs_.push_back(std::move(typed(item).in));
  }

  void work(Tx& tx, std::size_t first, std::size_t count) override {
    results_ = work_(tx, std::span<const In>(inputs_).subspan(first, count));
    if (results_.size() != count) throw std::logic_error("a batch needs one result an item");
  }

  void committed(std::span<const BatchItemPtr> items, std::size_t first) noexcept override {
    try {
      on_committed_(std::span<const In>(inputs_).subspan(first, items.size()), results_);
    } catch (const std::exception& e) {
      log::error("on_committed_failed", {{"reason", e.what()}});
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (auto* out = std::get_if<Out>(&results_[i])) {
        typed(items[i]).out.emplace(std::move(*out));
      } else {
        items[i]->error = std::make_exception_ptr(std::get<Error>(std::move(results_[i])));
      }
    }
  }

  void doubted(std::size_t first, std::size_t count) noexcept override {
    if (!on_doubt_) return;
    try {
      on_doubt_(std::span<const In>(inputs_).subspan(first, count));
    } catch (const std::exception& e) {
      log::error("on_doubt_failed", {{"reason", e.what()}});
    }
  }

  static TypedItem<In, Out>& typed(const BatchItemPtr& item) {
    return static_cast<TypedItem<In, Out>&>(*item);
  }

  const typename Owner::Work work_;
  const typename Owner::Committed on_committed_;
  const typename Owner::Doubt on_doubt_;
  std::vector<In> inputs_;                       // of the batch
  std::vector<typename Owner::Result> results_;  // of the present transaction
};

}  // namespace stoa::pg::detail

namespace stoa::pg {

template <class In, class Out>
Batcher<In, Out>::Batcher(DatabaseOptions database, BatcherOptions options, Work work,
                          Committed on_committed, Doubt on_doubt)
    : loop_(std::make_shared<detail::TypedBatchLoop<In, Out>>(
          std::move(database), options, std::move(work), std::move(on_committed),
          std::move(on_doubt))) {}

template <class In, class Out>
Batcher<In, Out>::~Batcher() {
  stop();
}

// The item itself stays out of the coroutine's frame: thousands of them wait at a time.
template <class In, class Out>
auto Batcher<In, Out>::enter(In&& item, BatchWeight weight) -> Entry {
  auto waiting = std::make_shared<detail::TypedItem<In, Out>>(*loop_, std::move(item));
  waiting->weight = weight;
  return Entry(std::move(waiting));
}

template <class In, class Out>
Task<Out> Batcher<In, Out>::add(In item, BatchWeight weight) {
  return answer(enter(std::move(item), weight));
}

template <class In, class Out>
Task<Out> Batcher<In, Out>::answer(Entry entry) {
  co_await entry.stored();
  co_return entry.take();
}

template <class In, class Out>
BatcherStats Batcher<In, Out>::stats() const {
  return loop_->stats();
}

template <class In, class Out>
void Batcher<In, Out>::stop() {
  loop_->stop();
}

}  // namespace stoa::pg
