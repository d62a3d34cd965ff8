import Conformance
import Foundation
import TestSupport
import Testing
import VenueKit
import Venues

enum Cases {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
  /// Our own cases: a few of each venue, their sources beside them.
  static let own = root.appending(path: "Fixtures")
}

@Suite struct VenueConformance {
  @Test func `our own cases of every venue pass`() throws {
    let result = VenueSuite(folder: Cases.own).run()
    let reason = result.reason
    #expect(reason == "")
    let (passed, failures) = (result.count(.passed), result.failures)
    #expect(passed > 0)
    #expect(failures == "")
  }

  @Test(
    .enabled(if: OutsideCases.areThere, "no outside cases beside the package: they were not run"))
  func `the outside cases pass, but for those we give reasons for`() async {
    let result = await apart { Conformance.run("venues", in: OutsideCases.folder) }
    let reason = result.reason
    #expect(reason == "")
    let failed = result.cases.filter { $0.verdict == .failed }
    let unexplained = failed.filter { Disagreements.reasons[$0.name] == nil }
    let words = unexplained.prefix(40).map { "\($0.name): \($0.reasons)" }
    #expect(words == [])
    let settled = result.cases.filter {
      $0.verdict == .passed && Disagreements.reasons[$0.name] != nil
    }.map(\.name)
    #expect(settled == [])
  }
}

@Suite struct VenueList {
  @Test func `ids are lower-case letters and digits, each once and in order`() {
    let ids = Venue.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(ids == ids.sorted())
    #expect(ids.allSatisfy { $0.allSatisfy { $0.isLowercase || $0.isNumber } })
  }

  @Test func `at least 47 exchanges are followed: balances, history and prices`() {
    let followed = Venue.all.filter(\.isFollowed)
    #expect(followed.count >= 47, "\(followed.count): \(followed.map(\.id))")
  }

  @Test(arguments: Venue.all.map(\.id))
  func `a venue names its documents, limits and surfaces over TLS`(id: String) throws {
    let venue = try #require(Venue.named(id))
    #expect(!venue.documents.isEmpty)
    #expect(venue.documents.allSatisfy { $0.hasPrefix("https://") })
    #expect(!venue.limits.buckets.isEmpty)
    #expect(!venue.surfaces.isEmpty)
    for surface in venue.surfaces {
      #expect(surface.base.hasPrefix("https://") && !surface.base.hasSuffix("/"), "\(surface.name)")
      #expect(surface.prefix.hasPrefix("/"), "\(surface.name)")
    }
  }

  @Test(arguments: Venue.all.map(\.id))
  func `every venue has cases of our own`(id: String) {
    let file = Cases.own.appending(path: "\(id)/\(id).json")
    #expect(FileManager.default.fileExists(atPath: file.path()), "\(file.path())")
  }

  @Test func `every file of a venue is in the list`() throws {
    let folder = Cases.root.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Sources/Venues")
    var declared: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path())
    where name.hasSuffix(".swift") && name != "Venues.swift" {
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      for match in text.matches(of: #/public static let (\w+)(?:: Venue)? = /#) {
        declared.insert(String(match.1).lowercased())
      }
    }
    #expect(declared == Set(Venue.all.map(\.id)))
  }
}
