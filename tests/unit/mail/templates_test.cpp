#include <stoa/core/config_types.hpp>
#include <stoa/mail/templates.hpp>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <stoa_mail_templates.hpp>
#include <unistd.h>

namespace stoa::mail {
namespace {

namespace fs = std::filesystem;

const std::vector<http::Asset> kFew = {
    {"frame.html", "<html lang=\"{{language}}\"><title>{{subject}}</title>{{content}}</html>"},
    {"en/hello.subject", "Hello from {{server}}\n"},
    {"en/hello.txt", "Open {{link}} now\n"},
    {"en/hello.html", "<a href=\"{{link}}\">x</a>"},
    {"de/hello.subject", "Hallo\n"},
    {"de/hello.txt", "Öffne {{link}}\n"},
    {"de/hello.html", "<p>{{link}}</p>"},
};
const Values kValues = {{"link", "https://x.example/?a=1&b=2"}, {"server", "Stoa"}};

class TemplatesTest : public testing::Test {
 protected:
  TemplatesTest()
      : folder(fs::path(testing::TempDir()) / ("stoa-templates-" + std::to_string(::getpid()))) {
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  ~TemplatesTest() override { fs::remove_all(folder); }

  void put(const std::string& path, const std::string& text) const {
    fs::create_directories((folder / path).parent_path());
    std::ofstream(folder / path) << text;
  }
  Templates load(const std::string& fallback = "en") const {
    return Templates(kFew, folder.string(), fallback);
  }
  std::string refusal(const std::string& fallback = "en") const {
    try {
      load(fallback);
      return "none";
    } catch (const ConfigError& error) {
      return error.what();
    }
  }

  const fs::path folder;
};

TEST_F(TemplatesTest, HaveTheirValuesFilledIn) {
  const auto mail = load().render("hello", "en", kValues);
  EXPECT_EQ(mail.subject, "Hello from Stoa");
  EXPECT_EQ(mail.text, "Open https://x.example/?a=1&b=2 now\n");
  EXPECT_EQ(mail.html,
            "<html lang=\"en\"><title>Hello from Stoa</title>"
            "<a href=\"https://x.example/?a=1&amp;b=2\">x</a></html>");
}

TEST_F(TemplatesTest, AValueIsOneLineAndTextInHtml) {
  const Values values = {{"link", "<script>\"x'\r\n{{server}}"},
                         {"server", "A\r\nBcc: x@y.example"}};
  const auto mail = load().render("hello", "en", values);
  EXPECT_EQ(mail.subject, "Hello from A  Bcc: x@y.example");
  EXPECT_EQ(mail.text, "Open <script>\"x'  {{server}} now\n");
  EXPECT_EQ(mail.html,
            "<html lang=\"en\"><title>Hello from A  Bcc: x@y.example</title>"
            "<a href=\"&lt;script&gt;&quot;x&#39;  {{server}}\">x</a></html>");
}

TEST_F(TemplatesTest, AreInThePersonsLanguageOrTheNearest) {
  const auto subject = [](const Templates& all, const char* locale) {
    return all.render("hello", locale, kValues).subject;
  };
  const Templates english = load();
  for (const char* locale : {"de", "de-AT", "de-Latn-AT"})
    EXPECT_EQ(subject(english, locale), "Hallo");
  for (const char* locale : {"en-GB", "fr", "", "-", "german"}) {
    EXPECT_EQ(subject(english, locale), "Hello from Stoa") << locale;
  }
  EXPECT_EQ(subject(load("de"), "fr"), "Hallo");
}

TEST_F(TemplatesTest, AFolderReplacesSingleFilesAndAddsLanguages) {
  put("en/hello.txt", "Ours: {{link}}, {{url}}");
  for (const char* part : {"subject", "txt", "html"})
    put(std::string("de-AT/hello.") + part, "Servus {{link}}");
  put(".git", "");
  put("en/.hello.txt.swp", "");
  Values values = kValues;
  values["url"] = "u";
  const Templates all = load();
  const auto english = all.render("hello", "en", values);
  EXPECT_EQ(english.text, "Ours: https://x.example/?a=1&b=2, u");
  EXPECT_EQ(english.subject, "Hello from Stoa");
  EXPECT_EQ(all.render("hello", "de-AT", values).text, "Servus https://x.example/?a=1&b=2");
  EXPECT_EQ(all.render("hello", "de", values).subject, "Hallo");
  EXPECT_EQ(all.languages("hello"), (std::vector<std::string>{"de", "de-AT", "en"}));
}

TEST_F(TemplatesTest, AMailThatHasALinkKeepsIt) {
  put("de/hello.html", "<p>Hallo</p>");
  EXPECT_EQ(refusal(), "mail.templates: de/hello.html has no {{link}}");
  put("de/hello.html", "<p>{{link}}</p>");
  put("en/hello.txt", "Hello {{server}}");
  EXPECT_EQ(refusal(), "mail.templates: en/hello.txt has no {{link}}");
}

TEST_F(TemplatesTest, AFolderReplacesTheFrameOfAll) {
  put("frame.html", "{{server}} & {{url}}: {{content}}!");
  Values values = kValues;
  values["server"] = "<A>";
  values["url"] = "u";
  EXPECT_EQ(load().render("hello", "de", values).html,
            "&lt;A&gt; & u: <p>https://x.example/?a=1&amp;b=2</p>!");
  put("frame.html", "{{content}} {{link}}");
  EXPECT_EQ(refusal(), "mail.templates: frame.html: there is no {{link}} here");
  put("frame.html", "<p>{{server}}</p>");
  EXPECT_EQ(refusal(), "mail.templates: frame.html has no {{content}}");
}

TEST_F(TemplatesTest, AValueThatTheMailDoesNotHaveStopsTheStart) {
  put("en/hello.html", "{{link}} {{password}}");
  EXPECT_EQ(refusal(), "mail.templates: en/hello.html: there is no {{password}} here");
  for (const char* text : {"{{link", "{{ link }}", "{{}}", "{{Link}}", "{{a{{link}}"}) {
    put("en/hello.html", text);
    EXPECT_EQ(refusal(), "mail.templates: en/hello.html: write values as in {{link}}") << text;
  }
  // What the frame alone has.
  put("en/hello.html", "{{content}}");
  EXPECT_EQ(refusal(), "mail.templates: en/hello.html: there is no {{content}} here");
}

TEST_F(TemplatesTest, AMissingPartStopsTheStart) {
  put("fr/hello.txt", "{{link}}");
  EXPECT_EQ(refusal(), "mail.templates: there is no fr/hello.subject");
  put("fr/hello.subject", "x");
  EXPECT_EQ(refusal(), "mail.templates: there is no fr/hello.html");
  put("fr/hello.html", "{{link}}");
  EXPECT_EQ(refusal(), "none");
  fs::remove(folder / "fr/hello.txt");
  EXPECT_EQ(refusal(), "mail.templates: there is no fr/hello.txt");
}

TEST_F(TemplatesTest, WhatReplacesNothingStopsTheStart) {
  for (const char* path :
       {"en/helo.txt", "en/hello.text", "hello.txt", "xx-nowhere-x/hello.txt", "readme"}) {
    put(path, "x");
    EXPECT_EQ(refusal(), std::string("mail.templates: ") + path +
                             " replaces no template; `stoa mail preview` lists them");
    fs::remove(folder / path);
    if (fs::path(path).has_parent_path() && !std::string(path).starts_with("en/"))
      fs::remove_all(folder / fs::path(path).parent_path());
  }
  put("en/hello.txt", "\xff");
  EXPECT_TRUE(refusal().ends_with("hello.txt is no UTF-8"));
  put("en/hello.txt", std::string(70'000, 'x'));
  EXPECT_TRUE(refusal().ends_with("hello.txt has more than 64 KiB"));
}

TEST_F(TemplatesTest, AFolderThatIsNotThereStopsTheStart) {
  fs::remove_all(folder);
  EXPECT_TRUE(refusal().starts_with("mail.templates: cannot read " + folder.string()));
}

TEST_F(TemplatesTest, AFallbackWithoutMailsStopsTheStart) {
  EXPECT_EQ(refusal("fr"), "mail.locale: there is no fr/hello.txt");
}

TEST_F(TemplatesTest, AMissingValueIsSaidAndNotSent) {
  const auto all = load();
  EXPECT_THROW(all.render("hello", "en", {{"server", "x"}}), std::invalid_argument);
  EXPECT_THROW(all.render("nothing", "en", kValues), std::invalid_argument);
}

// What the server ships: every mail in each of its languages, with the same values in all.
TEST(ShippedTemplates, SayTheSameInEveryLanguage) {
  const Templates all(stoa_mail_templates(), "", "en");
  for (const auto& name : all.names()) {
    EXPECT_EQ(all.languages(name), (std::vector<std::string>{"de", "en"})) << name;
    for (const char* language : {"de", "en"}) {
      Values values = {{"server", "<server>"}, {"url", "<url>"}};
      for (const auto& variable : all.variables(name)) values[variable] = "<" + variable + ">";
      const auto mail = all.render(name, language, values);
      EXPECT_FALSE(mail.subject.empty());
      for (const auto& variable : all.variables(name)) {
        EXPECT_NE(mail.text.find("<" + variable + ">"), std::string::npos) << name << language;
        EXPECT_NE(mail.html.find("&lt;" + variable + "&gt;"), std::string::npos)
            << name << language;
      }
    }
  }
}

}  // namespace
}  // namespace stoa::mail
