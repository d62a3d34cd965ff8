import Glibc
public import Styles
public import VenueKit
import Venues

/// The adapters of a user.
public struct AdapterLibrary: Sendable {
  /// A folder that should be an adapter's, and what came of reading it.
  public struct Found: Sendable {
    /// The folder.
    public var folder: String
    /// The adapter, or why it is none.
    public var adapter: Result<InstalledAdapter, StyleProblem>
  }

  /// The most adapters; what is beyond is not looked at.
  public static let most = 32

  /// What was found, in the order of the folders and their names.
  public let found: [Found]

  /// Looks for adapters.
  ///
  /// Each folder in `$COFFER_ADAPTERS`, else in `adapters` of `$XDG_CONFIG_HOME/coffer`, and in
  /// `/etc/xdg/coffer/adapters` is one. Of equal ids the first counts.
  ///
  /// - Parameter environment: Looks a variable up.
  public init(environment: (String) -> String?) {
    var folders: [String] = []
    if let given = environment("COFFER_ADAPTERS"), !given.isEmpty {
      folders = [given]
    } else {
      let config =
        environment("XDG_CONFIG_HOME") ?? environment("HOME").map { $0 + "/.config" } ?? ""
      if config.hasPrefix("/") { folders.append(config + "/coffer/adapters") }
      folders.append("/etc/xdg/coffer/adapters")
    }
    var found: [Found] = []
    var ids: Set<String> = []
    for folder in folders {
      for name in AdapterLibrary.names(in: folder).prefix(AdapterLibrary.most - found.count) {
        let path = folder + "/" + name
        do throws(StyleProblem) {
          let adapter = try AdapterLibrary.adapter(at: path)
          guard ids.insert(adapter.manifest.id).inserted else {
            throw StyleProblem(
              file: path, message: "there is an adapter '\(adapter.manifest.id)' already")
          }
          found.append(Found(folder: path, adapter: .success(adapter)))
        } catch {
          found.append(Found(folder: path, adapter: .failure(error)))
        }
      }
    }
    self.found = found
  }

  /// Those that may be run.
  public var adapters: [InstalledAdapter] { found.compactMap { try? $0.adapter.get() } }

  /// The venues that are built in and those of the adapters.
  public var catalogue: VenueCatalogue { .builtIn.adding(adapters.map(\.venue)) }

  /// Reads one adapter.
  ///
  /// - Parameter path: Its folder.
  /// - Returns: The adapter.
  /// - Throws: What is wrong with its manifest, its program or the rights of its files.
  public static func adapter(at path: String) throws(StyleProblem) -> InstalledAdapter {
    let folder = try FolderTrust.check(folder: path)
    let adapter = try ManifestFile.adapter(in: folder)
    try FolderTrust.check(file: adapter.program)
    guard access(adapter.program, X_OK) == 0 else {
      throw StyleProblem(file: adapter.program, message: "cannot be run (remedy: chmod u+x)")
    }
    return adapter
  }

  private static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream), names.count < 1_000 {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      if access("\(folder)/\(name)/\(ManifestFile.name)", F_OK) == 0 { names.append(name) }
    }
    return names.sorted()
  }
}
