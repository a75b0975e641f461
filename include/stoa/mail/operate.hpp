#pragma once
// Mails that the command line sends: a running server does, within jobs.poll.
#include <stoa/core/config.hpp>
#include <stoa/mail/mail.hpp>
#include <stoa/postgres/tx.hpp>

namespace stoa::mail {

// In the transaction that causes it. False where this configuration sends no mails. Throws as Mailer::send() does.
bool send_later(pg::Tx& tx, const Config& all, const Mail& mail);

}  // namespace stoa::mail
