import Glibc

extension Terminal {
  /// The most bytes of base64 that terminals take (xterm and others stop at about 75 kB).
  private static let copyLimit = 74_994

  /// Puts a text of ours into the clipboard.
  ///
  /// Outside tmux by OSC 52 (XTerm Control Sequences, "Operating System Commands",
  /// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html); inside it through `tmux load-buffer
  /// -w -`, since tmux swallows OSC 52 by default.
  ///
  /// - Parameter text: One or more lines.
  /// - Returns: Whether it was handed over; a longer text than terminals take is not.
  @discardableResult
  public func copy(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    if getenv("TMUX") != nil { return Terminal.giveToTmux(bytes) }
    let code = Terminal.base64(bytes)
    guard code.count <= Terminal.copyLimit else { return false }
    let sequence = Array("\u{1B}]52;c;".utf8) + code + [0x07]
    var sent = 0
    while sent < sequence.count {
      let count = sequence[sent...].withUnsafeBytes {
        write(STDOUT_FILENO, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  private static func giveToTmux(_ bytes: [UInt8]) -> Bool {
    guard let pipe = popen("tmux load-buffer -w - 2>/dev/null", "w") else { return false }
    let count = fwrite(bytes, 1, bytes.count, pipe)
    return pclose(pipe) == 0 && count == bytes.count
  }

  /// Base64 (RFC 4648, section 4).
  static func base64(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var code: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = (0..<3).map { start + $0 < bytes.count ? Int(bytes[start + $0]) : 0 }
      let bits = group[0] << 16 | group[1] << 8 | group[2]
      let given = min(3, bytes.count - start)
      for place in 0..<4 {
        code.append(place <= given ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return code
  }
}
