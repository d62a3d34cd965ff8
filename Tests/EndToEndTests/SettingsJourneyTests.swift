import Foundation
import Glibc
import TestSupport
import Testing

/// Screens that share the terminal, and settings that outlive the program.
@Suite(.serialized) struct SettingsJourneyTests {
  /// What stands in the titles of frames: which screens show, and which one has the keys.
  private static func titles(_ pty: Pty) -> [String] {
    pty.screen.lines.flatMap { line in
      line.matches(of: #/[┏┌][━─] ([A-Z][^━─]*?) [━─]/#).map { String($0.0) }
    }
  }

  private func start(_ home: Home, _ columns: Int, _ arguments: [String] = []) throws -> Pty {
    let pty = try Pty(
      [Programs.coffer] + arguments, environment: home.environment(), columns: columns, rows: 36)
    pty.wait { $0.screen.lines[0].contains("NAV") }
    return pty
  }

  @Test func `split, resized, saved and started again, the screen is the same`() throws {
    let home = try Home()
    try home.makeVault()
    _ = try home.unlock()
    let file = home("home/.config/coffer/settings.toml")
    var pty = try start(home, 120)
    pty.type("2\u{17}v5")
    pty.wait { SettingsJourneyTests.titles($0).contains { $0.contains("Alerts") } }
    pty.type(":split ledger\r")
    pty.wait { SettingsJourneyTests.titles($0).contains { $0.contains("┏━ Ledger") } }
    pty.resize(columns: 70, rows: 36)
    pty.wait(for: "1 of 3 panes")
    pty.resize(columns: 120, rows: 36)
    pty.wait { !$0.screen.text.contains("1 of 3 panes") }
    pty.type(":set pnl.period year\r:layout save mine\r")
    pty.wait(for: "layouts.mine")
    pty.type(":w\r")
    pty.wait(for: "Kept in \(file)")
    let shown = SettingsJourneyTests.titles(pty)
    #expect(shown.count == 3)
    pty.type(":q\r")
    #expect(pty.finish() == 0)
    let kept = try String(contentsOfFile: file, encoding: .utf8)
    #expect(kept.contains("layout = \"mine\"\n"))
    #expect(kept.contains("mine = \"positions | (alerts / ledger)\"\n"))
    #expect(kept.contains("period = \"year\"\n"))
    var facts = stat()
    #expect(stat(file, &facts) == 0 && facts.st_mode & 0o777 == 0o600)

    pty = try start(home, 120)
    pty.wait { SettingsJourneyTests.titles($0) == shown }
    pty.type(":q\r")
    #expect(pty.finish() == 0)
    // An option goes before the file.
    pty = try start(home, 120, ["--screen", "risk"])
    pty.wait { $0.screen.lines[1].contains("[4 Risk]") }
    #expect(!SettingsJourneyTests.titles(pty).contains { $0.contains("Ledger") })
    pty.type(":q\r")
    #expect(pty.finish() == 0)
    try home.coffer("engine", "stop")
  }

  @Test
  func `a broken file is told with its place, keeps nothing from starting and is not touched`()
    throws
  {
    let home = try Home()
    try home.makeVault()
    _ = try home.unlock()
    let text = "theme = \"dark\"\nlayot = \"desk\"\nscreen = \"positions\"\n[pnl\n"
    try FileManager.default.createDirectory(
      atPath: home("home/.config/coffer"), withIntermediateDirectories: true)
    let file = home("home/.config/coffer/settings.toml")
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    let pty = try start(home, 160)
    pty.wait { $0.screen.lines[1].contains("[2 Positions]") }
    pty.type(":messages\r")
    pty.wait(for: "settings.toml:2:9: no setting is called 'layot' (did you mean 'layout'?)")
    pty.wait(for: "settings.toml:4:")
    // Escape right before a key would be Alt.
    pty.type("\u{1B}")
    pty.wait { !$0.screen.text.contains("Messages") }
    pty.type(":w\r")
    pty.wait(for: "nothing is written until this is mended")
    pty.type(":q\r")
    #expect(pty.finish() == 0)
    #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
    let told = try home.coffer("doctor").output
    #expect(told.contains("settings.toml:2:9"))
    try home.coffer("engine", "stop")
  }
}
