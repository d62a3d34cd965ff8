import CPosix
import Glibc
import Link
import Wire

/// The first start, when there is no vault yet: makes one, or shows the demonstration.
///
/// It asks in lines, before the full screen: what is typed is a choice or a currency. The passphrase is
/// asked for by `coffer init`, which shows the recovery code.
struct FirstRun {
  /// What the user wants.
  enum Choice {
    /// There is a vault now.
    case vault
    case demo
    case leave
  }

  private let place: EnginePlace

  init(_ place: EnginePlace) { self.place = place }

  /// Whether somebody is there to be asked.
  static var canAsk: Bool { isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0 }

  /// Asks what is to be done first, and does it.
  ///
  /// - Throws: A refusal where a vault cannot be made.
  func ask() throws(Refusal) -> Choice {
    say(
      """
      Coffer keeps portfolios in an encrypted vault on this computer. There is none yet at
      \(place.vault)

        1  make a vault
        2  look around first: made-up accounts at simulated venues, nothing is kept
        q  leave

      """)
    while true {
      guard let answer = line("Which? [1] ") else { return .leave }
      switch answer.lowercased() {
      case "", "1", "y", "yes":
        try makeVault()
        return .vault
      case "2", "demo": return .demo
      case "q", "quit", "n", "no": return .leave
      default: say("Type 1, 2 or q.")
      }
    }
  }

  private func makeVault() throws(Refusal) {
    say("")
    while true {
      let currency = try answer("The currency that values are shown in [USD] ").uppercased()
      let code = currency.isEmpty ? "USD" : currency
      if code.utf8.count < 3 || code.utf8.count > 5
        || !code.utf8.allSatisfy({ (65...90).contains($0) })
      {
        say("A currency has a code of three letters, as EUR.")
        continue
      }
      let status = run(["init", "--vault", place.vault, "--currency", code])
      if status == 0 { break }
      if access(place.vault, F_OK) == 0 { break }
      guard status >= 0, status < 128 else {
        throw Refusal(
          .system,
          "the vault could not be made: \(status < 0 ? systemText(-status) : "it was stopped")",
          advice: "Try: coffer init")
      }
    }
    say("")
    while try answer("Have you written the recovery code down? Type yes: ").lowercased() != "yes" {
      say("Without it a lost passphrase cannot be replaced, and it is not shown again.")
    }
    say(
      """

      Next comes the full screen, which asks for the passphrase. In it:
        :connect VENUE     follow an account at an exchange (it asks for a key that may only read)
        :watch ADDRESS     watch a wallet by address or extended public key
        :import FILE       read an export of an exchange or of another program
        ?                  all keys and commands      T  themes      :q  leave

      """)
    _ = try answer("Press Enter. ")
  }

  // MARK: - Lines

  /// An answer; the end of input leaves.
  private func answer(_ question: String) throws(Refusal) -> String {
    guard let text = line(question) else {
      throw Refusal(.cancelled, "the input ended", advice: "Go on with: coffer")
    }
    return text
  }

  private func line(_ question: String) -> String? {
    put(question)
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      let count = read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1 else {
        put("\n")
        return nil
      }
      if byte == 10 || byte == 13 { break }
      if bytes.count < 200 { bytes.append(byte) }
    }
    let text = String(decoding: bytes.filter { $0 > 32 && $0 < 127 }, as: UTF8.self)
    return text
  }

  private func say(_ text: String) { put(text + "\n") }

  private func put(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(STDOUT_FILENO, bytes, bytes.count)
  }

  private func run(_ arguments: [String]) -> Int32 {
    var pointers = ([EngineStart.program] + arguments).map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return posix_run_to_end(EngineStart.program, &pointers)
  }
}
