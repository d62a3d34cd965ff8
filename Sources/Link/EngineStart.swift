import CPosix
import Glibc
public import Wire

/// How an engine is started.
public struct EngineStart: Sendable {
  /// The vault and its paths.
  public let place: EnginePlace
  /// Keep it off the network.
  public var isOffline = false
  /// Run the demonstration in this temporary folder.
  public var isDemo = false

  /// Makes a plan to start.
  public init(place: EnginePlace, isOffline: Bool = false, isDemo: Bool = false) {
    self.place = place
    self.isOffline = isOffline
    self.isDemo = isDemo
  }

  /// Starts the engine as a process of its own session and waits until it listens.
  ///
  /// The program is `coffer-engine`, beside the running one. It says that it is ready, or what is
  /// wrong, over a pipe.
  ///
  /// - Throws: A refusal with the engine's own sentence, or with what the system said.
  public func run() throws(Refusal) {
    try place.prepareRuntimeFolder()
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw Refusal(.system, "cannot make a pipe: \(systemText(errno))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    let status = spawn(readyEnd: ends[1])
    close(ends[1])
    if status != 0 {
      throw Refusal(
        .system, "cannot start \(EngineStart.program): \(systemText(status))",
        advice: "Install coffer and coffer-engine in the same folder.")
    }
    try EngineStart.awaitReady(ends[0])
  }

  /// The engine's program: beside the running one.
  public static var program: String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard length > 0 else { return "coffer-engine" }
    let own = String(
      decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let slash = own.lastIndex(of: "/") else { return "coffer-engine" }
    return own[..<slash] + "/coffer-engine"
  }

  private func spawn(readyEnd: Int32) -> Int32 {
    var arguments = [
      EngineStart.program, "engine", "run", "--vault", place.vault, "--ready-descriptor", "3",
      "--runtime-folder", place.runtimeFolder, "--state-folder", place.stateFolder,
    ]
    if isOffline { arguments.append("--offline") }
    if isDemo { arguments.append("--demo") }
    var pointers = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return posix_spawn_detached(EngineStart.program, &pointers, readyEnd)
  }

  /// Reads the one line the engine sends: `ready`, or a refusal's sentence and advice.
  private static func awaitReady(_ descriptor: Int32) throws(Refusal) {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while text.count < 65536 {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { break }
      text.append(contentsOf: buffer[..<count])
    }
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    if lines.first == "ready" { return }
    throw Refusal(
      .system, lines.first ?? "the engine ended before it was ready",
      advice: lines.count > 1 ? lines[1] : "Run: coffer doctor")
  }
}
