import Foundation
import Testing

/// A terminal emulator that others wrote, where one lies beside the project: what it makes of the
/// bytes that a program sent must be what ours makes of them.
final class OutsideScreen: Sendable {
  /// The emulator; `nil` where there is none, and then the tests' own stands alone.
  static let shared: OutsideScreen? = {
    let cases =
      ProcessInfo.processInfo.environment["COFFER_CONFORMANCE"] ?? "../shared/conformance"
    let tool = URL(filePath: cases).deletingLastPathComponent()
      .appending(path: "tools/tui_bench.py").path
    guard access(tool, R_OK) == 0, let python = Programs.system("python3") else { return nil }
    return OutsideScreen(python: python, tool: tool)
  }()

  private let python: String
  private let tool: String

  private init(python: String, tool: String) {
    self.python = python
    self.tool = tool
  }

  /// Compares the screens after everything that was sent so far.
  func check(_ pty: Pty, _ name: String) {
    guard let home = try? Home(), let lines = try? shown(pty.history, in: home) else {
      Issue.record("\(name): the emulator beside the project does not run")
      return
    }
    for (row, ours) in pty.screen.lines.enumerated() {
      let theirs = row < lines.count ? lines[row] : ""
      let isEqual = OutsideScreen.trimmed(ours) == OutsideScreen.trimmed(theirs)
      #expect(isEqual, "\(name), row \(row):\n\(ours)\n\(theirs)")
    }
  }

  private static func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }

  private func shown(_ history: [Pty.Moment], in home: Home) throws -> [String] {
    var script = ""
    for moment in history {
      switch moment {
      case .size(let columns, let rows): script += "size \(columns) \(rows)\n"
      case .bytes(let bytes): script += "feed \(Data(bytes).base64EncodedString())\n"
      }
    }
    try home.write("streams/outside.in", script)
    try home.write("outside.py", OutsideScreen.driver)
    let output = home("streams/outside.out")
    let child = try Child(
      [python, home("outside.py"), tool], environment: home.environment(),
      input: home("streams/outside.in"), output: output, errors: home("streams/outside.err"))
    try #require(child.wait() == 0)
    return String(decoding: Proc.bytes(of: output), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  private static let driver = """
    import base64, importlib.util, sys
    place = importlib.util.spec_from_file_location("tui_bench", sys.argv[1])
    bench = importlib.util.module_from_spec(place)
    sys.modules["tui_bench"] = bench
    place.loader.exec_module(bench)
    screen = None
    for line in sys.stdin:
        words = line.split()
        if words[0] == "size":
            size = int(words[1]), int(words[2])
            if screen is None:
                screen = bench.Screen(*size)
            else:
                screen.resize(*size)
        else:
            screen.feed(base64.b64decode(words[1]))
    sys.stdout.reconfigure(encoding="utf-8")
    for row in range(screen.rows):
        print(screen.line(row))

    """
}
