// What whiteboard is to the server.
#include "features/whiteboard/board_id.hpp"
#include "features/whiteboard/whiteboard_codes.hpp"

#include <stoa/rooms/membership.hpp>
#include <stoa/whiteboard/feature.hpp>
#include <stoa/whiteboard/whiteboard.hpp>
#include <stoa/whiteboard/whiteboard_config.hpp>

namespace stoa::whiteboard {
namespace {

void bind(Metrics& metrics, const Whiteboard& whiteboard) {
  metrics.observe("stoa_whiteboards", "Whiteboards in memory",
                  [&whiteboard] { return static_cast<double>(whiteboard.boards()); });
  metrics.observe("stoa_whiteboard_pending", "Changes of whiteboards that wait for their commit",
                  [&whiteboard] { return static_cast<double>(whiteboard.pending_changes()); });
}

}  // namespace

Feature feature() {
  return {
      .name = "whiteboard",
      .sections = {config::section<WhiteboardConfig, &check>("whiteboard")},
      .codes = {kCodes.begin(), kCodes.end()},
      .topics = {&kBoardTopic},
      .make =
          [](const Platform& on) {
            auto whiteboard = std::make_shared<Whiteboard>(
                on.db, on.hub, on.services.need<rooms::Membership>(),
                on.config.section<WhiteboardConfig>(), on.config.realtime);
            Module module;
            module.events = whiteboard_events(*whiteboard);
            module.sends = whiteboard_sends();
            module.observer = whiteboard.get();
            module.metrics = [board = whiteboard.get()](Metrics& metrics) {
              bind(metrics, *board);
            };
            module.keep = std::move(whiteboard);
            return module;
          },
  };
}

}  // namespace stoa::whiteboard
