import Glibc
import Testing

/// A folder of its own for one test, gone when the test is.
final class Folder {
  let path: String

  init(_ files: [String: String] = [:]) throws {
    var template = Array("/tmp/coffer-styles-XXXXXX".utf8CString)
    path = String(cString: try #require(mkdtemp(&template)))
    for (name, text) in files { try write(name, Array(text.utf8)) }
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let file = try #require(fopen("\(path)/\(name)", "w"))
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }

  static func contents(of path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes.prefix(count))
  }

  deinit {
    guard let stream = opendir(path) else { return }
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { unlink("\(path)/\(name)") }
    }
    closedir(stream)
    rmdir(path)
  }
}

/// The folder of the package.
let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

/// The names that Screens gives to commands and contexts, as far as keymaps need them.
enum Known {
  static let commands: Set = [
    "screen", "row-down", "row-up", "page-down", "page-up", "half-page-down", "half-page-up",
    "first", "last", "open", "back", "filter", "clear-filter", "sort", "sort-next",
    "sort-previous", "sort-reverse", "find", "columns",
    "undo", "redo", "place",
    "jump", "record", "play", "match-next", "match-previous", "next-pane", "previous-pane",
    "command-line", "help",
    "pause",
    "refresh", "redraw", "privacy", "glyphs", "theme", "last-screen", "explain", "copy", "suspend",
    "lock", "quit", "quit-now", "column-next", "column-previous", "mark", "accept", "cancel",
    "complete", "history-previous", "history-next", "cursor-left", "cursor-right", "cursor-start",
    "cursor-end", "delete-before", "delete-after", "delete-word", "delete-line",
    "ack", "snooze", "mute-alert", "confirm-alert", "resolve-alert", "alert-rules", "alert-sinks",
    "period-shorter", "period-longer", "chart-next", "look", "group", "chart", "fold-groups",
    "split", "vsplit", "next-split", "previous-split", "close-pane", "only", "layout",
    "pane-grow", "pane-shrink", "breaks", "correlation", "zoom", "disconnect", "pause-account",
    "rekey", "resume-account",
  ]
  static let contexts: Set = [
    "overview", "positions", "ledger", "entry", "prompt", "help", "accounts",
    "risk", "heatmap", "pnl", "alerts",
  ]
}
