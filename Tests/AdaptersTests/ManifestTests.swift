import Adapters
import Foundation
import Styles
import Testing
import VenueKit

@Suite struct Manifests {
  private func problem(_ manifest: String, mode: mode_t = 0o644) throws -> String {
    let place = try Place.child("rows(request, [])", manifest: manifest)
    defer { withExtendedLifetime(place) {} }
    #expect(chmod(place.url.appending(path: "adapter.toml").path, mode) == 0)
    return problem(at: place.path)
  }

  private func problem(at path: String) -> String {
    do throws(StyleProblem) {
      _ = try AdapterLibrary.adapter(at: path)
      return "none"
    } catch {
      return error.message
    }
  }

  @Test func `the sample's manifest gives its venue`() throws {
    let place = try Place.sample()
    defer { withExtendedLifetime(place) {} }
    let adapter = try AdapterLibrary.adapter(at: place.path)
    let venue = adapter.venue
    #expect(venue.id == "samplebank")
    #expect(venue.name == "Sample Bank")
    #expect(venue.documents == ["https://example.com/samplebank/api"])
    #expect(venue.unseen == ["loans", "the bank's savings plans"])
    #expect(venue.aliases == ["XBTC": "BTC"])
    #expect(
      venue.credentials == [
        CredentialField("key", "API key", isSecret: false), CredentialField("secret", "API secret"),
      ])
    #expect(venue.isFollowed)
    #expect(venue.feeds.fills.first?.paging == Paging(.cursor, most: 2))
    #expect(venue.feeds.deposits.first?.paging == Paging(.forward, most: 100, window: 7_776_000))
    #expect(venue.feeds.balances.first?.part == .spot)
    #expect(venue.limits.buckets.map(\.capacity) == [30])
    #expect(venue.limits.buckets.map(\.scope) == [.key])
    #expect(adapter.limits.answerSeconds == 20)
    #expect(venue.streams.isEmpty && venue.desk == nil)
  }

  @Test(arguments: [
    ("id = \"fake\"", "id = \"kraken\"", "'kraken' is a venue that Coffer reads itself"),
    ("id = \"fake\"", "id = \"Fake Bank\"", "id is a word of a-z and 0-9"),
    ("id = \"fake\"", "id = \"9fake\"", "id is a word of a-z and 0-9"),
    ("id = \"fake\"", "", "'id' is missing"),
    ("name = \"Fake\"", "name = 5", "'name' is a integer where a text is expected"),
    (
      "program = \"adapter\"", "program = \"../adapter\"",
      "program is the name of a file in the adapter's folder"
    ),
    (
      "program = \"adapter\"", "program = \"/bin/sh\"",
      "program is the name of a file in the adapter's folder"
    ),
    ("program = \"adapter\"", "program = \"other\"", "cannot be found: No such file or directory"),
    ("program = \"adapter\"", "program = \"adapter.toml\"", "cannot be run (remedy: chmod u+x)"),
    ("name = \"Fake\"", "name = \"Fake\"\ncolour = \"red\"", "'colour' is not known here"),
    ("\"single\"", "\"sometimes\"", "'sometimes' is no way of paging"),
    ("\"single\"", "\"cursor\"", "balances has no pages: \"single\""),
    ("\"single\"", "\"single | part pocket\"", "'pocket' is no part of an account"),
    ("\"single\"", "\"single | most 0\"", "'most 0' is not known here"),
    ("balances = \"single\"", "fills = \"single\"", "fills needs markets"),
    (
      "balances = \"single\"", "deposits = \"forward\"",
      "forward needs the size of a page: most"
    ),
    ("balances = \"single\"", "", "[feeds] names none"),
    ("balances = \"single\"", "orders = \"single\"", "'orders' is not known here"),
    (
      "answer-seconds = \"60\"", "answer-seconds = \"3600\"",
      "answer-seconds is a number from 1 to 150, in quotes"
    ),
    ("answer-seconds = \"60\"", "threads = \"maybe\"", "threads is \"yes\" or \"no\""),
    (
      "secret = \"API secret\"", "secret = \"API secret | hidden\"",
      "'hidden' is neither shown nor optional"
    ),
    (
      "[process]", "[environment]\nLD_PRELOAD = \"/tmp/x.so\"\n[process]",
      "'LD_PRELOAD' is no variable that may be set"
    ),
    (
      "[process]", "[extra]\n[process]",
      "there is no table [extra]: only aliases, credentials, environment, feeds, limits, process"
    ),
  ])
  func `a manifest that is wrong says where`(old: String, new: String, expected: String) throws {
    let text = Place.manifest
    #expect(text.contains(old))
    let found = try problem(text.replacing(old, with: new))
    #expect(found == expected)
  }

  @Test func `what others may write is not run`() throws {
    let shared = "may be written by others (remedy: chmod go-w)"
    let byGroup = try problem(Place.manifest, mode: 0o664)
    let byAll = try problem(Place.manifest, mode: 0o646)
    #expect(byGroup == shared)
    #expect(byAll == shared)
    let place = try Place.child("rows(request, [])")
    defer { withExtendedLifetime(place) {} }
    #expect(problem(at: place.path) == "none")
    #expect(chmod(place.url.appending(path: "adapter").path, 0o777) == 0)
    #expect(problem(at: place.path) == shared)
    #expect(chmod(place.url.appending(path: "adapter").path, 0o755) == 0)
    try place.write("helper.py", "", 0o666)
    #expect(problem(at: place.path) == shared)
    #expect(chmod(place.url.appending(path: "helper.py").path, 0o644) == 0)
    #expect(problem(at: place.path) == "none")
    #expect(chmod(place.path, 0o777) == 0)
    #expect(problem(at: place.path) == shared)
    #expect(chmod(place.path, 0o1777) == 0)
    #expect(problem(at: place.path) == shared)
  }

  @Test func `a folder that others may replace is not trusted`() throws {
    let shared = "may be written by others (remedy: chmod go-w)"
    let outer = try Place()
    let inner = try outer.makeFolder("inner")
    let source = try Place.child("rows(request, [])")
    for name in ["adapter.toml", "adapter"] {
      try FileManager.default.copyItem(atPath: "\(source.path)/\(name)", toPath: "\(inner)/\(name)")
    }
    #expect(problem(at: inner) == "none")
    #expect(chmod(outer.path, 0o777) == 0)
    #expect(problem(at: inner) == shared)
    // As in /tmp: others may add files, not replace ours.
    #expect(chmod(outer.path, 0o1777) == 0)
    #expect(problem(at: inner) == "none")
  }

  @Test func `a link in the folder is refused, a link to the folder is followed`() throws {
    let place = try Place.child("rows(request, [])")
    defer { withExtendedLifetime(place) {} }
    let outer = try Place()
    let link = outer.url.appending(path: "linked").path
    #expect(symlink(place.path, link) == 0)
    #expect(problem(at: link) == "none")
    #expect(symlink("/bin/sh", place.url.appending(path: "sh").path) == 0)
    #expect(problem(at: link) == "is a symbolic link; an adapter has its own files")
  }

  @Test func `a library lists what is right and what is wrong, and ids once`() throws {
    let outer = try Place()
    let source = try Place.child("rows(request, [])")
    for folder in ["a", "b", "c"] {
      let inner = try outer.makeFolder(folder)
      for name in ["adapter.toml", "adapter"] {
        try FileManager.default.copyItem(
          atPath: "\(source.path)/\(name)", toPath: "\(inner)/\(name)")
      }
    }
    try outer.write("c/adapter.toml", "id = \"kraken\"")
    _ = try outer.makeFolder("no-adapter")
    let library = AdapterLibrary { $0 == "COFFER_ADAPTERS" ? outer.path : nil }
    #expect(library.adapters.map(\.manifest.id) == ["fake"])
    let problems = library.found.map { found -> String in
      guard case .failure(let problem) = found.adapter else { return "" }
      return problem.message
    }
    #expect(
      problems == [
        "", "there is an adapter 'fake' already", "'kraken' is a venue that Coffer reads itself",
      ])
    #expect(library.catalogue.named("fake")?.name == "Fake")
    #expect(library.catalogue.named("kraken")?.name == "Kraken")
  }
}
