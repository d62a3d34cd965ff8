import Glibc

/// Folders that were made for one purpose and go with it.
public enum FolderTree {
  /// Removes a folder and everything in it; links are removed, not followed.
  ///
  /// - Parameter path: The folder; what is not there or cannot be removed is left.
  public static func remove(_ path: String) {
    remove(path, depth: 0)
  }

  /// No folder of ours is deeper.
  private static let mostDepth = 8

  private static func remove(_ path: String, depth: Int) {
    if depth > mostDepth { return }
    for name in names(in: path) {
      let child = "\(path)/\(name)"
      if unlink(child) != 0 { remove(child, depth: depth + 1) }
    }
    rmdir(path)
  }

  private static func names(in path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }
}
