// The features of the server, one line each, in the order in which they need one another. What a row is:
// <stoa/module/feature.hpp>. <stoa_features.hpp> is made by the build: the row's header of every folder in src/features.
#include "app/modules.hpp"

#include <stoa_features.hpp>

namespace stoa::app {

std::vector<Feature> all_features() {
  return {
      auth::feature(),           //
      users::feature(),          //
      mail::feature(),           //
      second_factor::feature(),  //
      recovery::feature(),       //
      outside::feature(),        //
      phone::feature(),          //
      subjects::feature(),       //
      skills::feature(),         //
      files::feature(),          //
      rooms::feature(),          //
      avatars::feature(),        //
      matches::feature(),        //
      chat::feature(),           //
      notes::feature(),          //
      calls::feature(),          //
      whiteboard::feature(),     //
      groups::feature(),         //
      peerserver::feature(),     //
      status::feature(),         //
      account::feature(),        //
  };
}

}  // namespace stoa::app
