/// Every format that files are recognised by.
public enum Registry {
  /// All formats, in order of their ids.
  public static let all: [ImportFormat] = (core + venues + trackers).sorted { $0.id < $1.id }

  /// The format of an id.
  public static func format(_ id: String) -> ImportFormat? { all.first { $0.id == id } }
}
