#include <stoa/sniff/zip.hpp>

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace stoa::sniff {
namespace {

std::string number(std::uint64_t value, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += i < 8 ? static_cast<char>(value >> (8 * i)) : 0;
  return out;
}

using Entries = std::vector<std::pair<std::string, std::string>>;

// A ZIP whose entries are stored as they are.
std::string zip(const Entries& entries, const std::string& comment = {}) {
  std::string files, directory;
  for (const auto& [name, content] : entries) {
    const std::string sizes = number(0, 4) + number(content.size(), 4) + number(content.size(), 4) +
                              number(name.size(), 2) + number(0, 2);
    directory += "PK\x01\x02" + number(20, 2) + number(20, 2) + number(0, 8) + sizes +
                 number(0, 10) + number(0, 4) + name;
    files += "PK\x03\x04" + number(20, 2) + number(0, 8) + sizes + name + content;
  }
  return files + directory + "PK\x05\x06" + number(0, 4) + number(entries.size(), 2) +
         number(entries.size(), 2) + number(directory.size(), 4) + number(files.size(), 4) +
         number(comment.size(), 2) + comment;
}

std::string zip_of(const std::string& file) {
  const std::string tail = file.substr(file.size() - std::min(file.size(), kZipTail));
  const auto found = find_zip_directory(tail, file.size());
  if (!found) return "none";
  return zip_type(std::string_view(file).substr(found->offset, found->size), file).value_or("none");
}

constexpr char kWord[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

TEST(Zip, DocumentsAreToldByTheNamesInTheirDirectory) {
  EXPECT_EQ(zip_of(zip({{"a.txt", "a"}})), "application/zip");
  EXPECT_EQ(zip_of(zip({{"[Content_Types].xml", ""}, {"word/document.xml", ""}})), kWord);
  EXPECT_EQ(zip_of(zip({{"[Content_Types].xml", ""}, {"xl/workbook.xml", ""}})),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
  EXPECT_EQ(
      zip_of(zip({{"mimetype", "application/vnd.oasis.opendocument.text"}, {"content.xml", ""}})),
      "application/vnd.oasis.opendocument.text");
}

TEST(Zip, ADocumentBehindABigEntryIsFound) {
  EXPECT_EQ(zip_of(zip({{"word/media/film.mp4", std::string(3'000'000, 'x')},
                        {"[Content_Types].xml", ""},
                        {"word/document.xml", ""}})),
            kWord);
}

TEST(Zip, WhatRunsIsNoDocument) {
  EXPECT_EQ(zip_of(zip({{"META-INF/MANIFEST.MF", ""}, {"A.class", ""}})),
            "application/java-archive");
  EXPECT_EQ(
      zip_of(zip(
          {{"[Content_Types].xml", ""}, {"word/document.xml", ""}, {"word/vbaProject.bin", ""}})),
      "application/vnd.ms-office.macroEnabled");
  EXPECT_EQ(zip_of(zip({{"mimetype", "text/html"}, {"content.xml", ""}})), "application/zip");
}

TEST(Zip, ACommentMayHoldAnotherEnd) {
  const std::string inner = zip({{"word/document.xml", ""}, {"[Content_Types].xml", ""}});
  EXPECT_EQ(zip_of(zip({{"a.txt", "a"}}, inner + "more")), "application/zip");
}

TEST(Zip, WhatIsBrokenIsNone) {
  const std::string whole = zip({{"a.txt", "a"}, {"b.txt", "b"}});
  EXPECT_EQ(zip_of(whole.substr(0, whole.size() - 1)), "none");
  EXPECT_EQ(zip_of("PK"), "none");
  std::string beyond = whole;
  beyond.replace(beyond.size() - 6, 4, number(0xFFFFFFFF, 4));
  EXPECT_EQ(zip_of(beyond), "none");
  std::string cut = whole;
  cut.replace(cut.size() - 10, 4, number(50, 4));
  EXPECT_EQ(zip_of(cut), "none");
  for (std::size_t i = 0; i < whole.size(); ++i) {  // nothing is read that is not there
    std::string odd = whole;
    odd[i] = static_cast<char>(0xFF);
    zip_of(odd);
  }
}

}  // namespace
}  // namespace stoa::sniff
