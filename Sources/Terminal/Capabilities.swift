import CNcurses

/// What the terminal's description says, asked after `setupterm` or `newterm`.
enum Capabilities {
  /// A string capability without padding; empty when the terminal has none.
  static func text(_ name: String) -> [UInt8] {
    var bytes = [CChar](repeating: 0, count: 128)
    let count = nc_capability(name, &bytes, bytes.count)
    return bytes.prefix(count).map { UInt8(bitPattern: $0) }
  }

  /// Whether colour numbers are red, green and blue in eight bits each.
  static var isDirect: Bool { nc_colors() >= 1 << 24 && tigetflag("RGB") > 0 }

  /// Everything off that we or ncurses may have switched on, the shell's screen back.
  static var rescueText: [UInt8] {
    let modes = "\u{1B}[?1000l\u{1B}[?1002l\u{1B}[?1006l\u{1B}[?2004l\u{1B}[?2026l"
    return Array(modes.utf8) + text("op") + text("sgr0") + text("cnorm") + text("rmcup") + [13]
  }
}
