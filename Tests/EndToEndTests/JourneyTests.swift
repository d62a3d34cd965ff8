import Foundation
import Glibc
import Testing

/// Ways through the program, each a script of keys in `Journeys/`.
@Suite(.serialized) struct JourneyTests {
  static let journeys = Journey.all(
    in: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Journeys"))

  @Test func `there are journeys enough, and each says first where it begins`() {
    #expect(JourneyTests.journeys.count >= 25)
    for journey in JourneyTests.journeys {
      #expect(["demo", "own-demo", "vault"].contains(journey.start.place), "\(journey.name)")
    }
  }

  @Test func `journeys of several clients of one demonstration see what they must`() throws {
    let host = try DemoHost()
    for journey in JourneyTests.journeys where journey.start.place == "demo" {
      do {
        try walk(journey, host.home, [], host.environment(journey.start.variables))
      } catch {
        Issue.record("\(journey.name): \(error)")
      }
    }
    host.end()
  }

  @Test(arguments: journeys.filter { $0.start.place == "own-demo" })
  func `journeys of a demonstration of their own see what they must`(_ journey: Journey) throws {
    let home = try Home()
    try walk(journey, home, ["demo"], home.environment(journey.start.variables))
  }

  @Test(arguments: journeys.filter { $0.start.place == "vault" })
  func `journeys of a vault see what they must`(_ journey: Journey) throws {
    let home = try Home()
    try home.makeVault()
    let file = try home.write("kraken.csv", Export.kraken)
    _ = try home.answer("import", file, lines: [Home.passphrase])
    try home.unlock()
    try walk(journey, home, [], home.environment(journey.start.variables))
    try home.coffer("engine", "stop")
  }

  private func walk(
    _ journey: Journey, _ home: Home, _ first: [String], _ environment: [String]
  ) throws {
    var walk = try JourneyWalk(
      journey, home: home, [Programs.coffer] + first + journey.start.options,
      environment: environment)
    try walk.go()
  }
}

/// A demonstration in a terminal that nobody types in; other clients attach to its engine.
private final class DemoHost {
  let home: Home
  private let pty: Pty
  private let folder: String

  init() throws {
    home = try Home()
    pty = try Pty(
      [Programs.coffer, "demo"], environment: home.environment(), columns: 100, rows: 30)
    pty.wait(for: "NAV")
    pty.wait(for: "BTC")
    let name = try #require(Proc.names(in: home("tmp")).first)
    folder = home("tmp/\(name)")
    // Clients look for the socket in `coffer` beneath the runtime folder.
    try #require(symlink(folder + "/run", home("run/coffer")) == 0)
  }

  /// The environment of a client of it.
  func environment(_ more: [String]) -> [String] {
    // What it has sent meanwhile is read, or it would wait for its terminal.
    while pty.read(within: 0) {}
    return home.environment(["COFFER_VAULT=\(folder)/demo"] + more)
  }

  func end() {
    pty.type(":q\r")
    let status = pty.finish()
    #expect(status == 0, "the demonstration's own client")
  }
}
