/// Where themes and keymaps are looked for.
public struct StyleFolders: Sendable {
  /// The folders of themes, the user's own first.
  public let themes: [String]
  /// The folders of keymaps, the user's own first.
  public let keymaps: [String]
  /// The user's settings file; it need not exist.
  public let settings: String

  /// Makes the folders that the environment means.
  ///
  /// The user's own are `themes` and `keymaps` in `$XDG_CONFIG_HOME/coffer`; then those of the
  /// system in `/etc/xdg/coffer`; then the shipped ones, in `share/coffer` beside the program's
  /// folder or, in a source tree, above it. The settings are `settings.toml` beside the user's own.
  ///
  /// - Parameters:
  ///   - program: The path of the running program.
  ///   - environment: Looks a variable up.
  public init(program: String, environment: (String) -> String?) {
    let config =
      environment("XDG_CONFIG_HOME") ?? (environment("HOME").map { $0 + "/.config" } ?? "/")
    settings = "\(config)/coffer/settings.toml"
    var parents: [String] = []
    var rest = program.split(separator: "/").dropLast()
    while !rest.isEmpty && parents.count < 5 {
      parents.append("/" + rest.joined(separator: "/"))
      rest = rest.dropLast()
    }
    let shared = parents.dropFirst().prefix(1).map { $0 + "/share/coffer" }
    let shipped = shared + parents
    themes =
      ["\(config)/coffer/themes", "/etc/xdg/coffer/themes"] + shipped.map { $0 + "/Themes" }
    keymaps =
      ["\(config)/coffer/keymaps", "/etc/xdg/coffer/keymaps"] + shipped.map { $0 + "/Keymaps" }
  }
}
