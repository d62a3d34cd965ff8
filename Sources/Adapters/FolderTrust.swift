import Glibc
import Styles

/// Refuses what somebody else than the user or root could have written.
enum FolderTrust {
  /// The most files of an adapter's folder.
  static let mostFiles = 2_000

  /// Checks a folder with all that is in it and all that is above it.
  ///
  /// - Parameter path: The folder.
  /// - Returns: Its path without symbolic links.
  /// - Throws: A problem with the first file that is not to be trusted.
  static func check(folder path: String) throws(StyleProblem) -> String {
    guard let resolved = realpath(path, nil) else {
      throw StyleProblem(file: path, message: "cannot be found: \(systemText(errno))")
    }
    defer { free(resolved) }
    let real = String(cString: resolved)
    var above = real.split(separator: "/").dropLast()
    try check(real, isAbove: false)
    while !above.isEmpty {
      try check("/" + above.joined(separator: "/"), isAbove: true)
      above = above.dropLast()
    }
    var left = mostFiles
    try checkContents(of: real, &left, depth: 0)
    return real
  }

  /// Checks that something is a plain file; that it is trusted the folder's check has found.
  static func check(file path: String) throws(StyleProblem) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else {
      throw StyleProblem(file: path, message: "cannot be found: \(systemText(errno))")
    }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw StyleProblem(file: path, message: "is not a plain file")
    }
  }

  private static func check(_ path: String, isAbove: Bool) throws(StyleProblem) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else {
      throw StyleProblem(file: path, message: "cannot be found: \(systemText(errno))")
    }
    guard facts.st_uid == geteuid() || facts.st_uid == 0 else {
      throw StyleProblem(file: path, message: "belongs to another user")
    }
    // In a folder such as /tmp others may make files but not replace ours.
    let isSticky = isAbove && facts.st_mode & S_ISVTX != 0
    guard facts.st_mode & 0o022 == 0 || isSticky else {
      throw StyleProblem(
        file: path, message: "may be written by others (remedy: chmod go-w)")
    }
  }

  private static func checkContents(
    of folder: String, _ left: inout Int, depth: Int
  ) throws(StyleProblem) {
    guard depth < 16, let stream = opendir(folder) else {
      throw StyleProblem(file: folder, message: "cannot be read")
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      left -= 1
      guard left >= 0 else {
        throw StyleProblem(file: folder, message: "holds more than \(mostFiles) files")
      }
      let path = folder + "/" + name
      var facts = stat()
      guard lstat(path, &facts) == 0 else { continue }
      let kind = facts.st_mode & S_IFMT
      if kind == S_IFLNK {
        throw StyleProblem(file: path, message: "is a symbolic link; an adapter has its own files")
      }
      try check(path, isAbove: false)
      if kind == S_IFDIR { try checkContents(of: path, &left, depth: depth + 1) }
    }
  }
}

/// The system's words for an error number.
func systemText(_ code: Int32) -> String { String(cString: strerror(code)) }
