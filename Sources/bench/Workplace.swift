import Cipher
import Foundation
import Glibc
import Ledger
import Link
import Vault

/// A temporary folder with a vault's place in it; removed when it is let go, unless it is kept.
final class Workplace {
  let path: String
  private let isKept: Bool

  /// Makes a folder, or takes one that is kept from run to run.
  init(keeping folder: String? = nil) throws {
    isKept = folder != nil
    path =
      EnginePlace.absolute(
        folder ?? FileManager.default.temporaryDirectory.path + "/coffer-bench-\(getpid())")
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    for name in ["run", "state"] {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(name)", withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    }
  }

  deinit {
    if !isKept { FolderTree.remove(path) }
  }

  var place: EnginePlace {
    EnginePlace(
      vault: path + "/vault", runtimeFolder: path + "/run", stateFolder: path + "/state")
  }

  var hasVault: Bool { FileManager.default.fileExists(atPath: place.vault + "/slots") }

  /// What opens the vaults made here.
  static let passphrase = Array("a passphrase to measure with".utf8)

  /// Makes a vault; its key derivation costs next to nothing, so that it is in no figure.
  func makeVault() throws {
    var options = Vault.Options(anchorFolder: place.anchors)
    options.cost = .forTests()
    var bytes = Workplace.passphrase
    let author = Attribution(uid: getuid(), user: "bench", time: Instant(seconds: 1_700_000_000))
    let (vault, _) = try Vault.create(
      at: place.vault, passphrase: try SecretBytes(consuming: &bytes), options: options, by: author)
    try vault.close()
  }

  /// Drops what the system keeps of a file, so that it is read from the disk.
  static func evict(_ path: String) {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return }
    defer { close(file) }
    fsync(file)
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
  }
}
