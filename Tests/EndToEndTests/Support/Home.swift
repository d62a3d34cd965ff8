import Cipher
import Foundation
import Glibc
import Ledger
import Link
import Testing
import Vault
import Wire

/// A user's home of one test's own: vault, sockets, logs; everything in it ends with the test.
final class Home {
  static let passphrase = "correct horse battery"

  let path: String
  let vault: String
  let place: EnginePlace
  private(set) var recoveryCode = ""
  private var runs = 0

  init() throws {
    var template = Array("/tmp/coffer-e2e-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    vault = path + "/vault"
    place = EnginePlace(
      vault: vault, runtimeFolder: path + "/run/coffer", stateFolder: path + "/state/coffer")
    for name in ["home", "run", "state", "data", "tmp", "streams"] {
      try #require(mkdir("\(path)/\(name)", 0o700) == 0)
    }
  }

  deinit {
    for process in Proc.processes(with: path) {
      kill(process, SIGKILL)
      _ = hasEnded(process, within: 5_000)
    }
    chmod(vault, 0o700)
    try? FileManager.default.removeItem(atPath: path)
  }

  /// A path in the home.
  func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// What programs in this home are started with.
  func environment(_ more: [String] = []) -> [String] {
    let names = Set(more.map { $0.prefix { $0 != "=" } })
    let usual = [
      "HOME=\(path)/home", "XDG_RUNTIME_DIR=\(path)/run", "XDG_STATE_HOME=\(path)/state",
      "XDG_DATA_HOME=\(path)/data", "TMPDIR=\(path)/tmp", "COFFER_VAULT=\(vault)",
      "PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LANG=C.UTF-8", "TERM=xterm-256color",
    ]
    return usual.filter { !names.contains($0.prefix { $0 != "=" }) } + more
  }
}

// MARK: - Doing

extension Home {
  /// Makes a vault whose secrets cost next to nothing to check; `coffer init` takes seconds for it.
  func makeVault(currency: String = "USD") throws {
    for folder in [place.stateFolder, place.anchors] { mkdir(folder, 0o700) }
    var options = Vault.Options(anchorFolder: place.anchors)
    options.cost = .forTests()
    var bytes = Array(Home.passphrase.utf8)
    let author = Attribution(uid: getuid(), user: "test", time: Instant(seconds: 1_700_000_000))
    let made = try Vault.create(
      at: vault, passphrase: try SecretBytes(consuming: &bytes), options: options, by: author)
    recoveryCode = made.recoveryCode.displayText
    try made.vault.set("currency", to: currency, by: author)
    try made.vault.close()
  }

  /// Runs a command of the command-line program to its end.
  ///
  /// `arguments` follow `coffer`; `lines` are passphrases for standard input; `wrapper` is a program
  /// that is to start ours; `variables` come after those of `environment`.
  @discardableResult
  func run(
    _ arguments: [String], lines: [String] = [], through wrapper: [String] = [],
    _ variables: [String] = [], place: SourceLocation = #_sourceLocation
  ) throws -> Finished {
    runs += 1
    let stem = "\(path)/streams/\(runs)"
    try write("streams/\(runs).in", lines.map { $0 + "\n" }.joined())
    let secrets = lines.isEmpty ? [] : ["--passphrase-descriptor", "0"]
    let child = try Child(
      wrapper + [Programs.coffer] + arguments + secrets, environment: environment(variables),
      input: stem + ".in", output: stem + ".out", errors: stem + ".err")
    let status = child.wait()
    if status == nil {
      Issue.record("coffer \(arguments) does not end", sourceLocation: place)
    }
    return Finished(
      status: status ?? -1, output: String(decoding: Proc.bytes(of: stem + ".out"), as: UTF8.self),
      errors: String(decoding: Proc.bytes(of: stem + ".err"), as: UTF8.self))
  }

  /// Runs a command that must succeed.
  @discardableResult
  func coffer(
    _ arguments: String..., lines: [String] = [], place: SourceLocation = #_sourceLocation
  ) throws -> Finished {
    let done = try run(arguments, lines: lines, place: place)
    #expect(
      done.status == 0, "coffer \(arguments): \(done.output)\(done.errors)", sourceLocation: place)
    return done
  }

  /// Runs a command with `--json` that must succeed, and reads its answer.
  @discardableResult
  func answer(
    _ arguments: String..., lines: [String] = [], place: SourceLocation = #_sourceLocation
  ) throws -> [String: Any] {
    let done = try run(arguments + ["--json"], lines: lines, place: place)
    #expect(
      done.status == 0, "coffer \(arguments): \(done.output)\(done.errors)", sourceLocation: place)
    return try done.json(place)
  }

  /// Starts the engine and opens the vault in it.
  @discardableResult
  func unlock(_ secret: String = Home.passphrase) throws -> EngineConnection {
    let connection = try start()
    _ = try connection.ask(Request("unlock", ["user": "test"], secrets: [Array(secret.utf8)]))
    return connection
  }

  /// Starts the engine, if none runs, and attaches.
  func start(through wrapper: [String] = []) throws -> EngineConnection {
    if let found = try EngineConnection.attach(to: place) { return found }
    #expect(try run(["engine", "start"], through: wrapper).status == 0)
    return try #require(try EngineConnection.attach(to: place))
  }

  @discardableResult
  func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
    let file = path + "/" + name
    try Data(text.utf8).write(to: URL(filePath: file))
    chmod(file, mode)
    return file
  }

  /// Copies a folder with its modes.
  func copy(_ from: String, to: String) throws {
    let copied = try Child(["/bin/cp", "-a", path + "/" + from, path + "/" + to], environment: [])
    try #require(copied.wait() == 0)
  }
}

extension EngineConnection {
  /// The engine's process, as the kernel names the peer.
  ///
  /// - Source: unix(7), SO_PEERCRED: process, user, group, 32 bits each; its number is 17.
  var peer: pid_t {
    var credentials: [Int32] = [0, 0, 0]
    var size = socklen_t(12)
    getsockopt(descriptor, SOL_SOCKET, 17, &credentials, &size)
    return credentials[0]
  }

  /// Asks the engine to end and waits until it has.
  func stop() throws {
    let engine = peer
    _ = try ask(Request("stop"))
    try #require(hasEnded(engine))
  }
}
