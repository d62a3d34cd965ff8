import CPosix
import Glibc
public import Wire

/// Where things of one vault are: its folder, the engine's socket, log and anchors.
public struct EnginePlace: Hashable, Sendable {
  /// The vault's folder, absolute.
  public let vault: String
  /// The folder of the socket: 0700, the user's own.
  public let runtimeFolder: String
  /// Where logs and anchors go.
  public let stateFolder: String

  /// Makes a place from absolute paths.
  public init(vault: String, runtimeFolder: String, stateFolder: String) {
    self.vault = vault
    self.runtimeFolder = runtimeFolder
    self.stateFolder = stateFolder
  }

  /// Makes the place that the environment means.
  ///
  /// The vault is the one named, else `$COFFER_VAULT`, else `$XDG_DATA_HOME/coffer/main`. Sockets lie
  /// in `$XDG_RUNTIME_DIR/coffer`, else `/tmp/coffer-UID`; logs and anchors in
  /// `$XDG_STATE_HOME/coffer` (XDG Base Directory Specification 0.8,
  /// https://specifications.freedesktop.org/basedir-spec/).
  ///
  /// - Parameters:
  ///   - named: The vault's folder as the user typed it, or `nil`.
  ///   - environment: Looks a variable up.
  /// - Returns: The place; nothing is created or checked.
  public static func standard(
    vault named: String?, environment: (String) -> String? = EnginePlace.environment
  ) -> EnginePlace {
    let home = environment("HOME") ?? "/"
    let data = environment("XDG_DATA_HOME") ?? home + "/.local/share"
    let state = environment("XDG_STATE_HOME") ?? home + "/.local/state"
    let runtime = environment("XDG_RUNTIME_DIR").map { $0 + "/coffer" } ?? "/tmp/coffer-\(getuid())"
    let vault = named ?? environment("COFFER_VAULT") ?? data + "/coffer/main"
    return EnginePlace(
      vault: absolute(vault), runtimeFolder: runtime, stateFolder: state + "/coffer")
  }

  /// A variable of the process's environment; an empty one counts as absent.
  public static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  /// The vault's short name: the last part of its folder's path.
  public var name: String { String(vault.split(separator: "/").last ?? "vault") }

  /// The engine's socket; its name tells vaults of one name in different folders apart.
  public var socket: String { "\(runtimeFolder)/\(name.prefix(32))-\(fingerprint).sock" }

  /// The engine's log.
  public var log: String { "\(stateFolder)/\(name.prefix(32))-\(fingerprint).log" }

  /// Where anchors against rolled-back vaults lie.
  public var anchors: String { stateFolder + "/anchors" }

  /// Eight digits that follow from the vault's path (FNV-1a, 32 bit,
  /// https://datatracker.ietf.org/doc/html/draft-eastlake-fnv).
  private var fingerprint: String {
    var hash: UInt32 = 2_166_136_261
    for byte in vault.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// The path from the root, without `.`, `..` and doubled slashes.
  public static func absolute(_ path: String) -> String {
    var parts: [Substring] = []
    var whole = path
    if path == "~" || path.hasPrefix("~/"), let home = environment("HOME") {
      whole = home + path.dropFirst(1)
    }
    if !whole.hasPrefix("/") { whole = workingFolder + "/" + whole }
    for part in whole.split(separator: "/") {
      switch part {
      case ".": continue
      case "..": if !parts.isEmpty { parts.removeLast() }
      default: parts.append(part)
      }
    }
    return "/" + parts.joined(separator: "/")
  }

  private static var workingFolder: String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
  }
}

extension EnginePlace {
  /// Makes the socket's folder, or checks that the one there is the user's own and closed to others.
  ///
  /// - Throws: A refusal that names the folder and what to do.
  public func prepareRuntimeFolder() throws(Refusal) {
    let path = runtimeFolder
    if mkdir(path, 0o700) != 0 && errno != EEXIST {
      throw Refusal(
        .system, "cannot make the folder \(path): \(systemText(errno))",
        advice: "Set XDG_RUNTIME_DIR to a folder of your own.")
    }
    var facts = stat()
    guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR, facts.st_uid == geteuid()
    else {
      throw Refusal(
        .forbidden, "\(path) is not a folder of yours",
        advice: "Remove it, or set XDG_RUNTIME_DIR to a folder of your own.")
    }
    if facts.st_mode & 0o077 != 0 {
      throw Refusal(
        .forbidden, "others may enter \(path)", advice: "Run: chmod 700 \(path)")
    }
  }
}

/// What the system says about an error number.
public func systemText(_ code: Int32) -> String {
  guard let text = strerror(code) else { return "error \(code)" }
  return String(cString: text)
}
