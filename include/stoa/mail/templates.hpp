#pragma once
// What mails say: for each mail and language three files of mail/, a subject, a text and an HTML of the same. `{{name}}` stands
// for a value; there are no conditions and no loops. A folder of the operator's replaces single files, and adds languages.
//
//   mail/de/reset_password.subject, .txt, .html
//
// All HTML stands in one frame, mail/frame.html, which is where looks are changed; `{{content}}` is where it stands.
//
// Immutable, safe on any thread.
#include <stoa/http/assets.hpp>

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::mail {

using Values = std::map<std::string, std::string>;

struct Rendered {
  std::string subject, text, html;
};

class Templates {
 public:
  // `folder`: the operator's, empty for none. `fallback`: the language of those whose own there is none in. Throws ConfigError
  // that names the file: of which there is no such mail, or not all three parts; a value that the mail does not have; no
  // {{link}} in a text or HTML of one that has a link; a frame without content.
  Templates(std::span<const http::Asset> shipped, const std::string& folder,
            const std::string& fallback);

  std::vector<std::string> names() const;
  std::vector<std::string> languages(const std::string& name) const;
  // The values that a mail has. Throws std::invalid_argument where there is no such mail.
  const std::set<std::string>& variables(const std::string& name) const;
  // Those that every mail has.
  static bool is_everywhere(const std::string& variable);

  // In the language of `locale`, of what it is a dialect of ("de-AT", "de"), or in the fallback. Values are one line each, and
  // text in HTML whatever they hold. Throws std::invalid_argument where there is no such mail, or a value is missing.
  Rendered render(const std::string& name, const std::string& locale, const Values& values) const;

 private:
  struct Piece {
    bool is_variable;
    std::string text;
  };
  using Part = std::vector<Piece>;
  struct Template {
    Part subject, text, html;
  };
  struct Mail {
    std::set<std::string> variables;
    std::map<std::string, Template> languages;
  };
  using ValueOf = std::function<std::string(const std::string& variable)>;
  using Files = std::map<std::string, std::string>;  // by path: "de/reset_password.txt"

  static Part parse(const std::string& file, const std::string& text);
  static Part parse_frame(const std::string& text);
  static std::string fill(const Part& part, const ValueOf& value_of);
  static Template template_of(const Files& files, const std::string& where);
  void add(const Files& files);
  const Mail& mail(const std::string& name) const;

  const std::string fallback_;
  Part frame_;
  std::map<std::string, Mail> mails_;
};

}  // namespace stoa::mail
