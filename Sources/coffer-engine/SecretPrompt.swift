import CPosix
import Glibc
import Wire

/// Asks for passphrases: at the terminal without echo, or from a descriptor, one a line.
struct SecretPrompt {
  private let descriptor: Int32?

  /// The longest passphrase, in bytes.
  static let longest = 1024

  init(descriptor: Int32?) {
    self.descriptor = descriptor
  }

  /// Whether there is a terminal to ask at.
  static var canAsk: Bool {
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard terminal >= 0 else { return false }
    close(terminal)
    return true
  }

  /// One passphrase.
  mutating func ask(_ question: String) throws -> [UInt8] {
    let secret =
      try descriptor.map { try SecretPrompt.line(of: $0) } ?? SecretPrompt.typed(question)
    if secret.isEmpty {
      throw CommandFailure(status: 64, "the passphrase is empty")
    }
    return secret
  }

  /// A field of a venue's key; empty where that is allowed.
  mutating func askField(_ question: String, _ mayBeEmpty: Bool) throws -> [UInt8] {
    let field =
      try descriptor.map { try SecretPrompt.line(of: $0, longest: SecretPrompt.longestField) }
      ?? SecretPrompt.typed(question, longest: SecretPrompt.longestField)
    if field.isEmpty && !mayBeEmpty {
      throw CommandFailure(
        status: 64, "nothing was given for: \(question.split(separator: ":").first ?? "")")
    }
    return field
  }

  /// The longest field of a key, in bytes: an RSA key of 4096 bits as PEM has 3,300.
  static let longestField = 8192

  /// A new passphrase, typed twice at a terminal.
  mutating func askNew(_ question: String) throws -> [UInt8] {
    let first = try ask(question)
    if descriptor == nil {
      let second = try SecretPrompt.typed("Again: ")
      if first != second { throw CommandFailure(status: 64, "the two passphrases differ") }
    }
    return first
  }

  /// Reads to the end of a line byte by byte, so that the next line stays for the next question.
  private static func line(
    of descriptor: Int32, longest: Int = SecretPrompt.longest
  ) throws -> [UInt8] {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while line.count <= longest {
      let count = read(descriptor, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      if count < 0 {
        throw CommandFailure(status: 64, "descriptor \(descriptor) cannot be read")
      }
      if count == 0 || byte == UInt8(ascii: "\n") { return line }
      line.append(byte)
    }
    throw CommandFailure(status: 64, "what was given is longer than \(longest) bytes")
  }

  private static func typed(
    _ question: String, longest: Int = SecretPrompt.longest
  ) throws -> [UInt8] {
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard terminal >= 0 else {
      throw CommandFailure(
        status: 64, "there is no terminal to ask at",
        advice: "Give the passphrase with --passphrase-descriptor 0 < file")
    }
    defer { close(terminal) }
    var shown = termios()
    tcgetattr(terminal, &shown)
    var hidden = shown
    hidden.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(terminal, TCSAFLUSH, &hidden)
    defer { tcsetattr(terminal, TCSAFLUSH, &shown) }
    write(terminal, question)
    let line = try line(of: terminal, longest: longest)
    write(terminal, "\n")
    return line
  }

  private static func write(_ descriptor: Int32, _ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(descriptor, bytes, bytes.count)
  }
}

/// Shows how far a long work has come, on standard error and only where that is a terminal.
struct ProgressLine {
  private var isShown = false

  mutating func show(_ progress: Progress) {
    guard isatty(2) != 0 else { return }
    let share = progress.total > 0 ? "\(progress.done * 100 / progress.total) %, " : ""
    let text = "\r\u{1B}[K\(cleaned(progress.stage)): \(share)\(progress.done) \(progress.unit)"
    ProgressLine.write(text)
    isShown = true
  }

  mutating func clear() {
    if isShown { ProgressLine.write("\r\u{1B}[K") }
    isShown = false
  }

  private static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}
