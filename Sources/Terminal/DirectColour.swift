import Glibc

/// Red, green and blue on terminals whose description knows only 256 colours.
///
/// COLORTERM says that the terminal takes them, but ncurses looks at its description alone. So the
/// user's own description is read, given direct colours, and handed to `newterm` in the variable
/// TERMINFO as hexadecimal digits (ncurses(3X), "TERMINFO"): no file, no other program.
enum DirectColour {
  /// The most bytes of a description.
  private static let sizeLimit = 32_768

  /// Makes the terminal's description one with direct colours for the next `newterm`.
  ///
  /// Where the description is not found or not understood nothing changes.
  /// - Returns: What puts the environment back.
  static func prepare(if isWanted: Bool) -> () -> Void {
    guard isWanted, let term = Environment.process["TERM"], !term.contains("/"),
      let bytes = description(of: term), var terminfo = Terminfo(bytes)
    else { return {} }
    terminfo.makeDirect()
    let before = Environment.process["TERMINFO"]
    setenv("TERMINFO", "hex:" + hex(terminfo.compiled), 1)
    return {
      if let before { setenv("TERMINFO", before, 1) } else { unsetenv("TERMINFO") }
    }
  }

  /// The compiled description from the first directory that has one.
  private static func description(of term: String) -> [UInt8]? {
    guard let first = term.utf8.first else { return nil }
    for directory in directories {
      let letter = String(decoding: [first], as: UTF8.self)
      for folder in [letter, String(first, radix: 16)] {
        if let bytes = contents(of: "\(directory)/\(folder)/\(term)") { return bytes }
      }
    }
    return nil
  }

  /// Where ncurses looks, in its order.
  private static var directories: [String] {
    let environment = Environment.process
    let own = [environment["TERMINFO"], environment["HOME"].map { $0 + "/.terminfo" }]
    let listed = environment["TERMINFO_DIRS", default: ""].split(separator: ":").map(String.init)
    return own.compactMap { $0 } + listed
      + ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo"]
  }

  private static func contents(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: sizeLimit)
    let count = read(descriptor, &bytes, bytes.count)
    return count > 0 && count < sizeLimit ? Array(bytes.prefix(count)) : nil
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
