import CPosix
import Glibc
import Link
import Logging
public import Wire

/// The engine as a process: hardened, alone for its vault, logging to a file.
public enum EngineProcess {
  /// Runs an engine until it is told to end.
  ///
  /// - Parameters:
  ///   - readyDescriptor: Told `ready`, or what is wrong, and closed; `nil` where nobody waits.
  ///   - make: Gives the vault, its paths and the mode, or says why there are none.
  /// - Throws: A refusal where it cannot start.
  public static func run(
    readyDescriptor: Int32?, options make: () throws(Wire.Refusal) -> EngineOptions
  ) throws(Wire.Refusal) {
    umask(0o077)
    let isHardened = posix_harden() == 0
    do {
      let options = try make()
      try options.place.prepareRuntimeFolder()
      guard let lock = try takeLock(options.place) else {
        // Another engine was quicker: whoever started this one attaches to that.
        tell("ready", readyDescriptor)
        return
      }
      defer { close(lock) }
      let log = try logger(options.place)
      if !isHardened { log.warning("the system did not take all process limits") }
      let loop = try EngineLoop(options, log: log)
      tell("ready", readyDescriptor)
      loop.run()
    } catch {
      tell("\(error.message)\n\(error.advice)", readyDescriptor)
      throw error
    }
  }

  /// The lock that makes an engine the only one of its vault; `nil` where another has it.
  private static func takeLock(_ place: EnginePlace) throws(Refusal) -> Int32? {
    let path = place.socket + ".lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw Refusal(.system, "cannot open \(path): \(systemText(errno))")
    }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
    close(descriptor)
    return nil
  }

  private static func logger(_ place: EnginePlace) throws(Refusal) -> Logger {
    try makeFolders(place.stateFolder)
    let file = try LogFile(path: place.log)
    var logger = Logger(label: "engine") { _ in FileLogHandler(file: file) }
    logger.logLevel = .info
    return logger
  }

  /// Makes a folder and those above it, closed to others.
  static func makeFolders(_ path: String) throws(Refusal) {
    var made = ""
    for part in path.split(separator: "/") {
      made += "/" + part
      if mkdir(made, 0o700) == 0 || errno == EEXIST { continue }
      // Above a mount others' folders may not be looked at, but are there.
      let text = systemText(errno)
      if access(made, F_OK) != 0 {
        throw Refusal(.system, "cannot make the folder \(made): \(text)")
      }
    }
  }

  private static func tell(_ text: String, _ descriptor: Int32?) {
    guard let descriptor else { return }
    let bytes = Array((text + "\n").utf8)
    _ = write(descriptor, bytes, bytes.count)
    close(descriptor)
  }
}
