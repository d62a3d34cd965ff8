import Glibc

extension Terminal {
  /// The sequences by which terminals let the desktop show something.
  enum NoticeForm: String {
    /// Nothing; the bell has rung.
    case none
    /// `OSC 9 ; text`: iTerm2 (https://iterm2.com/documentation-escape-codes.html), also taken by
    /// WezTerm and ConEmu.
    case osc9
    /// `OSC 777 ; notify ; title ; text`: rxvt-unicode, foot, Ghostty
    /// (https://codeberg.org/dnkl/foot/src/branch/master/doc/foot-ctlseqs.7.scd).
    case osc777
    /// `OSC 99`: kitty (https://sw.kovidgoyal.net/kitty/desktop-notifications/).
    case osc99

    /// What the terminal says of itself; inside tmux and screen nothing would come through.
    ///
    /// A wish decides where there is one: `off`, `osc9`, `osc777` or `osc99`.
    static func of(_ environment: Environment, wish: String?) -> NoticeForm {
      if let wish, wish != "auto" { return NoticeForm(rawValue: wish) ?? .none }
      if environment["TMUX"] != nil || environment["STY"] != nil { return .none }
      let term = environment["TERM", default: ""]
      let program = environment["TERM_PROGRAM", default: ""]
      if term.hasPrefix("xterm-kitty") { return .osc99 }
      if ["foot", "rxvt-unicode", "xterm-ghostty"].contains(where: { term.hasPrefix($0) }) {
        return .osc777
      }
      if program == "ghostty" { return .osc777 }
      return ["iTerm.app", "WezTerm"].contains(program) ? .osc9 : .none
    }

    /// The bytes of a notice; nothing of its texts can end the sequence or begin another.
    func bytes(title: String, text: String) -> [UInt8] {
      let (title, text) = (NoticeForm.harmless(title), NoticeForm.harmless(text))
      switch self {
      case .none: return []
      case .osc9: return Array("\u{1B}]9;\(title): \(text)\u{7}".utf8)
      case .osc777: return Array("\u{1B}]777;notify;\(title);\(text)\u{1B}\\".utf8)
      case .osc99:
        let parts = [("title", title, 0), ("body", text, 1)]
        return parts.flatMap { kind, words, isLast in
          Array("\u{1B}]99;i=coffer:e=1:d=\(isLast):p=\(kind);".utf8)
            + Terminal.base64(Array(words.utf8)) + Array("\u{1B}\\".utf8)
        }
      }
    }

    /// Printable characters only, without the `;` that parts arguments, and not many of them.
    static func harmless(_ text: String) -> String {
      var shown = ""
      for scalar in text.unicodeScalars.prefix(240) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
          .unassigned:
          shown.append(" ")
        default: shown.unicodeScalars.append(scalar == ";" ? "," : scalar)
        }
      }
      return shown
    }
  }

  /// Lets the desktop show something, where the terminal is known to pass it on.
  ///
  /// - Parameters:
  ///   - title: A few words.
  ///   - text: One line.
  public func notify(title: String, text: String) {
    guard canShow else { return }
    let bytes = NoticeForm.of(.process, wish: options.notices).bytes(title: title, text: text)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        write(STDOUT_FILENO, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      sent += count
    }
  }
}
