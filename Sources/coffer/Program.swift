import CPosix
import Glibc
import Link
import Screens
import Terminal
import Wire

/// The full-screen client: small, so that it is there at once.
///
/// It understands its own options and hands every other command to `coffer-engine`.
@main
enum Program {
  static func main() {
    umask(0o077)
    // A passphrase may be typed into the client as well.
    _ = posix_harden()
    guard let options = ClientOptions(CommandLine.arguments.dropFirst()) else { handOver() }
    let status: Int32
    do {
      status = try run(options)
    } catch {
      complain(error)
      status = error.code == .usage ? 2 : 1
    }
    exit(status)
  }

  private static func run(_ options: ClientOptions) throws(Refusal) -> Int32 {
    if let fault = options.fault {
      throw Refusal(.usage, fault, advice: "See: coffer open --help")
    }
    if options.isDemo {
      let folder = try DemoFolder()
      defer { folder.remove() }
      return try show(options, start: EngineStart(place: folder.place, isDemo: true))
    }
    let place = EnginePlace.standard(vault: options.vault)
    if access(place.vault, F_OK) != 0 {
      guard !options.isPlain, FirstRun.canAsk else {
        throw Refusal(
          .notFound, "there is no vault at \(place.vault)",
          advice: "Make one: coffer init. Or look around first: coffer demo")
      }
      switch try FirstRun(place).ask() {
      case .vault: break
      case .demo:
        var options = options
        options.isDemo = true
        return try run(options)
      case .leave: return 0
      }
    }
    return try show(options, start: EngineStart(place: place, isOffline: options.isOffline))
  }

  private static func show(_ options: ClientOptions, start: EngineStart) throws(Refusal) -> Int32 {
    let isTerminal = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0
    if !options.isPlain, !isTerminal {
      throw Refusal(
        .usage, "the full-screen view needs a terminal",
        advice: "In lines: coffer --plain. For scripts: coffer positions --json")
    }
    let connection = try EngineConnection.attachStarting(start, isReadOnly: options.isReadOnly)
    if options.isPlain { return PlainClient(options, start, connection).run() }
    let client = try Client(options, start, connection)
    return client.run()
  }

  /// Becomes the program of all other commands, with the same arguments.
  private static func handOver() -> Never {
    let program = EngineStart.program
    var pointers = ([program] + CommandLine.arguments.dropFirst()).map { strdup($0) } + [nil]
    execv(program, &pointers)
    complain(
      Refusal(
        .system, "cannot run \(program): \(systemText(errno))",
        advice: "Install coffer and coffer-engine in the same folder."))
    exit(1)
  }

  /// Prints what went wrong and what to do, without anything a terminal would act on.
  static func complain(_ refusal: Refusal) {
    let lines = [refusal.message, refusal.advice].filter { !$0.isEmpty }
    for (index, line) in lines.enumerated() {
      let clean = line.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
      var text = index == 0 ? "coffer: " : "  "
      text.unicodeScalars.append(contentsOf: clean)
      let bytes = Array((text + "\n").utf8)
      _ = write(STDERR_FILENO, bytes, bytes.count)
    }
  }
}
