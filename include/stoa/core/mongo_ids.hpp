#pragma once
// Frontends that were written for MongoDB read a record's id as `_id`. Where the configuration wants it (compat.mongo_ids), every
// record (a described struct with an `id` that is an Id) is written with `_id` beside `id`, wherever it goes: the encoder in
// binding.hpp does it. Records are written in many places, on any thread, and become part of texts that are kept and sent on, so this is
// one word for the whole process, said before the first of them is written.
namespace stoa {

void write_mongo_ids(bool wanted) noexcept;
bool writes_mongo_ids() noexcept;

}  // namespace stoa
