import Synchronization

/// The key of one registered path, shared by every connection to it.
final class KeyEntry: Sendable {
  /// Whether some page has passed its check under this key.
  ///
  /// Until then a page that does not pass means a wrong key; afterwards it means damage.
  var isVerified: Bool { hasVerified.load(ordering: .relaxed) }
  private let hasVerified = Atomic<Bool>(false)

  private struct Held {
    var key: DatabaseKey?
    var derived: [PageKeys] = []
  }
  private let held: Mutex<Held>

  /// A path has one salt; a copy made under the same name by another program may bring a second.
  private static let saltLimit = 4

  /// Whether SQLite may choose the geometry of the file while it is empty.
  let isCopyTarget: Bool

  init(_ key: DatabaseKey, isCopyTarget: Bool) {
    self.isCopyTarget = isCopyTarget
    held = Mutex(Held(key: key))
  }

  /// A codec for a file with `salt`, nil when the key is gone or libcrypto failed.
  func codec(salt: [UInt8]) -> PageCodec? {
    let keys = held.withLock { held -> PageKeys? in
      if let known = held.derived.first(where: { $0.salt == salt }) { return known }
      guard let key = held.key, let fresh = try? PageKeys(key, salt: salt) else { return nil }
      held.derived.append(fresh)
      if held.derived.count > Self.saltLimit { held.derived.removeFirst() }
      return fresh
    }
    return keys.flatMap { try? PageCodec($0) }
  }

  /// The salt the key prescribes for a new file.
  var fixedSalt: [UInt8]? { held.withLock { $0.key?.fixedSalt } }

  /// Whether the entry was made with the same key.
  func holds(_ key: DatabaseKey) -> Bool {
    held.withLock { held in
      guard let known = held.key else { return false }
      return known.form == key.form && known.bytes.matches(key.bytes)
    }
  }

  /// Lets go of the key and everything derived from it; the memory is wiped with the last user.
  func forget() {
    held.withLock { $0 = Held(key: nil) }
  }

  /// What SQLite is told about a page that does not pass its check.
  var damageCode: Int32 {
    isVerified ? ResultCode.damaged : ResultCode.notADatabase
  }

  /// Remembers that the key is right.
  @inline(__always) func markVerified() {
    if !isVerified { hasVerified.store(true, ordering: .relaxed) }
  }
}

/// Which keys belong to which paths.
///
/// Paths are those SQLite's VFS makes of names.
final class KeyRegistry: Sendable {
  private let entries = Mutex<[String: KeyEntry]>([:])

  func entry(_ path: String) -> KeyEntry? {
    entries.withLock { $0[path] }
  }

  func register(_ key: DatabaseKey, _ path: String, isCopyTarget: Bool) {
    let old = entries.withLock { entries -> KeyEntry? in
      if let known = entries[path], known.isCopyTarget == isCopyTarget, known.holds(key) {
        return nil
      }
      return entries.updateValue(KeyEntry(key, isCopyTarget: isCopyTarget), forKey: path)
    }
    old?.forget()
  }

  func unregister(_ path: String) {
    let old = entries.withLock { $0.removeValue(forKey: path) }
    old?.forget()
  }
}
