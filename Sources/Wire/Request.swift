/// Something the client asks the engine to do or to say, answered by one `Report` or one `Refusal`.
///
/// Arguments are texts by name, as on the command line; the engine checks them in one place. Secrets
/// stand apart, so that no log and no error can show them.
public struct Request: Hashable, Sendable, Wired {
  /// What is asked, for example `status` or `import`.
  public let verb: String
  /// The arguments by name.
  public let arguments: [String: String]
  /// Passphrases, in the order the verb wants them.
  public let secrets: [[UInt8]]

  /// Makes a request.
  public init(_ verb: String, _ arguments: [String: String] = [:], secrets: [[UInt8]] = []) {
    self.verb = verb
    self.arguments = arguments
    self.secrets = secrets
  }

  /// Appends the request.
  public func write(to writer: inout WireWriter) {
    writer.put(verb)
    writer.put(UInt64(arguments.count))
    for (name, value) in arguments.sorted(by: { $0.key < $1.key }) {
      writer.put(name)
      writer.put(value)
    }
    writer.put(UInt64(secrets.count))
    for secret in secrets { writer.put(secret) }
  }

  /// Reads a request.
  public init(from reader: inout WireReader) throws(WireFault) {
    verb = try reader.text()
    var arguments: [String: String] = [:]
    for _ in 0..<(try reader.count()) {
      let name = try reader.text()
      arguments[name] = try reader.text()
    }
    self.arguments = arguments
    var secrets: [[UInt8]] = []
    for _ in 0..<(try reader.count()) { secrets.append(try reader.data()) }
    self.secrets = secrets
  }
}

/// Why the engine does not do what was asked.
public struct Refusal: Error, Hashable, Sendable, Wired {
  /// The class of the refusal; it decides the exit status of a command.
  public enum Code: UInt8, Hashable, Sendable, CaseIterable {
    /// The arguments are wrong.
    case usage = 0
    /// The vault is locked.
    case locked = 1
    /// The passphrase or recovery code opens nothing.
    case wrongSecret = 2
    /// There is no such vault, account, asset, format or file.
    case notFound = 3
    /// A file or the vault is damaged, altered or older than it was.
    case damaged = 4
    /// The client or the file may not do this.
    case forbidden = 5
    /// Something else is going on that must end first.
    case busy = 6
    /// The system refused: disk full, no memory, a file that cannot be read.
    case system = 7
    /// The work was cancelled.
    case cancelled = 8
  }

  /// Which class it is.
  public let code: Code
  /// One sentence that says what is wrong, with the place.
  public let message: String
  /// One sentence that says what to do, or empty.
  public let advice: String

  /// Makes a refusal.
  public init(_ code: Code, _ message: String, advice: String = "") {
    self.code = code
    self.message = message
    self.advice = advice
  }

  /// Appends the refusal.
  public func write(to writer: inout WireWriter) {
    writer.put(byte: code.rawValue)
    writer.put(message)
    writer.put(advice)
  }

  /// Reads a refusal.
  public init(from reader: inout WireReader) throws(WireFault) {
    guard let code = Code(rawValue: try reader.byte()) else { throw .malformed }
    self.code = code
    message = try reader.text()
    advice = try reader.text()
  }
}
