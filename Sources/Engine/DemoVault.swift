import Amounts
import Cipher
import Glibc
import Ledger
import Link
import Simulator
import Vault
import Wire

/// The demonstration's vault: made anew in a temporary folder, opened with a secret nobody knows.
enum DemoVault {
  static func make(_ place: EnginePlace, now: Instant) throws -> Vault {
    let author = Attribution(uid: getuid(), user: "demo", time: now)
    var options = Vault.Options(anchorFolder: nil)
    // A random passphrase of 256 bits needs no slow derivation, and a demonstration no wait.
    options.cost = .forTests()
    let (vault, _) = try Vault.create(
      at: place.vault, passphrase: try SecretBytes(randomCount: 32), label: "demonstration",
      options: options, by: author)
    let book = DemoBook()
    let entries = book.facts.map { fact in
      let identity = EntryIdentity.venue(
        account: fact.legs[0].account, kind: fact.kind, reference: fact.reference)
      return NewEntry(
        identity: identity.canonicalBytes, time: fact.time, kind: fact.kind, legs: fact.legs,
        details: EntryDetails(reference: fact.reference))
    }
    _ = try vault.append(Batch(entries: entries, accounts: book.accounts), by: author)
    return vault
  }

  /// Removes everything of the demonstration; its folder was made for it alone.
  static func remove(_ place: EnginePlace) {
    let parent = place.vault.split(separator: "/").dropLast().joined(separator: "/")
    guard parent.split(separator: "/").last?.hasPrefix("coffer-demo-") ?? false else { return }
    FolderTree.remove("/" + parent)
  }
}
