#include "infra/smtp/transfer.hpp"

#include <stoa/core/text.hpp>
#include <stoa/net/networks.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>
#include <stdexcept>

#include <openssl/x509_vfy.h>
#include <sys/socket.h>

namespace stoa::smtp {
namespace {

constexpr std::size_t kLongestAnswer = 400;  // bytes of it that are kept
constexpr long kNotSignedIn = 530;           // said to the sender, and about who sends (RFC 4954)
constexpr long kWrongPassword = 535;

// An option that this libcurl does not have must not be passed over in silence.
template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  if (code != CURLE_OK) throw std::runtime_error(curl_easy_strerror(code));
}

std::string line_of(std::string_view text) {
  std::string out = one_line(text);
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

}  // namespace

Transfer::Transfer(CURL* easy, const SenderOptions& options, const Envelope& envelope,
                   std::string_view message, const std::atomic<bool>& is_stopping,
                   const std::atomic<bool>& is_called_off)
    : easy_(easy),
      options_(options),
      is_stopping_(is_stopping),
      is_called_off_(is_called_off),
      message_(message) {
  prepare(envelope);
}

void Transfer::prepare(const Envelope& envelope) {
  curl_easy_reset(easy_);  // but for the connection that it has kept
  set(easy_, CURLOPT_ERRORBUFFER, error_);
  set(easy_, CURLOPT_NOSIGNAL, 1L);
  set(easy_, CURLOPT_QUICK_EXIT, 1L);
  set(easy_, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  // What stands behind the host is the name that the server is greeted with.
  const std::string url = options_.helo.empty() ? options_.url : options_.url + "/" + options_.helo;
  set(easy_, CURLOPT_URL, url.c_str());
  // Neither the environment nor a file of the user's has a say.
  set(easy_, CURLOPT_PROXY, "");
  set(easy_, CURLOPT_NOPROXY, "*");
  set(easy_, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(easy_, CURLOPT_USE_SSL,
      static_cast<long>(options_.needs_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  set(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options_.ca_file.empty()) {
    set(easy_, CURLOPT_CAINFO, options_.ca_file.c_str());
    set(easy_, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  if (!options_.user.empty()) {
    set(easy_, CURLOPT_USERNAME, options_.user.c_str());
    set(easy_, CURLOPT_PASSWORD, options_.password.value.c_str());
  }
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(options_.time_limit).count();
  set(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  set(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.time_limit.count()));
  set(easy_, CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(seconds));
  // Servers end idle connections after some time, and a mail that meets that is sent again only later.
  set(easy_, CURLOPT_MAXAGE_CONN, 20L);

  set(easy_, CURLOPT_MAIL_FROM, ("<" + envelope.from + ">").c_str());
  to_.reset(curl_slist_append(nullptr, ("<" + envelope.to + ">").c_str()));
  if (!to_) throw std::bad_alloc();
  set(easy_, CURLOPT_MAIL_RCPT, to_.get());
  set(easy_, CURLOPT_UPLOAD, 1L);
  set(easy_, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message_.size()));
  set(easy_, CURLOPT_READFUNCTION, &on_read);
  set(easy_, CURLOPT_READDATA, static_cast<void*>(this));
  set(easy_, CURLOPT_HEADERFUNCTION, &on_line);
  set(easy_, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(easy_, CURLOPT_WRITEFUNCTION, &on_line);
  set(easy_, CURLOPT_WRITEDATA, static_cast<void*>(this));
  // What is sent is looked at for its commands, and shown to nobody: libcurl itself does not say which one was refused.
  set(easy_, CURLOPT_VERBOSE, 1L);
  set(easy_, CURLOPT_DEBUGFUNCTION, &on_sent);
  set(easy_, CURLOPT_DEBUGDATA, static_cast<void*>(this));
  set(easy_, CURLOPT_NOPROGRESS, 0L);
  set(easy_, CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(easy_, CURLOPT_XFERINFODATA, static_cast<void*>(this));
  if (options_.may_connect) {
    set(easy_, CURLOPT_OPENSOCKETFUNCTION, &on_socket);
    set(easy_, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  }
}

std::size_t Transfer::on_read(char* out, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.is_begun_ = true;
  const auto piece = transfer.message_.substr(transfer.sent_, size * count);
  std::memcpy(out, piece.data(), piece.size());
  transfer.sent_ += piece.size();
  return piece.size();
}

// An answer is lines of "250-" and a last one of "250 ".
std::size_t Transfer::on_line(char* line, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::string_view text(line, size * count);
  if (transfer.is_answer_whole_) transfer.answer_.clear();
  transfer.is_answer_whole_ = text.size() < 4 || text[3] != '-';
  const auto room = kLongestAnswer - std::min(kLongestAnswer, transfer.answer_.size());
  transfer.answer_ += text.substr(0, room);
  // After a refusal libcurl says goodbye, and hears one.
  const bool is_refusal = transfer.answer_.starts_with('4') || transfer.answer_.starts_with('5');
  if (transfer.is_answer_whole_ && is_refusal) {
    transfer.refusal_ = transfer.answer_;
    transfer.is_receiver_refused_ = transfer.is_receiver_named_;
  }
  return text.size();
}

int Transfer::on_sent(CURL*, curl_infotype type, char* text, std::size_t size, void* self) {
  if (type == CURLINFO_HEADER_OUT) {
    static_cast<Transfer*>(self)->is_receiver_named_ =
        std::string_view(text, size).starts_with("RCPT ");
  }
  return 0;
}

int Transfer::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(self)->is_over() ? 1 : 0;
}

curl_socket_t Transfer::on_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  const auto to = net::address_of(address->addr);
  if (!to || to->is_unspecified() || !transfer.options_.may_connect(*to)) {
    transfer.is_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

Answer Transfer::run() {
  if (is_over()) return {Outcome::later, 0, "called off"};
  return judge(curl_easy_perform(easy_));
}

// Only what was said to the sender, the receiver or the message is about this mail: a server that refuses its client, the
// client's password or TLS refuses every mail, and will do so until somebody mends that.
Answer Transfer::judge(CURLcode result) const {
  if (result == CURLE_OK) return {Outcome::accepted, 250, line_of(answer_)};
  if (is_refused_) {
    return {Outcome::later, 0, "its address may not be connected to without TLS",
            Trouble::not_allowed};
  }
  long code = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &code);
  const bool is_about_mail = (is_begun_ || result == CURLE_SEND_ERROR) && code != kNotSignedIn;
  if (code >= 400 && code < 600) {
    auto outcome = Outcome::later;
    if (is_about_mail && code >= 500) {
      outcome = is_receiver_refused_ ? Outcome::no_receiver : Outcome::never;
    }
    return {outcome, static_cast<int>(code), line_of(refusal_.empty() ? error_ : refusal_),
            trouble_of(result, code)};
  }
  return {Outcome::later, 0, line_of(error_[0] != '\0' ? error_ : curl_easy_strerror(result)),
          trouble_of(result, code)};
}

Trouble Transfer::trouble_of(CURLcode result, long code) const {
  if (result == CURLE_LOGIN_DENIED || code == kNotSignedIn || code == kWrongPassword) {
    return Trouble::not_signed_in;
  }
  if (result == CURLE_USE_SSL_FAILED) return Trouble::no_tls;
  if (result == CURLE_PEER_FAILED_VERIFICATION) {
    // Of a name that is not the certificate's this says nothing.
    long verified = X509_V_OK;
    curl_easy_getinfo(easy_, CURLINFO_SSL_VERIFYRESULT, &verified);
    return verified == X509_V_OK ? Trouble::unknown : Trouble::untrusted;
  }
  // What speaks first in clear is no TLS; and what waits for TLS says nothing to who waits for a greeting.
  const bool is_smtps = options_.url.starts_with("smtps");
  if (is_smtps && result == CURLE_SSL_CONNECT_ERROR) return Trouble::other_port;
  const bool is_silent =
      answer_.empty() && (result == CURLE_OPERATION_TIMEDOUT || result == CURLE_WEIRD_SERVER_REPLY);
  curl_off_t connected = 0;
  curl_easy_getinfo(easy_, CURLINFO_CONNECT_TIME_T, &connected);
  return !is_smtps && is_silent && connected > 0 ? Trouble::other_port : Trouble::unknown;
}

}  // namespace stoa::smtp
