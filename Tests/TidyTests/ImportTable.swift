import Foundation
import Testing

/// The tree's own rules about who may use what, read from the sources.
enum Tree {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func files(under folder: String, ending: String = ".swift") -> [URL] {
    let base = root.appending(path: folder)
    guard let found = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil)
    else { return [] }
    return found.compactMap { $0 as? URL }.filter { $0.lastPathComponent.hasSuffix(ending) }
      .sorted { $0.path < $1.path }
  }

  /// The modules that each target's files import.
  private static let imports: [String: Set<String>] = {
    var imports: [String: Set<String>] = [:]
    for target in importTable.keys { imports[target] = read(importsOf: target) }
    return imports
  }()

  /// The modules that a target's files import.
  static func imports(of target: String) -> Set<String> { imports[target] ?? [] }

  private static func read(importsOf folder: String) -> Set<String> {
    var modules: Set<String> = []
    for file in files(under: "Sources/" + folder) {
      let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
      // Patterns are slow: only lines that may be an import are held against one.
      for line in text.split(separator: "\n") where line.contains("import ") {
        guard
          let match = line.wholeMatch(
            of:
              #/(?:@\w+ )*(?:public |internal |private |package )?import (?:struct |enum |class |func )?(\w+).*/#
          )
        else { continue }
        modules.insert(String(match.1))
      }
    }
    return modules
  }
}

/// Which modules each target may import: only from rows below its own.
let importTable: [String: Set<String>] = {
  let figures: Set = ["Amounts", "Ledger", "Prices", "Portfolio"]
  return [
    "Amounts": [],
    "Encodings": [],
    "Statistics": ["Glibc"],
    "Anomalies": ["Encodings", "Ledger", "Statistics"],
    "Risk": ["Amounts", "Ledger", "Prices", "Statistics", "CVector"],
    "Performance": ["Amounts", "Ledger", "Statistics"],
    "Rebalancing": ["Amounts", "Statistics"],
    "Alerts": ["Amounts", "Encodings", "Ledger"],
    "VenueKit": ["Amounts", "Encodings", "Ledger"],
    "Venues": ["Amounts", "Encodings", "Ledger", "VenueKit"],
    "Wallets": ["Amounts", "Encodings", "Ledger", "VenueKit"],
    "Sync": ["Amounts", "Encodings", "Ledger", "Statistics", "VenueKit"],
    "Transport": [
      "Amounts", "Encodings", "Ledger", "VenueKit", "CCurl", "CZlib", "NIOCore", "NIOPosix",
      "NIOHTTP1", "NIOWebSocket", "NIOSSL", "Glibc", "Synchronization", "FoundationEssentials",
      "CPosix", "Dispatch",
    ],
    "SimulatedVenues": [
      "Amounts", "Encodings", "Ledger", "VenueKit", "Simulator", "NIOCore", "NIOPosix",
      "NIOHTTP1", "NIOWebSocket", "NIOSSL", "NIOConcurrencyHelpers", "Glibc", "Synchronization",
      "FoundationEssentials",
    ],
    "Ledger": ["Amounts"],
    "Prices": ["Amounts", "Ledger", "DequeModule"],
    "Portfolio": ["Amounts", "Ledger", "Prices"],
    "Lots": ["Amounts", "Ledger", "Prices"],
    "Imports": ["Amounts", "Ledger", "DequeModule"],
    "Simulator": ["Amounts", "Ledger", "Prices", "Statistics", "Encodings", "VenueKit"],
    "Canvas": [],
    "Wire": figures,
    "Screens": figures.union(["Canvas", "Wire"]),
    "Cipher": [
      "Encodings", "CSecp256k1", "COpenSSL", "CPosix", "GRDBSQLite", "Glibc", "Synchronization",
      "FoundationEssentials",
    ],
    "Vault": figures.union([
      "Cipher", "CPosix", "GRDB", "GRDBSQLite", "Glibc", "Synchronization",
      "FoundationEssentials",
    ]),
    "Link": ["Wire", "CPosix", "Glibc"],
    "Terminal": ["Canvas", "CNcurses", "CPosix", "Glibc"],
    "Styles": ["Canvas", "TOMLKit", "Glibc"],
    "Engine": figures.union([
      "Lots", "Performance",
      "Imports", "Wire", "Link", "Cipher", "Vault", "Simulator", "Styles", "Zones", "CPosix",
      "Encodings", "VenueKit", "Venues", "Wallets", "Sync", "Transport", "SimulatedVenues",
      "Adapters", "Alerts", "Anomalies", "Risk", "Statistics",
      "Glibc", "Logging", "Synchronization", "Dispatch", "Foundation", "FoundationEssentials",
    ]),
    "Adapters": [
      "Encodings", "Ledger", "VenueKit", "Venues", "Canvas", "Styles", "CPosix", "Glibc",
      "Synchronization",
    ],
    "Zones": ["Ledger", "Lots", "Imports", "Foundation"],
    "Conformance": [
      "Amounts", "Encodings", "Ledger", "Lots", "Imports", "Zones", "VenueKit", "Venues", "Wallets",
      "Cipher", "Transport", "Statistics", "Risk", "Performance", "Rebalancing", "Anomalies",
      "Foundation",
    ],
    "coffer": [
      "Amounts", "Ledger", "Canvas", "Wire", "Link", "Screens", "Terminal", "Styles", "CPosix",
      "Glibc",
    ],
    "coffer-engine": figures.union([
      "Imports", "Canvas", "Screens", "Styles", "Wire", "Link", "Cipher", "Vault", "Engine",
      "Simulator", "VenueKit", "Venues", "Adapters", "Alerts", "CPosix", "Glibc", "ArgumentParser",
      "Logging", "FoundationEssentials", "Foundation",
    ]),
    "conformance-cli": ["Conformance", "ArgumentParser", "Glibc", "Foundation"],
    "bench": figures.union([
      "Imports", "Canvas", "Cipher", "Vault", "Engine", "Simulator", "Wire", "Link", "Lots",
      "ArgumentParser", "Statistics", "Performance", "Rebalancing",
      "GRDB", "GRDBSQLite", "BigInt", "Foundation", "Glibc", "CPosix", "Screens", "Styles",
      "Statistics", "Risk", "Anomalies",
    ]),
    "terminal-probe": ["Canvas", "Terminal", "Glibc", "CPosix"],
  ]
}()

@Suite struct ImportTable {
  @Test func `every target imports only what its row allows`() {
    for (target, allowed) in importTable {
      let extra = Tree.imports(of: target).subtracting(allowed)
      #expect(extra.isEmpty, "\(target) imports \(extra.sorted())")
    }
  }

  @Test func `every target stands in the table`() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: Tree.root.appending(path: "Sources").path)
    let targets = folders.filter {
      !Tree.files(under: "Sources/" + $0).isEmpty
    }
    #expect(Set(targets) == Set(importTable.keys))
  }

  @Test(arguments: [
    ("COpenSSL", "Cipher"), ("CNcurses", "Terminal"), ("TOMLKit", "Styles"),
    ("CCurl", "Transport"), ("CSecp256k1", "Cipher"), ("CZlib", "Transport"),
    ("CVector", "Risk"),
  ])
  func `one target imports each C or C++ library`(library: String, importer: String) {
    for target in importTable.keys where target != importer && target != "terminal-probe" {
      #expect(!Tree.imports(of: target).contains(library), "\(target) imports \(library)")
    }
  }

  @Test(arguments: ["Amounts", "Ledger", "Lots", "Vault", "Venues", "Wallets", "Encodings"])
  func `money is never a Double`(target: String) throws {
    for file in Tree.files(under: "Sources/" + target) {
      let lines = try String(contentsOf: file, encoding: .utf8)
        .split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated()
      where line.contains("Double") || line.contains("Float") {
        let code = line.split(separator: "//", omittingEmptySubsequences: false).first ?? ""
        let isStatistics =
          line.contains("var approximate: Double")
          || file.lastPathComponent == "Fixed+Approximate.swift"
        #expect(
          isStatistics || code.firstMatch(of: #/\b(Double|Float)\b/#) == nil,
          "\(file.lastPathComponent):\(index + 1)")
      }
    }
  }

  // A command without a name is named by its type's description, for which the runtime looks through
  // all conformances of the program: a third of the time that `coffer --version` took.
  @Test func `every command says its name`() throws {
    var commands = 0
    for file in Tree.files(under: "Sources/coffer-engine") {
      let parts = try String(contentsOf: file, encoding: .utf8)
        .components(separatedBy: "CommandConfiguration(").dropFirst()
      commands += parts.count
      for part in parts {
        let isNamed = part.prefix(80).contains("commandName: ")
        #expect(isNamed, "\(file.lastPathComponent): \(part.prefix(60))")
      }
    }
    #expect(commands > 80)
  }

  @Test func `nothing is forced, swallowed or left to do`() throws {
    // A word that is quick to look for, and the pattern that tells.
    let banned: [(word: String, pattern: Regex<Substring>)] = [
      ("fatalError", #/\bfatalError\(/#), ("try!", #/\btry!/#), ("catch {", #/catch \{\s*\}/#),
      ("TODO", #/\bTODO\b/#), ("FIXME", #/\bFIXME\b/#), ("Darwin", #/import Darwin/#),
    ]
    for file in Tree.files(under: "Sources") {
      let text = try String(contentsOf: file, encoding: .utf8)
      for (word, pattern) in banned where text.contains(word) {
        #expect(text.firstMatch(of: pattern) == nil, "\(file.lastPathComponent)")
      }
    }
  }
}
