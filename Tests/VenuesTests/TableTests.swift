import Foundation
import Testing
import VenueKit
import Venues
import Wallets

/// The tables of venues and chains in README.md and man/coffer-venues.7, made from the values.
///
/// `UPDATE_TABLES=1 swift test --filter FreshTables` writes them anew.
@Suite(.serialized) struct FreshTables {
  static let root = Cases.root.deletingLastPathComponent().deletingLastPathComponent()
  static let updates = ProcessInfo.processInfo.environment["UPDATE_TABLES"] == "1"

  @Test(arguments: [
    ("README.md", "<!-- venues -->", "<!-- /venues -->", Tables.markdown),
    ("man/coffer-venues.7", ".\\\" venues", ".\\\" /venues", Tables.manual),
    ("man/coffer-venues.7", ".\\\" keys", ".\\\" /keys", Tables.keys),
    ("man/coffer-venues.7", ".\\\" unseen", ".\\\" /unseen", Tables.unseen),
    ("man/coffer-venues.7", ".\\\" chains", ".\\\" /chains", Tables.chains),
  ])
  func `a generated table is fresh`(
    file: String, start: String, end: String, expected: String
  ) throws {
    let url = FreshTables.root.appending(path: file)
    let text = try String(contentsOf: url, encoding: .utf8)
    let parts = text.split(separator: start + "\n", maxSplits: 1, omittingEmptySubsequences: false)
    #expect(parts.count == 2, "\(file) has no \(start)")
    let rest = parts.last?.split(
      separator: end + "\n", maxSplits: 1, omittingEmptySubsequences: false)
    let pieces = try #require(rest)
    #expect(pieces.count == 2, "\(file) has no \(end)")
    guard parts.count == 2, pieces.count == 2 else { return }
    if FreshTables.updates {
      let fresh = "\(parts[0])\(start)\n\(expected)\(end)\n\(pieces[1])"
      try Data(fresh.utf8).write(to: url)
    } else {
      #expect(String(pieces[0]) == expected, "write it anew with UPDATE_TABLES=1")
    }
  }
}

enum Tables {
  /// Columns as they are headed.
  static let columns: [(capability: Capability, head: String)] = [
    (.balances, "balances"), (.fills, "fills"), (.transfers, "transfers"),
    (.statement, "statement"), (.positions, "positions"), (.orders, "orders"),
    (.markets, "markets"), (.prices, "prices"), (.candles, "candles"), (.books, "books"),
    (.streams, "streams"), (.trading, "trading"),
  ]

  private static func letter(_ evidence: Evidence?) -> String {
    switch evidence {
    case nil: ""
    case .documented: "d"
    case .recorded: "r"
    case .usedLive: "L"
    }
  }

  /// The table of README.md.
  static var markdown: String {
    let followed = Venue.all.count(where: \.isFollowed)
    var text = """
      \(Venue.all.count) exchanges, of which \(followed) can be followed: balances, history and \
      prices. d: written after the venue's documents; r: tried on recorded answers; L: used with a \
      real account.

      | exchange | \(columns.map(\.head).joined(separator: " | ")) |
      |---|\(columns.map { _ in ":-:|" }.joined())

      """
    for venue in Venue.all {
      let cells = columns.map { letter(venue.evidence(of: $0.capability)) }
      text += "| \(venue.name) | \(cells.joined(separator: " | ")) |\n"
    }
    return text
  }

  /// The table of the manual page.
  static var manual: String {
    var text = ".Bl -column \"coinbaseexchange\"" + columns.map { _ in " \"bb\"" }.joined() + "\n"
    text += ".It Em exchange" + columns.map { " Ta Em " + $0.head.prefix(2) }.joined() + "\n"
    for venue in Venue.all {
      let cells = columns.map { " Ta " + (letter(venue.evidence(of: $0.capability))) }
      text += ".It \(venue.id)\(cells.map { $0 == " Ta " ? " Ta \\-" : $0 }.joined())\n"
    }
    return text + ".El\n"
  }

  /// What is asked for where it is more or other than an API key, its secret and a passphrase.
  static var keys: String {
    let usual: Set<[String]> = [["key", "secret"], ["key", "secret", "passphrase"]]
    var text = ".Bl -tag -width Ds\n"
    for venue in Venue.all where !usual.contains(venue.credentials.map(\.name)) {
      text += ".It \(venue.name)\n"
      let labels = venue.credentials.map { $0.label + ($0.isOptional ? " (may be empty)" : "") }
      text += roff(labels.joined(separator: "; ") + (venue.session == nil ? "." : "; a login."))
      text += "\n"
    }
    return text + ".El\n"
  }

  /// What is not seen at which venue.
  static var unseen: String {
    var text = ".Bl -tag -width Ds\n"
    for venue in Venue.all where !venue.unseen.isEmpty {
      text += ".It \(venue.name)\n"
      for (index, sentence) in venue.unseen.enumerated() {
        text += roff(sentence) + (index == venue.unseen.count - 1 ? ".\n" : ";\n")
      }
    }
    return text + ".El\n"
  }

  /// Which chains are read, and whom they are asked of.
  static var chains: String {
    var text = ".Bl -column \"ethereum\\-classic\" \"multiversx\"\n"
    text += ".It Em chain Ta Em language Ta Em public server\n"
    var seen: Set<String> = []
    for server in ChainServer.all where !server.chain.hasSuffix("-testnet") {
      guard seen.insert(server.chain).inserted else { continue }
      text += ".It \(server.chain) Ta \(server.kind.rawValue) Ta \(roff(server.url))\n"
    }
    return text + ".El\n"
  }

  /// A text that roff shows as it is.
  private static func roff(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\e")
    let isControl = escaped.hasPrefix(".") || escaped.hasPrefix("'")
    return (isControl ? "\\&" : "") + escaped
  }
}
